"""The form against anything a person can send: it never breaks, and always answers with a sentence or goes on.

What it asks and says in whole conversations is in tests/conversations/; here is what must hold for every text.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.texts import Voice
from conversation import engine
from conversation.engine import Turn
from conversation.forms import FORMS
from conversation.messages import Attachment, Incoming, Kind, Message, Photo
from conversation.progress import Doubt, Progress
from conversation.questions import Form, Takes, View
from domain.address import Address
from domain.rules import Rules
from storage.areas import load_places

SARI = Address("telegram", "990001", "700001")
ANSWERS = {
    "nik": "8171015503859901",
    "birth_date": "1985-03-15",
    "birth_from": "nik",
    "gender": "P",
    "name": "SARNI TUHUMURY",
    "birth_place": "Ambon",
    "village": "81.71.01.2001",
    "street": "",
    "occupation": "NEL",
    "workplace": "laut Latuhalat",
    "phone": "+6281234500001",
    "photo": "",
    "heir": "",
}
USUAL = [
    *("ya", "tidak", "salah", "sudah sama", "0", "1", "2", "7", "11", "p", "nanti", "lewati", "tidak ada", "?", "-"),
    *("8171015503859901", "8171019913859901", "817101550385990", "81710155O3859901", "1111111111111111"),
    *("8171011503609902", "8171011503109903", "8171011207159901", "081234500001", "12345678901", "9971015503859901"),
    *("SARNI TUHUMURY", "beta pung nama Yopi", "S4RNI", "P", "Syukur", "H.", "x" * 300, "🙏", "👍", "\u202e", "\n"),
    *("15-03-1985", "31 Februari 1985", "lahir tgl 15 bulan 3 taong 85", "15/3/2031", "umur 41"),
    *("Latuhalat", "Latualat", "Nusaniwe", "Teluk Ambon", "Tulehu", "beta tinggal di Passo"),
    *("beta bakobong", "buruh", "Lainnya", "penjahit jaring", "0812-3450-0001", "+60 12 345 6789", "seng pung hp"),
]
WORDS = st.one_of(st.sampled_from(USUAL), st.text(max_size=80), st.from_regex(r"[0-9 .\-]{1,20}", fullmatch=True))
PICTURES = st.builds(
    Photo,
    name=st.just("ab" * 16),
    width=st.just(900),
    height=st.just(600),
    flaws=st.sampled_from([(), ("small",), ("dark", "blurred")]),
    unreadable=st.booleans(),
)
FILES = st.builds(
    Attachment, what=st.sampled_from(["photo", "image", "document", "voice", "sticker", "video", "location", "lost"])
)


@cache
def blank_view() -> View:
    places = load_places("81.71")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return View(
        say=Voice("Asia/Jayapura"),
        rules=Rules(),
        places=places,
        now=now,
        today=now.date(),
        city=places.area.name,
        office="Disnaker Kota Ambon",
        contact="0812-3450-0000",
    )


def says(text: str) -> Incoming:
    return Incoming("k", SARI, Kind.TEXT, text, message_id="5")


def sends(attachment: Attachment, photo: Photo | None) -> Incoming:
    return Incoming("k", SARI, Kind.FILE, message_id="5", attachment=attachment, photo=photo)


def everything() -> st.SearchStrategy[Incoming]:
    """Whatever a phone can send."""
    return st.one_of(
        st.builds(says, WORDS),
        st.builds(sends, FILES, st.none() | PICTURES),
        st.builds(lambda own: Incoming("k", SARI, Kind.PHONE, phone="+6281234500001", own=own), st.booleans()),
        st.just(Incoming("k", SARI, Kind.OTHER)),
    )


QUESTIONS = [(form, question.key) for form in FORMS.values() for question in form.questions]


def check(form: Form, before: Progress, turn: Turn) -> None:
    """What holds for every turn."""
    for message in turn.says:
        assert message.text.strip()
        assert len(message.text) < 4096
        assert len(message.choices) <= 8
        assert all(len(choice.data.encode()) <= 64 and choice.label.strip() for choice in message.choices)
    if turn.progress is None:
        assert turn.event
        return
    assert turn.says
    assert any(question.key == turn.progress.question for question in form.questions)
    assert turn.progress.turn >= before.turn
    if turn.says[-1].choices:
        assert all(engine.is_current(turn.progress, choice.data) for choice in turn.says[-1].choices)


@pytest.mark.parametrize(("form", "key"), QUESTIONS, ids=[f"{form.name}-{key}" for form, key in QUESTIONS])
@settings(max_examples=30)
@given(incoming=everything(), tries=st.integers(0, 3))
@example(incoming=says(""), tries=2)
def test_no_answer_to_any_question_is_left_without_a_sentence(
    form: Form, key: str, incoming: Incoming, tries: int
) -> None:
    before_key = {question: value for question, value in ANSWERS.items() if question != key}
    view = replace(blank_view(), answers=before_key)
    doubt = Doubt("which", "change", (("1", "AMB-1"), ("2", "AMB-2"))) if form.name == "which" else None
    progress = Progress(form.name, key, turn=3, registration_id=1, tries=tries, doubt=doubt)
    check(form, progress, engine.advance(form, progress, incoming, view))


@pytest.mark.parametrize(("form", "key"), QUESTIONS, ids=[f"{form.name}-{key}" for form, key in QUESTIONS])
def test_every_choice_of_every_question_can_be_picked_and_is_understood(form: Form, key: str) -> None:
    view = replace(blank_view(), answers={q: value for q, value in ANSWERS.items() if q != key})
    progress = Progress(form.name, key, turn=3, registration_id=1)
    put = engine.repeat(form, progress, view)
    assert put.progress is not None
    for choice in put.says[-1].choices:
        value = engine.picked_value(form, put.progress, choice.data, view)
        assert value
        if value == "info":
            continue  # a command, which the router knows
        tap = Incoming("k", SARI, Kind.TAP, value, tap=choice.data)
        turn = engine.advance(form, put.progress, tap, view)
        check(form, put.progress, turn)
        assert turn.answered, f"{choice.label} was not understood"


def test_a_choice_of_an_earlier_turn_is_not_current() -> None:
    view = replace(blank_view(), answers=ANSWERS)
    form = FORMS["registration"]
    put = engine.begin(form, view, registration_id=1)
    assert put.progress is not None
    old = put.says[-1].choices[0].data
    again = engine.repeat(form, put.progress, view)
    assert again.progress is not None
    assert not engine.is_current(again.progress, old)
    turn = again.progress.turn
    for forged in ("summary", "summary:0:0", "summary:99", "summary:-1", "summary:²", "nik:0", ""):
        data = f"f:{turn}:{forged}"
        assert not (engine.is_current(again.progress, data) and engine.picked_value(form, again.progress, data, view))


@pytest.mark.parametrize("word", ["nomor ini", "Nomor ini saja pak", "yang ini"])
@pytest.mark.parametrize(("number", "values"), [("6281234500007", {"phone": "+6281234500007"}), ("", {})])
def test_this_number_is_that_of_the_chat_where_the_network_tells_it(word: str, number: str, values: object) -> None:
    view = replace(blank_view(), answers={key: value for key, value in ANSWERS.items() if key != "phone"})
    came = Incoming("k", replace(SARI, number=number), Kind.TEXT, text=word)
    turn = engine.advance(FORMS["registration"], Progress("registration", "phone", registration_id=1), came, view)
    assert turn.values == values


def test_a_vital_question_is_never_passed_over_and_another_one_is_after_three_failures() -> None:
    view = replace(blank_view(), answers={})
    form = FORMS["registration"]
    progress = Progress("registration", "nik", registration_id=1)
    said = []
    for _ in range(5):
        turn = engine.advance(form, progress, says("tidak tahu"), view)
        assert turn.progress is not None
        progress = turn.progress
        said.append(turn.says[-1].text)
    assert progress.question == "nik"
    assert ["PETUGAS" in text for text in said] == [False, False, True, True, True]
    view = replace(blank_view(), answers={key: ANSWERS[key] for key in list(ANSWERS)[:10]})
    progress = Progress("registration", "phone", registration_id=1, tries=2)
    turn = engine.advance(form, progress, says("entah"), view)
    assert turn.progress is not None
    assert turn.progress.question == "photo"
    assert turn.values == {"phone": ""}


def test_kembali_leads_to_what_was_asked_and_not_to_what_the_nik_told() -> None:
    view = replace(blank_view(), answers={key: ANSWERS[key] for key in ("nik", "birth_date", "birth_from", "gender")})
    form = FORMS["registration"]
    here = Progress("registration", "name", registration_id=1)
    turn = engine.back(form, here, view)
    assert turn.progress is not None
    assert turn.progress.question == "nik"
    stated = replace(view, answers={**view.answers, "birth_from": "stated"})
    turn = engine.back(form, here, stated)
    assert turn.progress is not None
    assert turn.progress.question == "gender"


@pytest.mark.parametrize(
    ("said", "stops"),
    [("YA", True), ("batal", True), ("jadi", True), ("TIDAK", False), ("seng jadi", False), ("tidak jadi", False)],
)
def test_answers_are_erased_by_a_plain_yes_only(said: str, stops: bool) -> None:
    form, asked = FORMS["registration"], Progress("registration", "name", registration_id=1, doubt=Doubt("cancel"))
    view = replace(blank_view(), answers={"nik": ANSWERS["nik"]})
    turn = engine.advance(form, asked, says(said), view)
    assert (turn.event == "cancelled") is stops
    assert (turn.progress is None) is stops


class Walking(RuleBasedStateMachine):
    """A person who says anything at all, goes back, asks to change, edits: the registration always goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.form = FORMS["registration"]
        self.answers: dict[str, str] = {}
        self.progress: Progress | None = None
        self.shown: Message | None = None

    @property
    def view(self) -> View:
        return replace(blank_view(), answers=dict(self.answers))

    def take(self, turn: Turn) -> None:
        check(self.form, self.progress or Progress("registration", "nik", turn=0), turn)
        for key, value in turn.values.items():
            if value is None:
                self.answers.pop(key, None)
            else:
                self.answers[key] = value
        self.progress = turn.progress
        self.shown = turn.says[-1] if turn.says else self.shown

    @initialize(known=st.integers(0, len(ANSWERS)))
    def begins(self, known: int) -> None:
        self.answers = dict(list(ANSWERS.items())[:known])
        self.take(engine.begin(self.form, self.view, registration_id=1))

    @precondition(lambda self: self.progress is None)
    @rule()
    def comes_again(self) -> None:
        self.answers = {}
        self.take(engine.begin(self.form, self.view, registration_id=1))

    @precondition(lambda self: self.progress is not None)
    @rule(incoming=everything())
    def sends_anything(self, incoming: Incoming) -> None:
        assert self.progress is not None
        self.take(engine.advance(self.form, self.progress, incoming, self.view))

    @precondition(lambda self: self.progress is not None and self.shown is not None and self.shown.choices)
    @rule(which=st.integers(0, 7))
    def picks_a_choice(self, which: int) -> None:
        assert self.progress is not None
        assert self.shown is not None
        choice = self.shown.choices[which % len(self.shown.choices)]
        if not engine.is_current(self.progress, choice.data):
            return
        value = engine.picked_value(self.form, self.progress, choice.data, self.view)
        self.take(engine.advance(self.form, self.progress, Incoming("k", SARI, Kind.TAP, value), self.view))

    @precondition(lambda self: self.progress is not None)
    @rule()
    def goes_back(self) -> None:
        assert self.progress is not None
        self.take(engine.back(self.form, self.progress, self.view))

    @precondition(lambda self: self.progress is not None and self.answers)
    @rule()
    def wants_to_change_something(self) -> None:
        assert self.progress is not None
        self.take(engine.go_to(self.form, self.progress, "change", self.view))

    @precondition(lambda self: self.progress is not None and self.answers)
    @rule(text=WORDS, which=st.integers(0, 20))
    def edits_an_earlier_message(self, text: str, which: int) -> None:
        assert self.progress is not None
        asked = [question.key for question in self.form.questions if question.key in self.answers]
        if asked:
            key = asked[which % len(asked)]
            self.take(engine.amend(self.form, self.progress, key, says(text), self.view))

    @precondition(lambda self: self.progress is not None)
    @rule(kind=st.sampled_from(["cancel", "stop", "enquiry"]))
    def asks_to_stop_or_to_ask(self, kind: str) -> None:
        assert self.progress is not None
        self.take(engine.ask_doubt(self.form, self.progress, Doubt(kind), self.view))

    @invariant()
    def what_was_answered_can_be_used(self) -> None:
        assert all(isinstance(value, str) for value in self.answers.values())
        if self.answers.get("nik"):
            assert len(self.answers["nik"]) == 16
        if self.progress is None and self.answers.get("summary"):
            needed = {"nik", "name", "birth_date", "gender", "birth_place", "village", "occupation"}
            assert needed <= self.answers.keys()
            assert all(self.answers[key] for key in needed)


TestWalking = Walking.TestCase
TestWalking.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_the_photo_question_takes_only_pictures_and_later() -> None:
    assert [q.key for q in FORMS["registration"].questions if q.takes is Takes.PHOTO] == ["photo", "evidence"]
