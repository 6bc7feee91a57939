"""Prints the forms as a worker reads them, for the people who write the words.

Not for: recorded conversations (tests/conversations/) or running a form.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.texts import Voice
from conversation.forms import FORMS
from conversation.questions import Form, View
from conversation.refusals import SENTENCES
from domain.rules import Rules
from storage.areas import load_places

_AREA = "81.71"
# An invented person, so that the summary has something to show.
_ANSWERS = {
    "nik": "8171015507909902",
    "name": "SARNI TUHUMURY",
    "birth_place": "Ambon",
    "birth_date": "1990-07-15",
    "gender": "P",
    "village": "81.71.01.2001",
    "street": "RT 001/RW 002, Dusun Omputty",
    "occupation": "NEL",
    "workplace": "laut Latuhalat",
    "phone": "+6281234500001",
    "photo": "x",
    "heir": "Yohana, anak",
}


def storyboard() -> Iterator[str]:
    """Every form with its questions in order, then every refusal."""
    places = load_places(_AREA)
    say = Voice(places.area.zone)
    now = datetime.now(UTC)
    view = View(
        say=say,
        rules=Rules(),
        places=places,
        now=now,
        today=now.date(),
        city=places.area.name,
        office=places.area.name,
        contact="0812-3450-0000",
        answers=_ANSWERS,
    )
    for form in FORMS.values():
        if form.name not in ("correction", "change", "which"):
            yield from _form(form, view)
    yield "=== refusals ===\n"
    for code, sentence in SENTENCES.items():
        yield f"[{code}]\n{say(sentence)}\n"


def _form(form: Form, view: View) -> Iterator[str]:
    yield f"=== {form.name} ===\n"
    for question in form.questions:
        prompt = question.put(view)
        yield f"[{question.key}]\n{prompt.text}"
        for number, (_, label) in enumerate(prompt.options, 1):
            yield f"  {number}. {label}" if prompt.listed else f"  ({label})"
        yield ""


def print_storyboard() -> None:
    for line in storyboard():
        print(line)  # noqa: T201 (a command's output)
