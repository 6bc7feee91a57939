"""What was answered, written out for the person: the summary before sending, and DATA SAYA.

Not for: the officer's card (handlers/card.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from conversation.questions import Form, View
from conversation.say import Say
from domain.nik import Nik
from domain.occupation import OTHER, occupation
from domain.phone import Phone
from domain.region import Places

OUTSIDE = "outside"


# Answers that a line below shows, alone or with others; the last two are for the office's hands.
_SHOWN = frozenset(
    {
        *("nik", "name", "birth_place", "birth_date", "gender", "village", "outside_village", "street"),
        *("occupation", "workplace", "phone", "photo", "heir", "evidence", "civil_registry"),
    }
)


# Answers that have no line of their own stand in that of another.
_LINES = {"birth_place": "birth_date", "gender": "birth_date", "outside_village": "village", "street": "village"}


def gender_word(code: str, say: Say) -> str:
    return {"L": say("man"), "P": say("woman")}.get(code, "-")


def occupation_words(answers: Mapping[str, str], say: Say) -> str:
    code = answers.get("occupation", "")
    if code == OTHER:
        return answers.get("occupation_words") or say("Other")
    known = occupation(code)
    return say(known.name_id) if known else "-"


def village_words(answers: Mapping[str, str], places: Places) -> str:
    """The village with its district; a place outside the area as it was written."""
    if answers.get("village") == OUTSIDE:
        return answers.get("outside_village", "-")
    found = places.village(answers.get("village", ""))
    return f"{found.label}, Kec. {found.district_name}" if found else "-"


def phone_words(number: str, say: Say) -> str:
    if number.startswith("+62"):
        return Phone(number, foreign=False).national
    return number if number.startswith("+") else say("none")


def lines(answers: Mapping[str, str], places: Places, say: Say, *, masked_phone: bool = False) -> list[str]:
    """One line per answer given, the NIK masked to its last two digits."""
    return [row for key, row in _rows(answers, places, say, masked_phone=masked_phone) if key in answers]


def line_of(key: str, answers: Mapping[str, str], places: Places, say: Say) -> str:
    """The line in which this answer stands."""
    return dict(_rows(answers, places, say))[_LINES.get(key, key)]


def _rows(
    answers: Mapping[str, str], places: Places, say: Say, *, masked_phone: bool = False
) -> tuple[tuple[str, str], ...]:
    born = answers.get("birth_date")
    birth = ", ".join(
        part
        for part in (
            answers.get("birth_place", ""),
            say.date(date.fromisoformat(born)) if born else "",
            gender_word(answers["gender"], say) if answers.get("gender") else "",
        )
        if part
    )
    address = ", ".join(part for part in (village_words(answers, places), answers.get("street", "")) if part)
    number = answers.get("phone", "")
    shown = f"**** **** **{number[-2:]}" if masked_phone and number.startswith("+") else phone_words(number, say)
    return (
        ("name", say("Name: {value}", value=answers.get("name", "-"))),
        ("nik", say("KTP number: {value}", value=Nik(answers["nik"]).masked if answers.get("nik") else "-")),
        ("birth_date", say("Born: {value}", value=birth or "-")),
        ("village", say("Address: {value}", value=address)),
        ("occupation", say("Work: {value}", value=occupation_words(answers, say))),
        ("workplace", say("Work place: {value}", value=answers.get("workplace") or "-")),
        ("phone", say("Phone: {value}", value=shown)),
        ("heir", say("Family: {value}", value=answers.get("heir") or say("left out"))),
        ("photo", say("Photo of the KTP: {value}", value=say("there") if answers.get("photo") else say("not yet"))),
    )


def other_lines(form: Form, answers: Mapping[str, str], say: Say) -> list[str]:
    """One line per answer that has no line of its own above: a new question is shown without being named here."""
    return [
        f"{say(question.label)}: {answers[question.key]}"
        for question in form.questions
        if question.label and question.key not in _SHOWN and answers.get(question.key)
    ]


def summary_text(view: View, form: Form) -> str:
    """Everything at once, to be confirmed before it is sent."""
    rows = "\n".join([*lines(view.answers, view.places, view.say), *other_lines(form, view.answers, view.say)])
    return "\n\n".join(
        (
            view.say("Please check, Bapak/Ibu:"),
            rows,
            view.say("Is all of it right? Reply **BENAR** to send, or **UBAH** to change something."),
        )
    )
