"""The small forms by which a registration goes on at another address: what is proved there, and how it is used then.

Not for: whether the proof is right, or what follows from it (handlers/joining.py).
"""

from __future__ import annotations

from conversation.questions import Accept, End, Form, Putter, Question, Reading, View
from conversation.say import N_
from conversation.words import clean, meanings
from domain.dates import parse_birth_date
from domain.errors import Invalid

_STOPS = frozenset({"no", "cancel", "back", "erase"})


def _receipt(text: str, view: View) -> Reading:
    """Any number is taken, so that nothing is told of whether there is one like it."""
    if _STOPS & meanings(text):
        return End("not_joined")
    if sum(sign.isdigit() for sign in text) < 4:
        raise Invalid("receipt_not_understood")
    return Accept({"receipt": text[:60]})


def _birth_date(text: str, view: View) -> Reading:
    if _STOPS & meanings(text):
        return End("not_joined")
    return Accept({"birth_date": parse_birth_date(clean(text), as_of=view.today).date.isoformat()})


def _how(text: str, view: View) -> Reading:
    found = meanings(text)
    if text in ("both", "only"):
        return Accept({"how": text})
    if {"yes", "done", "skip", "keep"} & found:
        return Accept({"how": "both"})
    if _STOPS & found:
        return End("not_joined")
    raise Invalid("choice_expected")


JOIN_RECEIPT = Form(
    "join_receipt",
    (
        Question(
            "receipt",
            "",
            Putter(
                N_(
                    "We go on here with the registration of the other chat. What is its **registration number**? It"
                    " stands in the other chat. To stop, reply BATAL.\nExample: AMB-2608-4731"
                )
            ),
            _receipt,
        ),
    ),
)
JOIN_BIRTH = Form(
    "join_birth",
    (
        Question(
            "birth_date",
            "",
            Putter(
                N_("What is the **birth date** of whoever is registered? To stop, reply BATAL.\nExample: 15-03-1985")
            ),
            _birth_date,
        ),
    ),
)
JOIN_HOW = Form(
    "join_how",
    (
        Question(
            "how",
            "",
            Putter(
                N_("It fits. Where do you want to go on? Reply with the number. To stop, reply BATAL.\nExample: 1"),
                ("both", N_("In both chats")),
                ("only", N_("Only here")),
                listed=True,
            ),
            _how,
        ),
    ),
)
ALL = (JOIN_RECEIPT, JOIN_BIRTH, JOIN_HOW)
