"""The outbox row by row, on both databases: what goes first, what waits for its person, and what waits for nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversation.messages import Deletion, Edit, Late, Message, Outgoing
from domain.person import Person
from domain.rules import Rules
from handlers import due
from storage.outbox import FOR_THE_NETWORK, Waiting
from storage.statement import Statement
from storage.store import Tx
from tests.office_desk import OfficeDesk, database, engine_for

ROWS = Statement("SELECT id, state, code, sent_id, sealed FROM outbox ORDER BY id")
HELD = Statement("SELECT held FROM addresses")
NEWS = Late("news_for_you")


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(request.param, tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk
        await desk.store.close()


class Reader:
    """Somebody who is written to, and what of it is in the outbox."""

    def __init__(self, desk: OfficeDesk) -> None:
        self.desk = desk
        self.someone = desk.someone("Sari")
        self.person: Person

    async def arrives(self, *, known: bool = True) -> None:
        def unit(tx: Tx) -> Person:
            person, _ = tx.people.arrive(self.someone.address)
            if known:
                tx.people.keep(person)
            return person

        self.person = await self.desk.store.transact(unit)

    async def is_sent(self, *outs: Outgoing, lane: int = 0) -> list[int]:
        """Write these into the outbox; their ids."""
        return await self.desk.store.transact(lambda tx: [tx.outbox.put(self.person, out, lane=lane) for out in outs])

    async def due(self) -> list[Waiting]:
        return await self.desk.store.read(lambda tx: tx.outbox.due("test", limit=50))

    async def rows(self) -> dict[int, str]:
        """State by id."""
        found = await self.desk.store.engine.read(lambda db: db.all(ROWS))
        return {row["id"]: row["state"] for row in found}

    async def waits_for_a_word(self) -> bool:
        (row,) = await self.desk.store.engine.read(lambda db: db.all(HELD))
        return bool(row["held"])


@pytest.fixture
async def sari(desk: OfficeDesk) -> Reader:
    reader = Reader(desk)
    await reader.arrives()
    return reader


async def test_what_is_shut_holds_up_nothing_and_goes_first_when_the_person_writes(
    desk: OfficeDesk, sari: Reader
) -> None:
    first, second = await sari.is_sent(Message("Kabar 1"), Message("Kabar 2"))
    await desk.store.transact(lambda tx: tx.outbox.shut(first, sari.person.id, "needs_template"))
    assert [row.id for row in await sari.due()] == [second]
    assert await sari.waits_for_a_word()
    await sari.someone.says("STATUS")
    assert sari.someone.chat.ever[:2] == ["Kabar 1", "Kabar 2"]
    assert len(sari.someone.chat.ever) == 3
    assert not await sari.waits_for_a_word()


async def test_what_is_held_since_they_are_gone_goes_out_in_its_order_with_what_was_shut(
    desk: OfficeDesk, sari: Reader
) -> None:
    first, _ = await sari.is_sent(Message("Kabar 1"), Message("Kabar 2"))

    def gone(tx: Tx) -> None:
        tx.outbox.shut(first, sari.person.id, "knocked")
        tx.people.mark_unreachable(sari.person.id, True)
        tx.outbox.hold(sari.person.id, "blocked")

    await desk.store.transact(gone)
    assert await sari.due() == []
    waiting = await desk.store.read(lambda tx: {row["code"]: row["n"] for row in tx.outbox.until_they_write()})
    assert waiting == {"knocked": 1, "blocked": 1}
    await sari.someone.says("STATUS")
    assert sari.someone.chat.ever[:2] == ["Kabar 1", "Kabar 2"]


async def test_people_whose_rows_were_held_before_there_was_a_note_of_it_get_them_too(
    desk: OfficeDesk, sari: Reader
) -> None:
    await sari.is_sent(Message("Kabar 1"))

    def gone(tx: Tx) -> None:
        tx.people.mark_unreachable(sari.person.id, True)
        tx.outbox.hold(sari.person.id, "blocked")

    await desk.store.transact(gone)
    await desk.store.engine.transact(lambda db: db.run(Statement("UPDATE addresses SET held = 0")))
    await sari.someone.says("STATUS")
    assert sari.someone.chat.ever[0] == "Kabar 1"


async def test_an_edit_of_what_is_shut_is_known_as_such_and_one_of_what_never_went_out_is_not(
    desk: OfficeDesk, sari: Reader
) -> None:
    (shown,) = await sari.is_sent(Message("Kabar 1"))
    await desk.store.transact(lambda tx: tx.outbox.shut(shown, sari.person.id, "knocked"))
    edit, _ = await sari.is_sent(Edit(of=shown), Deletion(of=4711))
    (row,) = await sari.due()
    assert (row.id, row.shut_as, row.lost_ref) == (edit, "knocked", False)
    await desk.store.transact(lambda tx: tx.outbox.shut(edit, sari.person.id, "knocked"))
    (row,) = await sari.due()
    assert (row.shut_as, row.lost_ref) == ("", True)


async def test_an_edit_finds_the_id_of_what_the_network_has_taken_and_not_told_of(
    desk: OfficeDesk, sari: Reader
) -> None:
    (shown,) = await sari.is_sent(Message("Kabar 1"))
    await desk.store.transact(lambda tx: tx.outbox.accepted([(shown, "net-1")]))
    await sari.is_sent(Edit(of=shown, text="Kabar"))
    (row,) = await sari.due()
    assert row.ref == "net-1"
    assert (await sari.rows())[shown] == "accepted"


async def test_a_knock_is_remembered_by_its_name_until_the_person_writes(desk: OfficeDesk, sari: Reader) -> None:
    first, second = await sari.is_sent(Message("Kabar", late=NEWS), Message("Lain", late=Late("other")))

    def knocked(tx: Tx, name: str) -> bool:
        return tx.outbox.has_knocked(sari.person.id, name)

    assert not await desk.store.read(knocked, NEWS.name)
    await desk.store.transact(lambda tx: tx.outbox.shut(first, sari.person.id, "knocked", knock_id="net-1"))
    await desk.store.transact(lambda tx: tx.outbox.shut(second, sari.person.id, "needs_template"))
    assert await desk.store.read(knocked, NEWS.name)
    assert not await desk.store.read(knocked, "other")
    await sari.someone.says("LIHAT")
    assert not await desk.store.read(knocked, NEWS.name)


async def test_what_is_for_the_network_alone_stands_in_nobodys_order_and_is_not_held(
    desk: OfficeDesk, sari: Reader
) -> None:
    file = Deletion(file="media-1")
    (chore,) = await sari.is_sent(file, lane=FOR_THE_NETWORK)
    (text,) = await sari.is_sent(Message("Kabar 1"))
    assert {row.id: row.line for row in await sari.due()} == {text: sari.person.id, chore: chore}
    await desk.store.transact(lambda tx: tx.outbox.hold(sari.person.id, "blocked"))
    assert [(row.id, row.out) for row in await sari.due()] == [(chore, file)]
    assert await desk.store.read(lambda tx: tx.outbox.due("test", limit=50, besides=[chore])) == []
    assert await desk.store.read(lambda tx: tx.outbox.waits_for(sari.person.id)) == 1
    # Nor does it go when the person takes everything back.
    await desk.store.transact(lambda tx: tx.outbox.drop(sari.person.id))
    assert list(await sari.rows()) == [chore]


async def test_strangers_are_forgotten_with_what_is_shut(desk: OfficeDesk) -> None:
    stranger = Reader(desk)
    await stranger.arrives(known=False)
    (row,) = await stranger.is_sent(Message("Kabar"))
    await desk.store.transact(lambda tx: tx.outbox.shut(row, stranger.person.id, "needs_template"))
    await desk.passes(days=15)
    await desk.store.transact(due.forget, desk.office)
    assert await stranger.rows() == {}
    assert await desk.store.engine.read(lambda db: db.all(HELD)) == []
