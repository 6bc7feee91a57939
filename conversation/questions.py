"""What a question is: how it is put, how an answer to it is read, when it applies.

Not for: the questions of a form (registration_form.py) or walking it (engine.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from conversation.messages import Photo
from conversation.progress import Doubt
from conversation.say import Say
from domain.region import Places
from domain.rules import Rules

Values = Mapping[str, str | None]
"""Answers by question; None takes one away, "" is a question left out on purpose."""


@dataclass(frozen=True)
class View:
    """What a question may look at. `answers` are those given so far; `city` and `contact` name the office."""

    say: Say
    rules: Rules
    places: Places
    now: datetime
    today: date
    city: str
    office: str
    contact: str
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    first: str = field(default="", repr=False)


@dataclass(frozen=True)
class Prompt:
    """A question put. `options` are (value, label) pairs; `listed`: they are also written out with numbers."""

    text: str = field(repr=False)
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    listed: bool = False
    asks_phone: str = ""


@dataclass(frozen=True)
class Accept:
    """The answer is taken. `noted` names what was read along with it and stands on top of the next question.

    `detour` lists questions to be put first, before the form goes on in its order.
    """

    values: Values = field(default_factory=dict, repr=False)
    noted: tuple[str, ...] = ()
    detour: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unsure:
    """The person has to confirm a reading first."""

    doubt: Doubt


@dataclass(frozen=True)
class End:
    """The form ends here: "cancelled", "declined", "too_young", "stop_notices"."""

    event: str


@dataclass(frozen=True)
class Again:
    """The question is put once more; no failure."""


Reading = Accept | Unsure | End | Again


class Putter:
    """A question that is always put in the same words."""

    def __init__(self, text: str, *options: tuple[str, str], listed: bool = False) -> None:
        self._text = text
        self._options = options
        self._listed = listed

    def __call__(self, view: View) -> Prompt:
        options = tuple((value, view.say(label)) for value, label in self._options)
        return Prompt(view.say(self._text, city=view.city), options, listed=self._listed)


class Takes(StrEnum):
    """What kind of thing answers a question."""

    TEXT = "text"
    PHONE = "phone"
    PHOTO = "photo"


def always(_: Mapping[str, str]) -> bool:
    return True


def never(_: Mapping[str, str]) -> bool:
    """For questions that are put only when somebody asks for them by name."""
    return False


def no_photo(_: Photo, __: View, ___: int) -> Reading:
    return Again()


@dataclass(frozen=True)
class Question:
    """`key` names the answer. `read` raises domain.errors.Invalid for what it cannot take.

    `free`: any text may be an answer, so that listed words are offered back. `vital`: after three failures the
    form stays here; otherwise it goes on without the answer. `skippable`: LEWATI is an answer. `digits`: a number
    alone may be an answer, or a part of one. `read_photo` is
    given the picture, the view and the number of tries before. `told`: the answer was read from another one, so that
    nobody was asked and KEMBALI passes it over. `again` puts the question in fewer words, with the
    same options, after an interruption.
    """

    key: str
    label: str
    put: Callable[[View], Prompt]
    read: Callable[[str, View], Reading]
    when: Callable[[Mapping[str, str]], bool] = always
    takes: Takes = Takes.TEXT
    free: bool = False
    vital: bool = True
    skippable: bool = False
    digits: bool = False
    read_photo: Callable[[Photo, View, int], Reading] = no_photo
    told: Callable[[Mapping[str, str]], bool] = never
    again: Callable[[View], Prompt] | None = None


@dataclass(frozen=True)
class Form:
    """An ordered list of questions. "Next" is computed from it, never written by hand.

    `insists`: a picture that is asked for here is not put off; leaving the question open is all one can do.
    """

    name: str
    questions: tuple[Question, ...]
    insists: bool = False

    def __getitem__(self, key: str) -> Question:
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> Mapping[str, Question]:
        return {question.key: question for question in self.questions}

    def open_question(self, answers: Mapping[str, str]) -> Question | None:
        """The first question that applies and has no answer yet."""
        return next((q for q in self.questions if q.key not in answers and q.when(answers)), None)

    def before(self, key: str, answers: Mapping[str, str]) -> Question | None:
        """The question answered before this one, for KEMBALI."""
        previous = None
        for question in self.questions:
            if question.key == key:
                return previous
            if question.key in answers and question.when(answers) and not question.told(answers):
                previous = question
        return previous
