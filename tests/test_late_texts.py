"""Late texts: what a network reviews beforehand, in the words a worker reads, and on every message that needs one.

Not for: when a message is late (tests/test_delivery.py) or how a network is shown one (its channel's tests).
"""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from string import Formatter

import pytest

from bot.texts import Voice
from conversation.late import LATE_TEXTS, LONGEST, LONGEST_VALUE, LateText, late, late_message
from conversation.messages import Choice, Incoming, Kind, Message
from domain.officer import Role
from domain.registration import Decided
from domain.rules import Rules
from handlers import due, notices, outcome
from handlers.router import handle
from storage.store import Store, Tx
from storage.wire import pack_outgoing, unpack_outgoing
from tests.databases import database
from tests.office_desk import OfficeDesk, Someone, engine_for

ROOT = Path(__file__).parent.parent
EVERY = [pytest.param(text, id=text.name) for text in LATE_TEXTS.values()]
OWN = [pytest.param(text, id=text.name) for text in LATE_TEXTS.values() if not text.news]


def say() -> Voice:
    return Voice("Asia/Jayapura")


def places(text: str) -> list[str]:
    return list(dict.fromkeys(place for _, place, _, _ in Formatter().parse(text) if place))


def around(text: str) -> list[str]:
    """What stands before, between and after the places."""
    return re.split(r"\{\w+\}", text)


# What networks ask of every one, in the words that are sent


@pytest.mark.parametrize("text", EVERY)
def test_its_name_is_a_plain_word(text: LateText) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{2,60}", text.name)
    assert LATE_TEXTS[text.name] is text


@pytest.mark.parametrize("text", EVERY)
def test_there_is_an_example_for_each_place(text: LateText) -> None:
    assert set(text.examples) == set(text.places)
    assert all(value and value == " ".join(value.split()) for value in text.examples.values())


@pytest.mark.parametrize("text", EVERY)
def test_the_places_come_in_the_same_order_in_indonesian(text: LateText) -> None:
    """They are numbered by their first use, and the values are kept in that order."""
    assert places(say()(text.text)) == list(text.places)


@pytest.mark.parametrize("text", EVERY)
def test_it_neither_begins_nor_ends_with_a_place_and_no_two_stand_side_by_side(text: LateText) -> None:
    said = around(say()(text.text))
    assert all(re.search(r"[^\W\d_]", each) for each in (said[0], said[-1]))
    assert all(each.strip() for each in said)


@pytest.mark.parametrize("text", EVERY)
def test_it_has_at_most_1024_letters_filled_in(text: LateText) -> None:
    said = say()(text.text)
    assert len(said.format(**text.examples)) <= LONGEST
    if not text.news:
        # Whatever the values are: together they may be so long.
        assert len("".join(around(said))) + LONGEST_VALUE <= LONGEST


@pytest.mark.parametrize("text", EVERY)
def test_it_has_enough_words_for_its_places_and_no_empty_lines(text: LateText) -> None:
    said = say()(text.text)
    assert len(re.findall(r"\w+", " ".join(around(said)))) >= 3 * len(places(said))
    assert not re.search(r"\n\s*\n\s*\n|\t| {4}", said)


@pytest.mark.parametrize("text", EVERY)
def test_its_ready_answers_are_few_and_short(text: LateText) -> None:
    labels = [say()(label) for label in text.choices]
    assert len(labels) <= 3
    assert len(set(labels)) == len(labels)
    assert all(0 < len(label) <= 20 for label in labels)


@pytest.mark.parametrize("text", OWN)
def test_one_that_only_knocks_says_how_to_read_the_rest_and_offers_nothing_else(text: LateText) -> None:
    """What is offered under it would be answered before the message itself was read."""
    if not text.whole:
        assert "balas **LIHAT**" in say()(text.text)
        assert text.choices == ()
    assert not LATE_TEXTS[text.instead].whole
    assert LATE_TEXTS[text.instead].places == ()


def test_good_news_that_comes_late_says_that_nobody_is_protected_yet() -> None:
    assert "belum terlindungi" in say()(LATE_TEXTS["decision_approved"].text)
    assert "belum terlindungi" in say()(LATE_TEXTS["objection_granted"].text)


# Values


def test_a_value_stands_in_one_line_and_is_never_empty() -> None:
    filled = late("correction_needed", name="Ibu\nSarni", receipt="AMB-2608-4731", reasons="  ")
    assert filled.values == ("Ibu Sarni", "AMB-2608-4731", "-")


def test_nothing_of_a_long_note_is_left_out_for_then_the_text_only_knocks() -> None:
    about = {"name": "Ibu Sarni", "receipt": "AMB-2608-4731", "reason": "alamatnya di luar kota", "office": "Ambon"}
    assert late("decision_rejected_noted", note="n" * 300, **about).name == "decision_rejected_noted"
    assert late("decision_rejected_noted", note="n" * 600, **about).name == "news_for_you"
    assert late("queue_waits", n="1", area="a" * LONGEST_VALUE, age="1 jam").name == "office_news"


def test_a_late_message_says_the_same_in_time_and_late() -> None:
    message = late_message("draft_erased", say(), days="30")
    assert message.text == say()(LATE_TEXTS["draft_erased"].text, days="30")
    assert message.late == late("draft_erased", days="30")


def test_a_late_text_is_kept_with_its_message() -> None:
    message = late_message("objection_waits", say(), (Choice("Keberatan", "o:list"),), receipt="AMB-2608-4731")
    assert unpack_outgoing(pack_outgoing("1", message)) == ("1", message)
    plain = Message("Kabar", late=late("news_for_you"))
    assert unpack_outgoing(pack_outgoing("1", plain)) == ("1", plain)


# Every message that may come late has one


REPLIES = {
    "bot/app.py:_demo_cast": "the demo's web chat is never late",
    "bot/service.py:_set_aside": "it answers what has just come",
    "handlers/notices.py:tell": "what waits is put into words in one place, held by every test at the office's desk",
    "handlers/router.py:_leave_group": "it answers a word in a group",
    "handlers/visit.py:mention": "a word in passing to who has just pressed or said something",
    "handlers/visit.py:send": "every answer to what somebody has just said",
    "handlers/walk.py:keep": "the question of a form; whoever is not answered is called by `late`, held below",
}
"""Where something else than a Message with a late text is put, and why: nobody there has been silent."""
CALLERS = {"begin_for", "repeat_for"}
"""They put a question to anybody; only a visit's own `begin` and `repeat` answer somebody."""


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for folder in ("handlers", "bot"):
        for path in sorted((ROOT / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{path.relative_to(ROOT)}:{node.name}", node


def calls(function: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == name:
                yield node


def has_late(out: ast.expr, function: ast.AST) -> bool:
    """Whether this can be seen to be a Message with a late text, or no Message at all."""
    if isinstance(out, ast.Name):
        given = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and any(getattr(each, "id", "") == out.id for each in node.targets)
        ]
        return bool(given) and all(has_late(each, function) for each in given)
    if isinstance(out, ast.IfExp):
        return has_late(out.body, function) and has_late(out.orelse, function)
    if not isinstance(out, ast.Call):
        return False
    called = getattr(out.func, "id", "")
    if called in ("Edit", "Deletion", "Commands", "Leave", "late_message"):
        return True
    return called in ("Message", "replace") and any(each.arg == "late" for each in out.keywords)


def test_whoever_is_not_just_answered_is_told_by_a_late_text() -> None:
    bare = set()
    for where, function in functions():
        for call in calls(function, "put"):
            of_outbox = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value).endswith("outbox")
            if of_outbox and not has_late(call.args[1], function):
                bare.add(where)
    assert bare == set(REPLIES)


def test_whoever_puts_a_question_unasked_says_how_it_goes_late() -> None:
    silent = {
        where
        for where, function in functions()
        for name in CALLERS
        for call in calls(function, name)
        if not any(each.arg == "late" for each in call.keywords)
    }
    # These are answers to what somebody has just said.
    assert silent == {"handlers/router.py:handle", "handlers/walk.py:begin", "handlers/walk.py:repeat"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database("sqlite", tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk
        await desk.store.close()


async def waiting(desk: OfficeDesk) -> list[Message]:
    """What is about to be sent, taken from the outbox."""

    def unit(tx: Tx) -> list[Message]:
        found = []
        while rows := tx.outbox.due("test", limit=50):
            found += [row.out for row in rows if isinstance(row.out, Message)]
            tx.outbox.sent([(row.id, None) for row in rows])
        return found

    return await desk.store.transact(unit)


async def decided(desk: OfficeDesk, sari: Someone, decision: Decided, *reasons: str, note: str = "") -> list[Message]:
    case = await desk.registers(sari)
    await desk.deliver()
    await desk.store.transact(
        lambda tx: outcome.told(tx, case, decision, reasons, note or None, desk.office),
    )
    return await waiting(desk)


async def test_an_approval_two_days_later_says_all_there_is(desk: OfficeDesk) -> None:
    (told,) = await decided(desk, desk.someone("Sari"), Decided.APPROVE)
    assert told.late is not None
    assert told.late.name == "decision_approved"
    assert told.late.values[0] == "Ibu Sarni"
    assert told.text == say()(
        LATE_TEXTS["decision_approved"].text,
        **dict(zip(LATE_TEXTS["decision_approved"].places, told.late.values, strict=True)),
    )


async def test_a_rejection_says_why_and_what_can_be_done(desk: OfficeDesk) -> None:
    (told,) = await decided(desk, desk.someone("Sari"), Decided.REJECT, "out_of_area", "duplicate")
    assert told.late is not None
    assert told.late.name == "decision_rejected"
    assert "Kota Ambon; " in told.late.values[2]
    (noted,) = await decided(
        desk, desk.someone("Budi"), Decided.REJECT, "out_of_area", note="Silakan\ndaftar di kabupaten."
    )
    assert noted.late is not None
    assert noted.late.name == "decision_rejected_noted"
    assert "Silakan daftar di kabupaten." in noted.late.values


async def test_a_correction_knocks_with_its_reasons_and_the_question_follows(desk: OfficeDesk) -> None:
    (told,) = await decided(desk, desk.someone("Sari"), Decided.CORRECT, "address_unclear", "occupation_unclear")
    assert told.late is not None
    assert told.late.name == "correction_needed"
    assert not LATE_TEXTS[told.late.name].whole
    reasons = "Alamatnya belum jelas. Mohon tulis lagi. Pekerjaannya belum jelas. Mohon tulis lagi."
    assert told.late.values[2] == reasons
    assert "desa, negeri, atau kelurahan" in told.text


async def test_a_decision_calls_nobody_for_the_question_that_was_open_anyway(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    case = await desk.registers(sari)
    for word in ("/start", "ORANG LAIN", "SETUJU"):
        await sari.says(word)
    await desk.store.transact(lambda tx: outcome.told(tx, case, Decided.APPROVE, (), None, desk.office))
    told, question = await waiting(desk)
    assert told.late is not None
    assert told.late.name == "decision_approved"
    assert "KTP" in question.text
    assert question.late is None


async def test_an_objection_is_answered_by_a_late_text_and_an_admin_hears_of_it_by_one(desk: OfficeDesk) -> None:
    sari, rahmat = desk.someone("Sari"), desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    case = await desk.registers(sari)
    await waiting(desk)
    for granted, name in ((True, "objection_granted"), (False, "objection_refused")):
        await desk.store.transact(
            lambda tx, granted=granted: outcome.objection_answered(tx, case, granted=granted, office=desk.office)
        )
        (told,) = await waiting(desk)
        assert told.late == late(name, receipt=str(case.receipt), contact=desk.office.contact)
    await desk.store.transact(lambda tx: notices.objection_waits(tx, case, desk.office))
    (asked,) = await waiting(desk)
    assert asked.late == late("objection_waits", receipt=str(case.receipt))
    assert [each.label for each in asked.choices] == [say()(each) for each in LATE_TEXTS["objection_waits"].choices]


async def test_what_waits_for_an_officer_is_told_by_a_late_text_with_the_same_ready_answers(desk: OfficeDesk) -> None:
    dewi, sari = desk.someone("Dewi"), desk.someone("Sari")
    await dewi.joins()
    seen = []
    for case, question in ((True, False), (False, True), (True, True)):

        def waits(tx: Tx, question: bool = question) -> None:
            person, _ = tx.people.arrive(sari.address)
            if question:
                tx.enquiries.ask(person, area=None, text="Kapan?")
            officer = tx.staff.officer_of(tx.people.arrive(dewi.address)[0].id)
            assert officer is not None
            notices.tell(tx, officer, desk.office)

        held = await desk.registers(sari) if case else None
        await waiting(desk)
        await desk.store.transact(waits)
        (told,) = await waiting(desk)
        assert told.late is not None
        seen.append(told.late.name)
        labels = [say()(each) for each in LATE_TEXTS[told.late.name].choices]
        assert [each.label for each in told.choices] == labels
        if held is not None and not question:
            await desk.withdraws(held)
            await waiting(desk)
    assert seen == ["queue_waits", "questions_wait", "queue_and_questions"]


async def test_a_reminder_and_the_end_of_a_draft_come_late_and_lanjut_goes_on(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    for word in ("/start", "SETUJU", "8171014403859901"):
        await sari.says(word)
    desk.now += timedelta(days=2)
    await desk.store.transact(due.remind, desk.office)
    (reminder,) = await waiting(desk)
    assert reminder.late == late("registration_reminder")
    assert "nama lengkap" in reminder.text
    heard = await sari.says("LANJUT")
    assert "Selamat datang lagi" in heard
    assert "nama lengkap" in heard
    desk.now += timedelta(days=40)
    await desk.store.transact(due.drop_stale_drafts, desk.office)
    (gone,) = await waiting(desk)
    assert gone.late == late("draft_erased", days="30")


async def test_the_answer_of_the_office_knocks_for_it_holds_anything(desk: OfficeDesk) -> None:
    sari, dewi = desk.someone("Sari"), desk.someone("Dewi")
    await dewi.joins()

    def asks(tx: Tx) -> int:
        person, _ = tx.people.arrive(sari.address)
        tx.people.keep(person)
        return tx.enquiries.ask(person, area=None, text="Kapan?")

    number = await desk.store.transact(asks)
    incoming = Incoming(desk.key(), dewi.address, Kind.TEXT, f"/balas {number} Senin pagi")
    await desk.store.transact(handle, incoming, desk.office)
    told = [each for each in await waiting(desk) if each.late]
    assert [each.late for each in told] == [late("office_answered")]


# Whoever was called, comes


async def called(desk: OfficeDesk, sari: Someone, reason: str = "address_unclear") -> None:
    """A correction was asked of Sari too late for free text: the late text has knocked, the question waits."""
    case = await desk.registers(sari)

    def unit(tx: Tx) -> None:
        outcome.told(tx, case, Decided.CORRECT, (reason,), None, desk.office)
        for row in tx.outbox.due("test", limit=50):
            tx.outbox.shut(row.id, row.person_id, "knocked")

    await desk.store.transact(unit)


@pytest.mark.parametrize("word", ["LIHAT", "lihat", "Iya", "Selamat pagi", "Terima kasih"])
async def test_what_waited_is_the_answer_to_whoever_only_comes(desk: OfficeDesk, word: str) -> None:
    sari = desk.someone("Sari")
    await called(desk, sari)
    heard = await sari.says(word)
    assert heard.startswith("Ibu Sarni, ada yang perlu diperbaiki")
    assert heard.count("Bapak/Ibu tinggal di") == 1
    assert heard == sari.last
    assert "RT" in await sari.says("Latuhalat")


async def test_whoever_says_something_of_their_own_is_answered_as_well(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    await called(desk, sari)
    heard = await sari.says("STATUS")
    assert heard.startswith("Ibu Sarni, ada yang perlu diperbaiki")
    assert heard != sari.chat.ever[0]
    assert "AMB-" in sari.last


async def test_words_written_before_the_question_was_read_are_offered_back(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    await called(desk, sari, "name_mismatch")
    heard = await sari.says("ada apa")
    assert heard.startswith("Ibu Sarni, ada yang perlu diperbaiki")
    assert "Kami tulis **ada apa**, ya?" in sari.last
    assert "nama lengkap" in await sari.says("TIDAK")


@pytest.mark.parametrize("word", ["LIHAT", "Selamat pagi"])
async def test_whoever_has_read_it_all_by_then_is_answered(desk: OfficeDesk, word: str) -> None:
    """What was shut was let in later and went out: nothing waits, and silence would be the answer."""
    sari = desk.someone("Sari")
    case = await desk.registers(sari)

    def unit(tx: Tx) -> None:
        outcome.told(tx, case, Decided.APPROVE, (), None, desk.office)
        for row in tx.outbox.due("test", limit=50):
            tx.outbox.shut(row.id, row.person_id, "needs_template")
        tx.outbox.let_in("test")

    await desk.store.transact(unit)
    await desk.deliver()
    assert "Kabar baik" in sari.last
    assert str(case.receipt) in await sari.says(word)


async def test_lihat_with_nothing_to_read_says_how_it_stands(desk: OfficeDesk) -> None:
    sari = desk.someone("Sari")
    case = await desk.registers(sari)
    assert str(case.receipt) in await sari.says("LIHAT")


# What the networks say of them


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    with database(request.param, tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk.store
        await desk.store.close()


async def test_only_an_approved_text_is_used_and_one_never_asked_about_is_tried(store: Store) -> None:
    def unit(tx: Tx) -> None:
        assert tx.late_texts.states("one") == {}
        assert tx.late_texts.usable("one", "office_news")
        tx.late_texts.keep("one", {"office_news": "approved", "queue_waits": "paused"})
        tx.late_texts.keep("two", {"office_news": "rejected"})
        assert tx.late_texts.usable("one", "office_news")
        assert not tx.late_texts.usable("one", "queue_waits")
        assert not tx.late_texts.usable("one", "questions_wait")
        assert not tx.late_texts.usable("two", "office_news")
        tx.late_texts.keep("one", {"office_news": "changed"})
        assert tx.late_texts.states("one") == {"office_news": "changed"}
        assert tx.late_texts.states("two") == {"office_news": "rejected"}

    await store.transact(unit)


async def test_how_many_may_be_written_to_first_is_a_number_or_no_limit(store: Store) -> None:
    def unit(tx: Tx) -> None:
        assert tx.daily("one") is None
        tx.set_daily("one", 250)
        assert tx.daily("one") == 250
        assert tx.daily("two") is None
        tx.set_daily("one", None)
        assert tx.daily("one") is None

    await store.transact(unit)
