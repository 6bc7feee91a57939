"""Readings that a person has to confirm: how each is put, and what follows from what they pick.

Not for: deciding that something is doubtful (readings.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date

from conversation import readings
from conversation.progress import Doubt
from conversation.questions import Accept, Again, End, Prompt, Reading, Unsure, View
from conversation.refusals import refusal_of
from conversation.say import N_
from conversation.words import meanings, normal
from domain.nik import Nik
from domain.region import Village

_LISTED = 7
_ALL = frozenset({"semua", "semuanya", "hapus semua", "samua"})
_RECEIPT_DIGITS = 8


def put_doubt(doubt: Doubt, view: View) -> Prompt:
    """The question about the reading."""
    return _PUT[doubt.kind](doubt, view)


def settle(doubt: Doubt, picked: str, view: View) -> Reading | None:
    """What follows from the value or text picked; None when it is no answer to this doubt."""
    return _SETTLE[doubt.kind](doubt, picked, view)


def _yes_no(view: View) -> tuple[tuple[str, str], ...]:
    return (("yes", view.say("Yes")), ("no", view.say("No")))


def _values(doubt: Doubt) -> dict[str, str | None]:
    loaded: dict[str, str | None] = json.loads(doubt.value)
    return loaded


def _yes(text: str) -> bool:
    return bool({"yes", "done"} & meanings(text))


def _no(text: str) -> bool:
    return bool({"no", "wrong", "cancel"} & meanings(text))


def _put_confirm(doubt: Doubt, view: View) -> Prompt:
    value = next(v for v in _values(doubt).values() if v)
    return Prompt(view.say("Is **{value}** right? Reply **YA** or **TIDAK**.", value=value), _yes_no(view))


def _settle_confirm(doubt: Doubt, picked: str, view: View) -> Reading | None:
    if _yes(picked):
        return Accept(_values(doubt))
    return Again() if _no(picked) else None


def _put_nik(doubt: Doubt, view: View) -> Prompt:
    facts = json.loads(doubt.value)
    facts.pop("digits")
    code = facts.pop("code")
    return Prompt(refusal_of(code, view.say, **facts), (("sudah sama", view.say("It is the same")),))


def _settle_nik(doubt: Doubt, picked: str, view: View) -> Reading | None:
    if normal(picked) in {"sudah sama", "sama", "su sama", "sdh sama"} or _yes(picked):
        digits = json.loads(doubt.value)["digits"]
        return readings.nik_taken(Nik.take_unusual(digits), view)
    return Again() if _no(picked) else None


def _put_birth(doubt: Doubt, view: View) -> Prompt:
    stated, in_nik = (label for _, label in doubt.options)
    return Prompt(
        view.say(
            "The birth date written is **{stated}**. The KTP number says **{in_nik}**. Which one stands on the KTP?",
            stated=stated,
            in_nik=in_nik,
        ),
        doubt.options,
        listed=True,
    )


def _settle_birth(doubt: Doubt, picked: str, view: View) -> Reading | None:
    if picked in {value for value, _ in doubt.options}:
        return readings.birth_settled(picked, _values(doubt), view)
    return None


def _put_over_age(doubt: Doubt, view: View) -> Prompt:
    return Prompt(
        view.say(
            "New registrations are for people **under {limit}**. You may send it all the same; an officer decides."
            " Shall we go on? Reply **YA** or **TIDAK**.",
            limit=view.rules.max_age_exclusive,
        ),
        _yes_no(view),
    )


def _put_under_age(doubt: Doubt, view: View) -> Prompt:
    born = date.fromisoformat(_values(doubt)["birth_date"] or "")
    return Prompt(
        view.say(
            "Whoever is born on **{day}** is under {least} years old. Is this date right? Reply **YA** or **TIDAK**.",
            day=view.say.date(born),
            least=view.rules.min_age,
        ),
        _yes_no(view),
    )


def _settle_under_age(doubt: Doubt, picked: str, view: View) -> Reading | None:
    if _yes(picked):
        return End("too_young")
    return Again() if _no(picked) else None


def _put_out_of_area(doubt: Doubt, view: View) -> Prompt:
    return Prompt(
        view.say(
            "This programme is for people who live in **{city}**. You may send it all the same; an officer decides."
            " Shall we go on? Reply **YA** or **TIDAK**.",
            city=view.city,
        ),
        _yes_no(view),
    )


def _settle_or_decline(doubt: Doubt, picked: str, view: View) -> Reading | None:
    if _yes(picked):
        noted = ("birth_date", "gender") if "nik" in _values(doubt) else ()
        return Accept(_values(doubt), noted)
    return End("declined") if _no(picked) else None


def _settle_out_of_area(doubt: Doubt, picked: str, view: View) -> Reading | None:
    """A no means: I do live here after all."""
    if _yes(picked):
        return Accept(_values(doubt))
    return Again() if _no(picked) else None


def _put_village(doubt: Doubt, view: View) -> Prompt:
    one = sum(view.places.village(value) is not None for value, _ in doubt.options) == 1
    text = view.say("Is it this place? Reply with the number.")
    if not one:
        text = view.say("Which of these places is it? Reply with the number.")
    return Prompt(text, doubt.options, listed=True)


def _settle_village(doubt: Doubt, picked: str, view: View) -> Reading | None:
    if picked == readings.OUTSIDE:
        return readings.village_outside()
    if picked == "again" or _no(picked):
        return Again()
    if _yes(picked) and len(only := [value for value, _ in doubt.options if view.places.village(value)]) == 1:
        picked = only[0]
    if picked == "more":
        page = json.loads(doubt.value)
        found = [view.places.village(code) for code in page["codes"]]
        villages: tuple[Village, ...] = tuple(v for v in found if v)
        return readings.choose_village(villages, view, at=page["at"] + 5)
    if view.places.village(picked):
        return Accept({"village": picked, "outside_village": None})
    return None


def _put_village_unknown(doubt: Doubt, view: View) -> Prompt:
    return Prompt(
        view.say(
            "We do not find this name in {city}. Please type the name of the village again, or that of the kecamatan.",
            city=view.city,
        ),
        (
            ("again", view.say("Type it again")),
            (readings.OUTSIDE, view.say("Outside {city}", city=view.city)),
        ),
        listed=True,
    )


def _put_occupation(doubt: Doubt, view: View) -> Prompt:
    return Prompt(view.say("Which of these fits best? Reply with the number."), doubt.options, listed=True)


def _settle_occupation(doubt: Doubt, picked: str, view: View) -> Reading | None:
    if picked == "own":
        return Accept(_values(doubt))
    if picked in {value for value, _ in doubt.options}:
        return Accept({"occupation": picked, "occupation_words": None})
    return None


def _put_occupation_other(doubt: Doubt, view: View) -> Prompt:
    return Prompt(view.say("What is your work? Just write it.\nExample: penjahit jaring"))


def _settle_occupation_other(doubt: Doubt, picked: str, view: View) -> Reading | None:
    return readings.occupation_in_words(picked, view)


def _put_flaws(doubt: Doubt, view: View) -> Prompt:
    return Prompt(
        view.say("This photo is still hard to read. Reply **YA** to use this photo, or send another one."),
        (("ya", view.say("Use this one")), ("tidak", view.say("Take it again"))),
    )


def _put_cancel(doubt: Doubt, view: View) -> Prompt:
    return Prompt(
        view.say("Stop the registration? All answers are erased then. Reply **YA** or **TIDAK**."),
        _yes_no(view),
    )


def _settle_cancel(doubt: Doubt, picked: str, view: View) -> Reading | None:
    # "Seng jadi" and "tidak jadi" stop a form elsewhere; here they take the wish to stop back, and what is erased
    # does not return.
    if {"no", "wrong"} & meanings(picked) or normal(picked).endswith(" jadi"):
        return Again()
    return End("cancelled") if _yes(picked) or "cancel" in meanings(picked) else None


def _put_stop(doubt: Doubt, view: View) -> Prompt:
    return Prompt(
        view.say("What shall be stopped? Reply with the number."),
        (
            ("form", view.say("This registration")),
            ("notices", view.say("Invitations and announcements")),
            ("none", view.say("Nothing, go on")),
        ),
        listed=True,
    )


def _settle_stop(doubt: Doubt, picked: str, view: View) -> Reading | None:
    if picked == "form":
        return Unsure(Doubt("cancel"))
    if picked == "notices" or {"events", "announcements"} & meanings(picked):
        return End("stop_notices")
    return Again() if picked == "none" or _no(picked) else None


def _put_question(doubt: Doubt, view: View) -> Prompt:
    return Prompt(view.say("Which of these? Reply with the number, or KEMBALI."), doubt.options, listed=True)


def _settle_question(doubt: Doubt, picked: str, view: View) -> Reading | None:
    return Accept(detour=(picked,)) if picked in {value for value, _ in doubt.options} else None


def _put_enquiry(doubt: Doubt, view: View) -> Prompt:
    return Prompt(
        view.say("Do you want to ask the officer? Write the question now, in one message. If not, reply **TIDAK**."),
        (("tidak", view.say("Go on with the form")),),
    )


def _settle_enquiry(doubt: Doubt, picked: str, view: View) -> Reading | None:
    return Again()


WHICH: Mapping[str, str] = {
    "change": N_("Which registration shall be **changed**? Reply with the number. To stop, reply BATAL."),
    "cancel": N_("Which registration shall be **cancelled**? Reply with the number. To stop, reply BATAL."),
    "erase": N_("Which registration shall be **erased**? Reply with the number. To stop, reply BATAL."),
    "comes": N_("There are several meetings. To which one do you **come**? Reply with the number."),
    "declines": N_("There are several meetings. To which one can you **not come**? Reply with the number."),
}


def _put_which(doubt: Doubt, view: View) -> Prompt:
    """Which of several registrations or meetings; the doubt's value says for what."""
    options = doubt.options
    last: tuple[tuple[str, str], ...] = ()
    if doubt.value == "erase":
        last = (("all", view.say("All of them")),)
    if len(options) + len(last) > _LISTED:
        last = (("more", view.say("Another one (write its receipt number)")), *last)
        options = options[: _LISTED - len(last)]
    options = (*options, *last)
    return Prompt(view.say(WHICH[doubt.value]), options, listed=True)


def _settle_which(doubt: Doubt, picked: str, view: View) -> Reading | None:
    if picked == "more":
        return Unsure(doubt)
    if doubt.value == "erase" and (picked == "all" or normal(picked) in _ALL or "erase" in meanings(picked)):
        return Accept({"which": "all"})
    digits = re.sub(r"\D", "", picked)
    for value, label in doubt.options:
        # A leader of a group has more people on one phone than a list may have lines; then the receipt is written.
        if value == picked or (len(digits) == _RECEIPT_DIGITS and digits == re.sub(r"\D", "", label)):
            return Accept({"which": value})
    return End("kept") if _no(picked) else None


_PUT: dict[str, Callable[[Doubt, View], Prompt]] = {
    "confirm": _put_confirm,
    "nik_unusual": _put_nik,
    "birth_mismatch": _put_birth,
    "over_age": _put_over_age,
    "under_age": _put_under_age,
    "out_of_area": _put_out_of_area,
    "village": _put_village,
    "village_unknown": _put_village_unknown,
    "occupation": _put_occupation,
    "occupation_other": _put_occupation_other,
    "photo_flaws": _put_flaws,
    "cancel": _put_cancel,
    "stop": _put_stop,
    "choose_question": _put_question,
    "which": _put_which,
    "enquiry": _put_enquiry,
}
_SETTLE: dict[str, Callable[[Doubt, str, View], Reading | None]] = {
    "confirm": _settle_confirm,
    "nik_unusual": _settle_nik,
    "birth_mismatch": _settle_birth,
    "over_age": _settle_or_decline,
    "under_age": _settle_under_age,
    "out_of_area": _settle_out_of_area,
    "village": _settle_village,
    "village_unknown": _settle_village,
    "occupation": _settle_occupation,
    "occupation_other": _settle_occupation_other,
    "photo_flaws": _settle_confirm,
    "cancel": _settle_cancel,
    "stop": _settle_stop,
    "choose_question": _settle_question,
    "which": _settle_which,
    "enquiry": _settle_enquiry,
}
