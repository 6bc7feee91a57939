"""Changing the data key: everything stays readable, nothing stays under the old key, an interruption does no harm."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot import rotate
from bot.open_store import KEY_CHECK, opened
from bot.rotate import rotate_key
from bot.settings import Settings
from bot.work import Work
from conversation.fold import Fold
from conversation.messages import Choice, Incoming, Kind, Message
from conversation.progress import Progress
from domain.address import Address
from domain.broadcast import Content
from domain.broadcast import Kind as BroadcastKind
from domain.officer import Role
from domain.registration import Actor, Decided, Decision, Status
from storage import keyfile
from storage import rotate as slices
from storage.rotate import SEALED, keys_in_use
from storage.store import Store, Tx
from storage.vault import Unreadable
from tests.own_settings import demo_settings
from tests.postgres_server import fresh_database

SARI = Address("webchat", "demo", "worker-1")
ELSEWHERE = Address("telegram", "990001", "77")
DEWI = Address("webchat", "demo", "officer-1")


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    if request.param == "sqlite":
        yield demo_settings(tmp_path)
    else:
        with fresh_database() as address:
            yield demo_settings(tmp_path, address)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate, "SETTLE", 0.0)


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[Store]:
    async with opened(settings) as found:
        found.store.folds = {"webchat": Fold(most=10, hint="Balas dengan nomornya.")}
        yield found.store


def fill(tx: Tx) -> int:
    """A row in every table that holds something sealed; gives the registration."""
    sari, _ = tx.people.arrive(replace(SARI, number="6281234500001"))
    tx.people.keep(sari)
    dewi, _ = tx.people.arrive(DEWI)
    tx.people.keep(dewi)
    officer = tx.staff.enrol(replace(dewi, known=True), role=Role.OFFICER, areas=(), name="Dewi")
    case = tx.registrations.draft(sari.id, for_other=False)
    tx.registrations.put_answers(case, {"name": "Sari", "street": "Jalan Laut 1"})
    tx.registrations.add_note(case.id, "Rumah biru", actor=Actor.WORKER)
    tx.people.save_progress(sari.id, Progress("registration", "street", tries=2, source="m1"), remind_at=None)
    tx.outbox.put(replace(sari, known=True), Message("Selamat pagi", (Choice("Ya", "w:status"),)))
    tx.inbox.park(sari.id, Incoming(key="k1", address=SARI, kind=Kind.TEXT, text="halo"), state="failed")
    event = tx.events.add(starts_at=tx.at, village=None, place="Balai desa", bring="KTP", created_by=officer.id)
    tx.broadcasts.draft(officer.id, kind=BroadcastKind.INVITATION, content=Content("Mari datang"), event_id=event.id)
    tx.enquiries.ask(replace(sari, known=True), area=None, text="Kapan kartunya?")
    case = tx.registrations.save(case, replace(case, receipt=tx.registrations.new_receipt("AMB")))
    case = tx.registrations.move(case, Status.SUBMITTED, by=Actor.WORKER)
    case = tx.registrations.move(case, Status.IN_REVIEW, by=Actor.OFFICER, actor_id=officer.id, officer_id=officer.id)
    tx.queue.decide(
        Decision(case.id, officer.id, case.version, Decided.REJECT, ("photo_unreadable",), tx.at, tx.at, note="Buram")
    )
    # Somebody goes on elsewhere, and is here again since.
    join, there = tx.joins.find(tx.joins.offer(sari.id)), tx.people.arrive(ELSEWHERE)[0]
    assert join is not None
    tx.joins.complete(join, replace(sari, known=True), there, only=False)
    tx.people.arrive(SARI)
    return case.id


def readable(tx: Tx, case: int) -> list[str]:
    """Everything that `fill` sealed, opened."""
    sari = tx.registrations.get(case)
    assert sari is not None
    person = tx.people.get(sari.address_id)
    assert person is not None
    progress = tx.people.progress(person.id)
    parked = tx.inbox.first(person.id) or tx.inbox.get(tx.inbox.failed(limit=1)[0]["id"])
    pending = tx.queue.pending(case)
    offer = tx.offers.of(person.id)
    assert offer is not None
    assert progress is not None
    assert parked is not None
    assert pending is not None
    return [
        person.address.id,
        *tx.registrations.answers(case).values(),
        tx.registrations.notes(case)[0][1],
        progress.source,
        str(getattr(tx.outbox.due("webchat", limit=1)[0].out, "text", "")),
        parked.incoming.text or "",
        tx.enquiries.open_in((), limit=1)[0].text,
        tx.staff.all()[0].name,
        pending.note or "",
        tx.events.since(0, limit=1)[0].place,
        tx.broadcasts.open()[0].content.text,
        offer.picks[1],
    ]


SAID = [
    "worker-1", "Sari", "Jalan Laut 1", "Rumah biru", "m1", "Selamat pagi", "halo", "Kapan kartunya?", "Dewi", "Buram",
    "Balai desa", "Mari datang", "w:status",
]  # fmt: skip


async def _rotate(settings: Settings, store: Store) -> list[str]:
    return [sentence async for sentence in rotate_key(Work(settings, store), {})]


async def _everything_is_under(settings: Settings, store: Store, key: int) -> None:
    assert await store.engine.read(keys_in_use) == {key}
    assert store.media.keys_in_use() == {key}
    assert list(keyfile.load(settings.key_file).data) == [key]


async def test_every_sealed_table_is_filled_by_this_test(settings: Settings) -> None:
    async with store_of(settings) as store:
        await store.transact(fill)
        empty = [s.table for s in SEALED if not await store.engine.read(lambda db, s=s: db.all(s.in_use))]
    assert set(empty) <= {"desks"}  # a desk keeps nothing sealed for now


async def test_everything_reads_as_before_under_the_new_key_alone(settings: Settings) -> None:
    photo = secrets.token_hex(16)
    async with store_of(settings) as store:
        case = await store.transact(fill)
        store.media.write(b"KTP", name=photo)
        told = await _rotate(settings, store)
        assert await store.read(readable, case) == SAID
        assert store.media.read(photo) == b"KTP"
        await _everything_is_under(settings, store, 2)
    assert "Forgot the old data key 1." in told
    async with store_of(settings) as store:
        assert await store.read(readable, case) == SAID


async def test_a_connection_is_undone_under_the_new_key(settings: Settings) -> None:
    async with store_of(settings) as store:
        await store.transact(fill)
        await _rotate(settings, store)
        back = await store.transact(lambda tx: tx.joins.undo(tx.people.arrive(SARI)[0]))
        assert [each.address for each in back or ()] == [ELSEWHERE]


async def test_the_old_key_file_no_longer_opens_the_database(settings: Settings) -> None:
    async with store_of(settings) as store:
        before = settings.key_file.read_bytes()
        case = await store.transact(fill)
        await _rotate(settings, store)
        current = settings.key_file.read_bytes()
        settings.key_file.write_bytes(before)
        store.vault.adopt(keyfile.load(settings.key_file))
        with pytest.raises(Unreadable):
            await store.read(readable, case)
        settings.key_file.write_bytes(current)


async def test_people_who_write_meanwhile_lose_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE", 3)
    async with store_of(settings) as store:
        case = await store.transact(fill)
        draft = await store.read(lambda tx: tx.registrations.get(case))
        assert draft is not None

        async def writes() -> None:
            for n in range(60):
                await store.transact(lambda tx, n=n: tx.registrations.put_answers(draft, {f"q{n % 7}": f"nilai {n}"}))

        _, told = await asyncio.gather(writes(), _rotate(settings, store))
        answers = await store.read(lambda tx: tx.registrations.answers(case))
        assert {answers[f"q{n % 7}"] for n in range(53, 60)} == {f"nilai {n}" for n in range(53, 60)}
        await _everything_is_under_rows(store, 2)
    assert "Forgot the old data key 1." in told


async def _everything_is_under_rows(store: Store, key: int) -> None:
    assert await store.engine.read(keys_in_use) == {key}


@pytest.mark.parametrize("sentences", [1, 2])
async def test_an_interrupted_change_goes_on_with_the_same_key(settings: Settings, sentences: int) -> None:
    photo = secrets.token_hex(16)
    async with store_of(settings) as store:
        case = await store.transact(fill)
        store.media.write(b"KTP", name=photo)
        going = rotate_key(Work(settings, store), {})
        for _ in range(sentences):  # after the first nothing is sealed anew yet, after the second everything is
            await anext(going)
        await going.aclose()
    async with opened(settings) as found:
        assert any("was not finished" in warning for warning in found.warnings)
        assert await found.store.read(readable, case) == SAID
        told = await _rotate(settings, found.store)
        assert told[0].startswith("Going on with data key 2")
        assert await found.store.read(readable, case) == SAID
        await _everything_is_under(settings, found.store, 2)


async def test_a_change_cut_off_between_slices_is_finished_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with store_of(settings) as store:
        case = await store.transact(fill)
        done = 0

        async def one_table_then_cut(engine, vault):
            nonlocal done
            done += (
                await engine.transact(
                    lambda db: slices._reseal_slice(db, sealed=SEALED[0], vault=vault, after=SEALED[0].before_all)
                )
            )[0]
            raise asyncio.CancelledError

        with monkeypatch.context() as patched:
            patched.setattr(slices, "reseal_rows", one_table_then_cut)
            with pytest.raises(asyncio.CancelledError):
                await _rotate(settings, store)
        assert done == 2
        assert await store.engine.read(keys_in_use) == {1, 2}
    async with store_of(settings) as store:
        assert await store.read(readable, case) == SAID
        await _rotate(settings, store)
        assert await store.engine.read(keys_in_use) == {2}


async def test_a_key_that_a_damaged_value_needs_stays_in_the_file(settings: Settings) -> None:
    photo = secrets.token_hex(16)
    async with store_of(settings) as store:
        store.media.write(b"KTP", name=photo)
        path = settings.media_dir / photo
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        told = await _rotate(settings, store)
        assert any("Data key 1 stays in the file" in sentence for sentence in told)
        assert sorted(keyfile.load(settings.key_file).data) == [1, 2]


async def test_the_database_knows_its_new_key_and_the_change_is_on_the_audit_trail(settings: Settings) -> None:
    async with store_of(settings) as store:
        await _rotate(settings, store)
        keys = keyfile.load(settings.key_file)
        assert await store.read(lambda tx: tx.meta(KEY_CHECK)) == keyfile.check_value(keys)
        await store.transact(lambda tx: tx.audit.seal())
        verdict = await store.read(lambda tx: tx.audit.verify())
    assert (verdict.lines, verdict.faults) == (1, ())
