"""What officers call decisions and reasons: short labels for cards, lists and choices.

Not for: what a worker is told about them (handlers/outcome.py) or the states (handlers/status.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from conversation.say import N_, Say
from domain.registration import Decided

DECIDED: dict[Decided, str] = {
    Decided.APPROVE: N_("Approve"),
    Decided.CORRECT: N_("Ask to correct"),
    Decided.REJECT: N_("Reject"),
}

REASONS: dict[str, str] = {
    "photo_blurred": N_("Photo is blurred"),
    "photo_incomplete": N_("Photo is cut off"),
    "photo_wrong": N_("Photo is not their KTP"),
    "name_mismatch": N_("Name differs from the KTP"),
    "nik_mismatch": N_("NIK differs from the KTP"),
    "nik_not_found": N_("NIK is not known to Dukcapil"),
    "birthdate_mismatch": N_("Birth date differs from the KTP"),
    "address_unclear": N_("Address is unclear"),
    "occupation_unclear": N_("Work is unclear"),
    "phone_unreachable": N_("Phone cannot be reached"),
    "evidence_missing": N_("A letter is missing"),
    "photo_missing": N_("Photo of the KTP is missing"),
    "out_of_area": N_("Outside the area"),
    "already_participant": N_("Is a member already"),
    "age_over_limit": N_("Too old"),
    "age_under_limit": N_("Too young"),
    "civil_servant": N_("Civil servant, army or police"),
    "formal_employee": N_("Employed by a company"),
    "not_working": N_("Does not work"),
    "deceased": N_("Has died"),
    "duplicate": N_("Registered twice"),
    "no_consent": N_("Did not consent"),
    "false_data": N_("Data are not true"),
    "quota_rule": N_("Rule of the quota"),
}

VIEWS: dict[str, str] = {
    "card": N_("{name} saw the card"),
    "ktp": N_("{name} saw KTP and NIK"),
    "search": N_("{name} found it by searching"),
    "history": N_("{name} saw the history"),
}

CHATS: dict[str, str] = {
    "address_joined": N_("The worker goes on in another chat"),
    "address_join_undone": N_("The worker undid the connection to another chat"),
    "address_left": N_("The worker took another chat off"),
}


def reason_labels(codes: Sequence[str], say: Say) -> str:
    """The reasons in one line, without a full stop."""
    return ", ".join(say(REASONS[code]) if code in REASONS else code for code in codes)


def length(seconds: float, say: Say) -> str:
    """A length of time; "0 minutes" would be no answer."""
    return say.span(seconds) if seconds >= 60 else say("less than 1 minute")


def rupiah(amount: float, say: Say) -> str:
    """Rp16.800."""
    return f"Rp{say.number(round(amount))}"
