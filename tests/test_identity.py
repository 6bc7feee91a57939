"""Who is there: by a lasting id, by a number that comes, goes and passes on, at the address they used last."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversation.messages import Edit, Incoming, Kind, Message, Receipt, Told
from domain.address import Address
from domain.mark import OfRow
from domain.person import Person
from domain.rules import Rules
from domain.topic import ALL_TOPICS
from handlers import delivery_receipts
from handlers.router import handle
from storage.statement import Statement
from storage.store import Store, Tx
from tests.office_desk import OfficeDesk, database, engine_for

_keys = itertools.count(1)


def at(name: str = "", number: str = "", *, channel: str = "whatsapp") -> Address:
    """An account by a lasting id, by a number, or both."""
    return Address(channel, "62", name or number, number)


SARI, SARIS_NUMBER = at("sari"), at(number="6281234500001")
BOTH = at("sari", "6281234500001")


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(request.param, tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk
        await desk.store.close()


@pytest.fixture
def store(desk: OfficeDesk) -> Store:
    return desk.store


async def arrives(store: Store, address: Address, *, agrees: bool = False) -> Person:
    def unit(tx: Tx) -> Person:
        person, _ = tx.people.arrive(address)
        if agrees:
            tx.people.keep(person)
        return person

    return await store.transact(unit)


async def puts(store: Store, person: Person, *outs: Message | Edit) -> list[int]:
    return await store.transact(lambda tx: [tx.outbox.put(person, out) for out in outs])


async def waiting(store: Store, channel: str) -> list[tuple[str, str]]:
    """(to, text) of what waits for a network, in its order for each person."""

    def unit(tx: Tx) -> list[tuple[str, str]]:
        found = []
        for row in tx.outbox.due(channel, limit=50):
            while row is not None:
                found.append((row.to, getattr(row.out, "text", None) or "-"))
                following = tx.outbox.after(row, channel)
                row = following  # type: ignore[assignment]
        return found

    return await store.transact(unit)


async def handles(desk: OfficeDesk, address: Address, kind: Kind, moved: Address | None = None) -> None:
    incoming = Incoming(f"k{next(_keys)}", address, kind, moved=moved)
    await desk.store.transact(handle, incoming, desk.office)


# A number that appears later


async def test_a_number_that_comes_later_leads_to_the_same_person(store: Store) -> None:
    sari = await arrives(store, SARI, agrees=True)
    assert (await arrives(store, BOTH)).id == sari.id
    assert (await arrives(store, SARIS_NUMBER)).id == sari.id
    assert (await arrives(store, SARI)).id == sari.id


async def test_who_was_known_by_the_number_alone_stays_the_same_person_with_a_lasting_id(store: Store) -> None:
    sari = await arrives(store, SARIS_NUMBER, agrees=True)
    assert (await arrives(store, BOTH)).id == sari.id
    assert (await arrives(store, SARI)).id == sari.id
    assert (await arrives(store, SARIS_NUMBER)).id == sari.id
    kept = await store.transact(lambda tx: tx.people.get(sari.id))
    assert kept is not None
    assert kept.address.id in (SARI.id, SARIS_NUMBER.id)


async def test_a_stranger_with_an_id_and_a_number_leaves_two_hashes_only(store: Store) -> None:
    await arrives(store, BOTH)
    rows = await store.engine.read(lambda db: db.all(Statement("SELECT sealed FROM aliases")))
    assert [row["sealed"] for row in rows] == [None]


async def test_a_new_number_takes_the_place_of_the_old_one(store: Store) -> None:
    sari = await arrives(store, BOTH, agrees=True)
    assert (await arrives(store, at("sari", "6281234500009"))).id == sari.id
    assert (await arrives(store, at(number="6281234500009"))).id == sari.id
    assert (await arrives(store, SARIS_NUMBER)).id != sari.id, "the old number may be somebody else's now"


# A number that passes on


async def test_a_number_that_passed_on_shows_nothing_of_its_former_owner(store: Store) -> None:
    sari = await arrives(store, BOTH, agrees=True)
    joko = await arrives(store, at("joko", SARIS_NUMBER.id))
    assert joko.id != sari.id
    assert not joko.known
    assert (await arrives(store, SARIS_NUMBER)).id == joko.id
    assert (await arrives(store, SARI)).id == sari.id


async def test_an_id_with_nothing_yet_goes_on_as_the_person_its_number_is_known_by(store: Store) -> None:
    sari = await arrives(store, SARIS_NUMBER, agrees=True)
    assert (await arrives(store, SARI)).id != sari.id
    assert (await arrives(store, BOTH)).id == sari.id
    assert (await arrives(store, SARI)).id == sari.id


async def test_two_people_with_something_of_their_own_are_never_made_one(store: Store) -> None:
    by_number = await arrives(store, SARIS_NUMBER, agrees=True)
    by_id = await arrives(store, SARI, agrees=True)
    assert (await arrives(store, BOTH)).id == by_id.id
    assert (await arrives(store, SARIS_NUMBER)).id == by_number.id
    assert (await arrives(store, BOTH)).id == by_id.id


async def test_a_number_with_nothing_yet_goes_to_the_id_it_comes_with(store: Store) -> None:
    sari = await arrives(store, SARI, agrees=True)
    stranger = await arrives(store, SARIS_NUMBER)
    await puts(store, stranger, Message("Selamat pagi"))
    assert stranger.id != sari.id
    assert (await arrives(store, BOTH)).id == sari.id
    assert (await arrives(store, SARIS_NUMBER)).id == sari.id


async def test_messages_with_and_without_the_number_at_once_are_one_person(store: Store) -> None:
    sari = await arrives(store, SARIS_NUMBER, agrees=True)
    found = await asyncio.gather(*(arrives(store, each) for each in [BOTH, SARIS_NUMBER, BOTH, SARIS_NUMBER] * 5))
    assert {each.id for each in found} == {sari.id}


# The network says that an account moved


async def test_an_account_that_moved_is_the_same_person_at_the_new_number(desk: OfficeDesk) -> None:
    sari, new = await arrives(desk.store, SARIS_NUMBER, agrees=True), at(number="6281234500009")
    await puts(desk.store, sari, Message("Kabar baik"))
    await handles(desk, SARIS_NUMBER, Kind.MOVED, new)
    assert await waiting(desk.store, "whatsapp") == [(new.id, "Kabar baik")]
    assert (await arrives(desk.store, new)).id == sari.id
    assert (await arrives(desk.store, SARIS_NUMBER)).id != sari.id


async def test_the_number_of_an_account_with_a_lasting_id_moves_alone(desk: OfficeDesk) -> None:
    sari, new = await arrives(desk.store, BOTH, agrees=True), at(number="6281234500009")
    await handles(desk, SARIS_NUMBER, Kind.MOVED, new)
    assert (await arrives(desk.store, SARI)).id == sari.id
    assert (await arrives(desk.store, new)).id == sari.id
    assert (await arrives(desk.store, SARIS_NUMBER)).id != sari.id


async def test_a_move_brings_a_new_id_and_number(desk: OfficeDesk) -> None:
    sari, new = await arrives(desk.store, BOTH, agrees=True), at("sari-2", "6281234500009")
    await handles(desk, BOTH, Kind.MOVED, new)
    for there in (new, at("sari-2"), at(number=new.number)):
        assert (await arrives(desk.store, there)).id == sari.id
    assert (await arrives(desk.store, SARI)).id != sari.id


async def test_a_move_to_where_somebody_is_changes_nothing(desk: OfficeDesk) -> None:
    sari, joko = await arrives(desk.store, SARI, agrees=True), await arrives(desk.store, at("joko"), agrees=True)
    await handles(desk, SARI, Kind.MOVED, at("joko"))
    assert (await arrives(desk.store, SARI)).id == sari.id
    assert (await arrives(desk.store, at("joko"))).id == joko.id
    assert await waiting(desk.store, "whatsapp") == []


async def test_a_stranger_who_moved_leaves_nothing_behind(desk: OfficeDesk) -> None:
    await handles(desk, at("joko"), Kind.MOVED, at("joko-2"))
    assert await desk.store.engine.read(lambda db: db.all(Statement("SELECT id FROM addresses"))) == []


# The address in use


HOME = at("77", channel="telegram")


async def joined(store: Store) -> Person:
    """Sari, at home in one network and known by an alias in another, which she used last."""
    sari = await arrives(store, HOME, agrees=True)

    def unit(tx: Tx) -> None:
        aliases = tx.people.aliases
        aliases.add(sari.id, aliases.digest(SARI), SARI, by_number=False)

    await store.transact(unit)
    found = await arrives(store, SARI)
    assert found.id == sari.id
    return found


async def test_what_waits_goes_to_the_address_last_used(store: Store) -> None:
    sari = await joined(store)
    (shown,) = await puts(store, sari, Message("Pertanyaan"))
    await puts(store, sari, Edit(shown), Message("Kabar baik"))
    await arrives(store, HOME)
    assert await waiting(store, "telegram") == [("77", "Pertanyaan"), ("77", "Kabar baik")]
    kept = await store.transact(lambda tx: tx.people.get(sari.id))
    assert kept is not None
    assert kept.address == HOME
    await arrives(store, SARI)
    assert [to for to, _ in await waiting(store, "whatsapp")] == ["sari", "sari", "sari"]


async def test_what_was_held_goes_out_at_the_address_last_used(store: Store) -> None:
    sari = await joined(store)
    await store.transact(lambda tx: tx.people.mark_unreachable(sari.id, True))
    await puts(store, replace(sari, unreachable=True), Message("Kabar baik"))
    assert not (await arrives(store, HOME)).unreachable
    assert await waiting(store, "telegram") == [("77", "Kabar baik")]


OLD = at("lama")


@pytest.mark.parametrize("left", [SARI, OLD])
async def test_what_came_to_nobody_at_an_address_left_goes_to_the_one_last_used(
    desk: OfficeDesk, left: Address
) -> None:
    """At another network, or another account at the same one."""
    store, now_at = desk.store, HOME if left is SARI else SARI
    sari = await joined(store)

    def unit(tx: Tx) -> None:
        aliases = tx.people.aliases
        aliases.add(sari.id, aliases.digest(OLD), OLD, by_number=False)

    await store.transact(unit)
    sari = await arrives(store, left)
    row, edit = [*(await puts(store, sari, Message("Kabar baik"))), *(await puts(store, sari, Edit(4711)))]
    handed_at = desk.at
    await store.transact(lambda tx: tx.outbox.accepted([(row, "net-1"), (edit, "net-2")]))
    desk.now += timedelta(seconds=10)
    await arrives(store, now_at)
    gone = [
        Receipt(f"net-{n}", Told.GONE, str(OfRow(of, handed_at)), "undeliverable") for n, of in ((1, row), (2, edit))
    ]
    await store.transact(delivery_receipts.note, gone, desk.office)
    await store.transact(delivery_receipts.note, gone, desk.office)
    assert await waiting(store, now_at.channel) == [(now_at.id, "Kabar baik")]
    kept = await store.transact(lambda tx: tx.people.get(sari.id))
    assert kept is not None
    assert not kept.unreachable
    assert await store.transact(lambda tx: tx.outbox.counts()) == {"waiting": 1, "dead": 1}


async def test_how_it_ended_at_a_network_left_meanwhile_is_no_news_of_what_goes_elsewhere(desk: OfficeDesk) -> None:
    store = desk.store
    sari = await joined(store)
    (row,) = await puts(store, sari, Message("Kabar baik"))
    handed_at = desk.at
    desk.now += timedelta(seconds=10)
    await arrives(store, HOME)

    def ended(tx: Tx) -> None:
        tx.outbox.dead(row, "refused", channel="whatsapp")
        tx.outbox.postpone(row, until=tx.at + 60_000, code="timeout", channel="whatsapp")
        tx.outbox.shut(row, sari.id, "needs_template", channel="whatsapp")
        tx.outbox.accepted([(row, "net-1")], channel="whatsapp")
        tx.outbox.sent([(row, "net-1")], channel="whatsapp")

    await store.transact(ended)
    for told in (Told.FAILED, Told.LATER, Told.SHUT, Told.LACKING, Told.GONE, Told.SENT):
        receipt = Receipt("net-1", told, str(OfRow(row, handed_at)), "x")
        await store.transact(delivery_receipts.note, [receipt], desk.office)
    assert await waiting(store, "telegram") == [("77", "Kabar baik")]
    await store.transact(lambda tx: tx.outbox.sent([(row, "1")], channel="telegram"))
    assert await waiting(store, "telegram") == []


async def test_blocking_us_at_an_address_not_in_use_stops_nothing(desk: OfficeDesk) -> None:
    sari = await joined(desk.store)
    await handles(desk, HOME, Kind.BLOCKED)
    kept = await desk.store.transact(lambda tx: tx.people.get(sari.id))
    assert kept is not None
    assert not kept.unreachable
    assert kept.address == SARI
    await handles(desk, SARI, Kind.BLOCKED)
    kept = await desk.store.transact(lambda tx: tx.people.get(sari.id))
    assert kept is not None
    assert kept.unreachable


async def test_a_number_alone_does_not_change_the_address_of_its_account(store: Store) -> None:
    sari = await arrives(store, BOTH, agrees=True)
    await arrives(store, SARIS_NUMBER)
    kept = await store.transact(lambda tx: tx.people.get(sari.id))
    assert kept is not None
    assert kept.address.id == "sari"


async def test_who_is_forgotten_is_a_stranger_at_every_address(store: Store) -> None:
    sari = await joined(store)
    await arrives(store, at("sari", "6281234500001"))
    await store.transact(lambda tx: tx.people.forget(sari.id))
    rows = await store.engine.read(lambda db: db.all(Statement("SELECT * FROM aliases")))
    assert rows == []
    assert (await arrives(store, SARI)).id == sari.id
    assert not (await arrives(store, SARI)).known
    assert (await arrives(store, HOME)).id != sari.id


async def test_strangers_are_dropped_with_their_numbers(store: Store) -> None:
    await arrives(store, BOTH)
    assert await store.transact(lambda tx: tx.people.drop_strangers(before=tx.at + 1)) == 1
    assert await store.engine.read(lambda db: db.all(Statement("SELECT * FROM aliases"))) == []


async def test_a_running_broadcast_finds_them_at_the_address_last_used(store: Store) -> None:
    sari = await joined(store)
    await store.transact(lambda tx: tx.people.set_notices(sari.id, ALL_TOPICS))
    line = Statement(
        "INSERT INTO outbox (id, address_id, channel, lane, state, broadcast_id, next_at, created_at)"
        " VALUES (1, :id, 'whatsapp', 2, 'lined', 1, 1, 1)"
    )
    await store.engine.transact(lambda db: db.run(line, id=sari.id))
    await arrives(store, HOME)
    row = await store.engine.read(lambda db: db.one(Statement("SELECT channel FROM outbox WHERE id = 1")))
    assert row == {"channel": "telegram"}


# Whatever comes, in any order

_IDS, _NUMBERS = ("sari", "budi", "joko"), ("1", "2", "3")
_ARRIVAL = st.tuples(st.sampled_from(("", *_IDS)), st.sampled_from(("", *_NUMBERS)), st.booleans())
_MOVE = st.tuples(st.sampled_from(_IDS), st.sampled_from(_IDS))
_DOINGS = st.lists(_ARRIVAL.filter(lambda doing: doing[0] or doing[1]) | _MOVE, max_size=14)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_no_order_of_ids_and_numbers_shows_one_persons_data_to_another(kind: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner, database(kind, tmp_path) as url:
        store = OfficeDesk(engine_for(url), tmp_path / "media", Rules()).store
        runner.run(store.open())

        @settings(max_examples=300 if kind == "sqlite" else 40, deadline=None)
        @given(_DOINGS)
        def property_holds(doings: list[tuple[Any, ...]]) -> None:
            runner.run(_play(store, doings))

        try:
            property_holds()
        finally:
            runner.run(store.close())


async def _play(store: Store, doings: list[tuple[Any, ...]]) -> None:
    for table in ("aliases", "addresses"):
        await store.engine.transact(lambda db, table=table: db.run(Statement(f"DELETE FROM {table}")))  # noqa: S608
    holder: dict[str, str] = {}
    number_of: dict[str, str] = {}
    known: dict[str, int] = {}
    for doing in doings:
        if len(doing) == 2:
            await _moves(store, *doing, known, number_of)
            continue
        name, number, agrees = doing
        person = await arrives(store, at(name, number), agrees=agrees)
        if name:
            # Who has agreed to something is found by the lasting id for ever.
            assert known.get(name, person.id) == person.id
            if number:
                holder[number], number_of[name] = name, number
        ids = {each: await _at(store, at(each)) for each in _IDS}
        if person.known or agrees:
            known |= {each: person.id for each, found in ids.items() if found == person.id}
        taken = [found for found in ids.values() if found is not None]
        assert len(taken) == len(set(taken)), "two accounts are one person"
        for each in _NUMBERS:
            found = await _at(store, at(number=each))
            owner = next((name for name, its in ids.items() if its is not None and its == found), None)
            # A number leads to an account only if the network named the two together, and no other since.
            assert owner is None or (holder.get(each) == owner and number_of.get(owner) == each)


async def _moves(store: Store, old: str, new: str, known: dict[str, int], number_of: dict[str, str]) -> None:
    """The network moves an account to another id, whose number it does not tell."""
    there, leads = await _at(store, at(old)), await _at(store, at(new))
    if not await store.transact(lambda tx: tx.people.follow(at(old), at(new))):
        assert new in known, "nobody with anything of their own was in the way"
        assert await _at(store, at(new)) == leads
    elif there is not None and old != new:
        assert await _at(store, at(new)) == there
        known.pop(new, None)
        number_of.pop(new, None)
        number_of.pop(old, None)
        if old in known:
            known[new] = known.pop(old)


async def _at(store: Store, address: Address) -> int | None:
    """Who would be found there, without arriving."""

    def unit(tx: Tx) -> int | None:
        aliases = tx.people.aliases
        way = aliases.leads_to(aliases.digest(address))
        return way.person_id if way else None

    return await store.transact(unit)
