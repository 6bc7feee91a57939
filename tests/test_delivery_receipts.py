"""What networks tell of messages they have taken, in any order, twice, and before it is written down that they did."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from conversation.messages import Deletion, Message, Receipt, Told
from domain.rules import Rules
from handlers import delivery_receipts, due
from handlers.walk import begin_for
from storage.outbox import FOR_THE_NETWORK
from storage.statement import Statement
from storage.store import Tx
from tests.office_desk import OfficeDesk, database, engine_for
from tests.test_outbox import NEWS, Reader

ROW = Statement("SELECT state, code, sent_id, sealed, tries, late, next_at FROM outbox WHERE id = :id")
# Handed over after everything else that happens.
JUST_NOW = 2**53
GOOD = [Told.SENT, Told.DELIVERED, Told.READ]


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(request.param, tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk
        await desk.store.close()


@pytest.fixture
async def sari(desk: OfficeDesk) -> Reader:
    reader = Reader(desk)
    await reader.arrives()
    later(desk)
    return reader


def later(desk: OfficeDesk, **by: float) -> None:
    desk.now += timedelta(**by or {"seconds": 10})


async def row_of(desk: OfficeDesk, row: int) -> dict[str, Any]:
    return dict(await desk.store.engine.read(lambda db: db.one(ROW, id=row)) or {})


async def state_of(desk: OfficeDesk, row: int) -> str:
    return str((await row_of(desk, row))["state"])


async def tell(desk: OfficeDesk, *receipts: Receipt) -> None:
    await desk.store.transact(delivery_receipts.note, receipts, desk.office)


async def takes(desk: OfficeDesk, row: int, sent_id: str = "net-1") -> None:
    """The network has it, and that is written down."""
    await desk.store.transact(lambda tx: tx.outbox.accepted([(row, sent_id)]))


def about(
    row: int, told: Told, sent_id: str = "net-1", *, code: str = "", kind: str = "o", at: int = JUST_NOW
) -> Receipt:
    return Receipt(sent_id, told, f"{kind}{row}.{at}", code)


async def waits(desk: OfficeDesk, sari: Reader) -> list[str]:
    """The texts that would go out now."""
    return [row.out.text for row in await sari.due() if isinstance(row.out, Message)]


# It came


@pytest.mark.parametrize("told", [Told.DELIVERED, Told.READ])
async def test_what_was_taken_keeps_its_text_until_it_is_told_that_she_has_it(
    desk: OfficeDesk, sari: Reader, told: Told
) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1"))
    await takes(desk, row)
    for receipts in ([], [about(row, Told.SENT)]):
        await tell(desk, *receipts)
        kept = await row_of(desk, row)
        assert (kept["state"], kept["sealed"] is None) == ("accepted", False)
    await tell(desk, about(row, told))
    done = await row_of(desk, row)
    assert (done["state"], done["sealed"], done["sent_id"]) == ("sent", None, "net-1")


@pytest.mark.parametrize("told", GOOD)
async def test_a_lost_answer_is_settled_by_the_receipt_and_nothing_is_said_twice(
    desk: OfficeDesk, sari: Reader, told: Told
) -> None:
    row, _ = await sari.is_sent(Message("Kabar 1"), Message("Kabar 2"))
    await desk.store.transact(lambda tx: tx.outbox.postpone(row, until=tx.at + 5000, code="timeout"))
    await tell(desk, about(row, told))
    assert await state_of(desk, row) == ("accepted" if told is Told.SENT else "sent")
    assert await waits(desk, sari) == ["Kabar 2"]


@pytest.mark.parametrize("told", GOOD)
async def test_a_receipt_that_is_faster_than_our_own_pen_stands(desk: OfficeDesk, sari: Reader, told: Told) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1"))
    await tell(desk, about(row, told))
    await takes(desk, row)
    stands = "accepted" if told is Told.SENT else "sent"
    assert await state_of(desk, row) == stands
    await desk.store.transact(lambda tx: tx.outbox.postpone(row, until=tx.at, code="timeout"))
    assert await state_of(desk, row) == stands


async def test_receipts_of_others_and_of_nobody_change_nothing(desk: OfficeDesk, sari: Reader) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1"))
    await takes(desk, row)
    strange = [
        Receipt("net-1", Told.READ, mark) for mark in ("", "x", "o1", "o1.1", "k1.1", "b1.1", f"o{row}", f"o{row}.1.1")
    ]
    failed = [Receipt("net-1", told, mark) for told in Told for mark in ("o4711.1", "k4711.1", "b1.4711")]
    await tell(desk, *strange, *failed)
    assert await state_of(desk, row) == "accepted"


# It did not


@pytest.mark.parametrize("told", [Told.FAILED, Told.GONE, Told.LATER, Told.SHUT])
async def test_what_was_on_its_way_and_failed_after_all_is_not_lost(desk: OfficeDesk, sari: Reader, told: Told) -> None:
    taken, unclear = await sari.is_sent(Message("Kabar 1"), Message("Kabar 2"))
    await takes(desk, taken)
    await desk.store.transact(lambda tx: tx.outbox.postpone(unclear, until=tx.at + 5000, code="timeout"))
    await tell(desk, about(taken, Told.SENT), about(unclear, Told.SENT, "net-2"))
    later(desk)
    await tell(desk, about(taken, told, code="undeliverable"), about(unclear, told, "net-2", code="undeliverable"))
    for row in (taken, unclear):
        kept = await row_of(desk, row)
        ends = {Told.FAILED: "dead", Told.GONE: "held"}
        assert (kept["state"], kept["sealed"] is None) == (ends.get(told, "waiting"), False)
    if told is Told.GONE:
        await sari.someone.says("STATUS")
        assert sari.someone.chat.ever[:2] == ["Kabar 1", "Kabar 2"]


async def test_what_failed_for_ever_is_a_dead_letter_with_its_code(desk: OfficeDesk, sari: Reader) -> None:
    row, other = await sari.is_sent(Message("Kabar 1"), Message("Kabar 2"))
    await takes(desk, row)
    await takes(desk, other, "net-2")
    await tell(desk, about(row, Told.FAILED, "net-9", code="refused"))
    assert await state_of(desk, row) == "accepted"
    await tell(desk, about(row, Told.FAILED, code="refused"), about(other, Told.READ, "net-2"))
    dead = await row_of(desk, row)
    assert (dead["state"], dead["code"], dead["sealed"] is None) == ("dead", "refused", False)
    # An admin tries it again; that it failed the first time is told once more.
    await desk.store.transact(lambda tx: tx.outbox.try_again(row))
    await tell(desk, about(row, Told.FAILED, code="refused"))
    assert await waits(desk, sari) == ["Kabar 1"]
    await takes(desk, row, "net-3")
    await tell(desk, about(row, Told.DELIVERED, "net-3"))
    assert await state_of(desk, row) == "sent"


async def test_a_failure_told_before_it_was_written_down_that_it_was_taken_is_not_lost(
    desk: OfficeDesk, sari: Reader
) -> None:
    failed, late, shut = await sari.is_sent(*(Message(f"Kabar {number}") for number in range(3)))
    await tell(
        desk, about(failed, Told.FAILED, "net-1"), about(late, Told.LATER, "net-2"), about(shut, Told.SHUT, "net-3")
    )
    for number, row in enumerate((failed, late, shut), 1):
        await takes(desk, row, f"net-{number}")
    assert [await state_of(desk, row) for row in (failed, late, shut)] == ["dead", "waiting", "waiting"]
    assert (await row_of(desk, shut))["late"] == 1


async def test_what_may_be_tried_again_waits_longer_each_time_and_not_for_ever(desk: OfficeDesk, sari: Reader) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1"))
    pauses = []
    for number in range(4):
        await takes(desk, row, f"net-{number}")
        again = about(row, Told.LATER, f"net-{number}", code="server_trouble")
        await tell(desk, again, again)
        await tell(desk, again)
        kept = await row_of(desk, row)
        assert (kept["state"], kept["code"], kept["tries"]) == ("waiting", "server_trouble", number + 1)
        pauses.append((kept["next_at"] - desk.at) / 1000)
        later(desk, minutes=10)
    assert pauses == [5, 10, 20, 40]
    # That an earlier try is on its way is no news of the last one.
    await tell(desk, about(row, Told.SENT, "net-3"))
    assert await state_of(desk, row) == "waiting"
    await takes(desk, row, "net-5")
    later(desk, hours=25)
    await tell(desk, about(row, Told.LATER, "net-5"))
    dead = await row_of(desk, row)
    assert (dead["state"], dead["code"]) == ("dead", "too_late")


async def test_what_is_told_of_an_earlier_try_is_no_news_of_the_last_one(desk: OfficeDesk, sari: Reader) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1"))
    first, _ = tries = [desk.at, desk.at + 60_000]
    for number, at in enumerate(tries):
        await takes(desk, row, f"net-{number}")
        later(desk)
        await tell(desk, about(row, Told.LATER, f"net-{number}", code="server_trouble", at=at))
        later(desk)
    tries_before = (await row_of(desk, row))["tries"]
    old = [about(row, told, "net-0", at=first) for told in (Told.SENT, Told.FAILED, Told.GONE, Told.LATER, Told.SHUT)]
    for receipt in old:
        await tell(desk, receipt)
    later(desk, minutes=1)
    assert await waits(desk, sari) == ["Kabar 1"]
    assert (await row_of(desk, row))["tries"] == tries_before
    # Not after an admin has tried it again either.
    await tell(desk, about(row, Told.FAILED, "net-2", at=desk.at))
    await desk.store.transact(lambda tx: tx.outbox.try_again(row))
    later(desk)
    await tell(desk, *old)
    assert await waits(desk, sari) == ["Kabar 1"]
    # That she has it is always news.
    await tell(desk, about(row, Told.READ, "net-0", at=first))
    assert await state_of(desk, row) == "sent"


async def test_what_was_shut_after_all_goes_at_once_by_its_late_text(desk: OfficeDesk, sari: Reader) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1"))
    await takes(desk, row)
    await tell(desk, about(row, Told.SHUT, code="window_shut"))
    (waiting,) = await sari.due()
    assert (waiting.id, waiting.late) == (row, True)
    # Told again of the late text itself, it waits until she writes; then it is free text again.
    await takes(desk, row, "net-2")
    await tell(desk, about(row, Told.SHUT, "net-2", code="window_shut"))
    assert await state_of(desk, row) == "shut"
    await sari.arrives()
    await desk.store.transact(lambda tx: tx.outbox.release(sari.person.id))
    (waiting,) = await sari.due()
    assert not waiting.late


async def test_where_the_network_holds_us_back_it_waits_in_the_end_until_she_writes(
    desk: OfficeDesk, sari: Reader
) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1"))
    await takes(desk, row)
    await tell(desk, about(row, Told.RESTRICTED, code="spam_limit"))
    assert await state_of(desk, row) == "waiting"
    later(desk, hours=25)
    assert await waits(desk, sari) == ["Kabar 1"]
    await takes(desk, row, "net-2")
    await tell(desk, about(row, Told.RESTRICTED, "net-2", code="spam_limit"))
    kept = await row_of(desk, row)
    assert (kept["state"], kept["code"]) == ("shut", "spam_limit")
    await sari.someone.says("STATUS")
    assert sari.someone.chat.ever[0] == "Kabar 1"


@pytest.mark.parametrize("written_down", [True, False])
async def test_what_failed_for_want_of_a_late_text_waits_for_one_or_until_she_writes(
    desk: OfficeDesk, sari: Reader, written_down: bool
) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1", late=NEWS))
    lacking = about(row, Told.LACKING, code="template_paused", at=desk.at)
    if written_down:
        await takes(desk, row)
    later(desk)
    await tell(desk, lacking)
    kept = await row_of(desk, row)
    assert (kept["state"], kept["code"], kept["sealed"] is None) == ("shut", "needs_template", False)
    # The text is let in again, and that it was not is told once more.
    later(desk)
    await desk.store.transact(lambda tx: tx.outbox.let_in("test"))
    await tell(desk, lacking)
    assert await waits(desk, sari) == ["Kabar 1"]
    await tell(desk, about(row, Told.LACKING, "net-2", code="template_paused"))
    await sari.someone.says("LIHAT")
    assert sari.someone.chat.ever[0] == "Kabar 1"


async def test_a_knock_that_was_not_let_in_is_made_again_once_it_is(desk: OfficeDesk, sari: Reader) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1", late=NEWS))
    await desk.store.transact(lambda tx: tx.outbox.shut(row, sari.person.id, "knocked", knock_id="net-1"))
    await tell(desk, about(row, Told.LACKING, code="template_paused", kind="k"))
    await desk.store.transact(lambda tx: tx.outbox.let_in("test"))
    assert await waits(desk, sari) == ["Kabar 1"]


async def test_what_she_has_after_all_is_not_sent_again_when_she_writes(desk: OfficeDesk, sari: Reader) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1"))
    await desk.store.transact(lambda tx: tx.outbox.postpone(row, until=tx.at, code="timeout"))
    await desk.store.transact(lambda tx: tx.outbox.shut(row, sari.person.id, "needs_template"))
    await tell(desk, about(row, Told.DELIVERED))
    assert await state_of(desk, row) == "sent"


async def test_who_wrote_meanwhile_is_sent_free_text_again(desk: OfficeDesk, sari: Reader) -> None:
    shut, gone = await sari.is_sent(Message("Kabar 1"), Message("Kabar 2"))
    handed_at = desk.at
    await takes(desk, shut)
    await takes(desk, gone, "net-2")
    later(desk)
    await sari.arrives()
    await tell(desk, about(shut, Told.SHUT, at=handed_at), about(gone, Told.GONE, "net-2", at=handed_at))
    later(desk)
    assert await waits(desk, sari) == ["Kabar 1"]
    assert not (await sari.due())[0].late
    assert await state_of(desk, gone) == "waiting"


async def test_who_is_gone_hears_everything_in_order_when_they_write(desk: OfficeDesk, sari: Reader) -> None:
    first, _, file = (
        *(await sari.is_sent(Message("Kabar 1"), Message("Kabar 2"))),
        *(await sari.is_sent(Deletion(file="media-1"), lane=FOR_THE_NETWORK)),
    )
    await takes(desk, first)
    later(desk)
    await tell(desk, about(first, Told.GONE, code="undeliverable"))
    assert [row.id for row in await sari.due()] == [file]
    waiting = await desk.store.read(lambda tx: {row["code"]: row["n"] for row in tx.outbox.until_they_write()})
    assert waiting == {"undeliverable": 2}
    await sari.someone.says("STATUS")
    assert sari.someone.chat.ever[:2] == ["Kabar 1", "Kabar 2"]


async def test_a_knock_that_was_read_is_not_the_message_itself(desk: OfficeDesk, sari: Reader) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1"))
    await desk.store.transact(lambda tx: tx.outbox.shut(row, sari.person.id, "knocked", knock_id="net-1"))
    await tell(desk, *(about(row, told, kind="k") for told in GOOD))
    assert await state_of(desk, row) == "shut"
    await sari.someone.says("LIHAT")
    assert sari.someone.chat.ever[0] == "Kabar 1"


@pytest.mark.parametrize("word", ["YA", "LIHAT", "halo"])
async def test_what_is_let_in_is_followed_by_the_open_question(desk: OfficeDesk, sari: Reader, word: str) -> None:
    await sari.someone.says("DAFTAR")
    await sari.someone.says("SETUJU")
    later(desk)
    (row,) = await sari.is_sent(Message("Kabar 1", late=NEWS))
    await desk.store.transact(lambda tx: tx.outbox.shut(row, sari.person.id, "knocked", knock_id="net-1"))
    assert (await sari.someone.says(word)).startswith("Kabar 1\nSilakan ketik **nomor KTP (NIK)**.")


async def test_a_question_that_waited_itself_is_not_put_twice(desk: OfficeDesk, sari: Reader) -> None:
    later(desk)
    (row,) = await desk.store.transact(_asked, sari)
    await desk.store.transact(lambda tx: tx.outbox.shut(row, sari.person.id, "needs_template"))
    heard = await sari.someone.says("YA")
    assert heard.count("Pendaftaran ini untuk") == 1


def _asked(tx: Tx, sari: Reader) -> list[int]:
    begin_for(tx, sari.person, sari.desk.office, "for_whom")
    return [row.id for row in tx.outbox.due("test", limit=5)]


@pytest.mark.parametrize("told", GOOD)
async def test_a_knock_whose_answer_was_lost_is_not_made_twice(desk: OfficeDesk, sari: Reader, told: Told) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1", late=NEWS))
    await takes(desk, row)
    await tell(desk, about(row, Told.SHUT))
    await desk.store.transact(lambda tx: tx.outbox.postpone(row, until=tx.at + 5000, code="timeout"))
    await tell(desk, about(row, told, "net-2", kind="k"))
    assert await state_of(desk, row) == "shut"
    assert await desk.store.read(lambda tx: tx.outbox.has_knocked(sari.person.id, NEWS.name))
    # Told again once she has written, it holds nothing back.
    await sari.arrives()
    await desk.store.transact(lambda tx: tx.outbox.release(sari.person.id))
    await tell(desk, about(row, told, "net-2", kind="k"))
    assert await waits(desk, sari) == ["Kabar 1"]


@pytest.mark.parametrize("first", [True, False])
async def test_a_knock_that_failed_says_so_to_the_office_and_may_be_made_again(
    desk: OfficeDesk, sari: Reader, first: bool
) -> None:
    (row,) = await sari.is_sent(Message("Kabar 1"))
    failed = about(row, Told.FAILED, code="marketing_limit", kind="k")
    if first:
        await tell(desk, failed)
    await desk.store.transact(lambda tx: tx.outbox.shut(row, sari.person.id, "knocked", knock_id="net-1"))
    if not first:
        await tell(desk, failed)
    kept = await row_of(desk, row)
    assert (kept["state"], kept["code"]) == ("shut", "marketing_limit")


async def test_a_knock_to_nobody_makes_them_unreachable(desk: OfficeDesk, sari: Reader) -> None:
    row, _ = await sari.is_sent(Message("Kabar 1"), Message("Kabar 2"))
    await desk.store.transact(lambda tx: tx.outbox.shut(row, sari.person.id, "knocked", knock_id="net-1"))
    await tell(desk, about(row, Told.GONE, code="undeliverable", kind="k"))
    assert await sari.due() == []
    await sari.someone.says("LIHAT")
    assert sari.someone.chat.ever[:2] == ["Kabar 1", "Kabar 2"]


async def test_what_nobody_tells_of_for_a_day_counts_as_sent(desk: OfficeDesk, sari: Reader) -> None:
    row, young = await sari.is_sent(Message("Kabar 1"), Message("Kabar 2"))
    await takes(desk, row)
    await tell(desk, about(row, Told.SENT))
    later(desk, hours=20)
    await takes(desk, young, "net-2")
    later(desk, hours=5)
    await desk.store.transact(due.count_as_sent, desk.office)
    assert (await row_of(desk, row))["sealed"] is None
    assert [await state_of(desk, each) for each in (row, young)] == ["sent", "accepted"]
