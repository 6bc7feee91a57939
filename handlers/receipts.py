"""Which case a command names: the receipt number as an officer types it.

Not for: whether the case is theirs (handlers/hold.py).
"""

from __future__ import annotations

import re

from domain.errors import Invalid
from domain.receipt import parse_receipt
from domain.registration import Registration
from handlers.sensitive import mentions_nik, own_message_must_go
from handlers.visit import Visit

_LIKE_A_RECEIPT = re.compile(r"[A-Za-z]{2,4}[ -]?[0-9][0-9 -]{2,11}|[0-9]{4}[ -]?[0-9]{4}")


def is_like_a_receipt(words: str) -> bool:
    """Whether somebody means a receipt number, right or with a slip in it."""
    return _LIKE_A_RECEIPT.fullmatch(words.strip()) is not None


def by_receipt(visit: Visit, words: str) -> Registration | str:
    """The case a command names by its receipt number; else a sentence saying what is wrong."""
    say, letters = visit.say, visit.office.letters
    if not words.strip():
        return say("Please add the receipt number. Example: {example}", example=f"{letters}-4829-1735")
    if mentions_nik(words):
        own_message_must_go(visit)
    try:
        receipt = parse_receipt(words, letters)
    except Invalid as slip:
        if slip.code == "receipt_check_digit":
            return say("A digit of this receipt number is wrong. Please compare it again.")
        return say("This is no receipt number. Example: {example}", example=f"{letters}-4829-1735")
    case = visit.tx.registrations.by_receipt(receipt)
    return case or say("There is no registration {receipt}.", receipt=receipt)
