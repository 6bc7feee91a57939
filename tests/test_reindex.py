"""Changing the index key: everybody is found as before, and an interruption anywhere does no harm."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import reindex
from bot.open_store import INDEX_CHANGE, opened
from bot.problems import CannotStart
from bot.reindex import change_index_key
from bot.selfcheck import self_check
from bot.settings import Settings
from domain.address import Address
from domain.officer import Role
from domain.registration import Actor, Status
from storage import keyfile
from storage import reindex as slices
from storage.engine import Gone
from storage.lock import AlreadyRunning
from storage.store import Store, Tx
from tests.own_settings import demo_settings
from tests.postgres_server import fresh_database

SARI, BUDI = Address("webchat", "demo", "worker-1"), Address("webchat", "demo", "worker-2")
BUDIS_NUMBER = Address("webchat", "demo", "6281234500002", "6281234500002")
ELSEWHERE = Address("telegram", "990001", "77")
NIK, NEW_NIK = "8171014403859901", "8171014403859902"
SAID = {"nik": NIK, "name": "SARNI TUHUMURY", "birth_date": "1985-03-04", "phone": "+6281234500001"}


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    if request.param == "sqlite":
        yield demo_settings(tmp_path)
    else:
        with fresh_database() as address:
            yield demo_settings(tmp_path, address)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE", 1)


def fill(tx: Tx) -> tuple[int, int]:
    """Sari in correction, with a newer NIK that she has not sent in; Budi's draft; some sealed lines."""
    sari, _ = tx.people.arrive(SARI)
    tx.people.keep(sari)
    case = tx.registrations.draft(sari.id, for_other=False)
    tx.registrations.put_answers(case, SAID)
    tx.registrations.index_person(case.id, SAID)
    case = tx.registrations.save(case, replace(case, receipt=tx.registrations.new_receipt("AMB"), area="81.71.01.2001"))
    case = tx.registrations.move(case, Status.SUBMITTED, by=Actor.WORKER)
    tx.audit.seal()
    later = tx.registrations.save(case, replace(case, version=2))
    tx.registrations.put_answers(later, {"nik": NEW_NIK, "name": "SARNI LATUHERU"})
    budi, _ = tx.people.arrive(replace(BUDI, number=BUDIS_NUMBER.id))
    tx.people.keep(budi)
    # He is at another network now, where he was joined.
    aliases = tx.people.aliases
    aliases.add(budi.id, aliases.digest(ELSEWHERE), ELSEWHERE, by_number=False)
    assert tx.people.arrive(ELSEWHERE)[0].id == budi.id
    draft = tx.registrations.draft(budi.id, for_other=False)
    tx.registrations.put_answers(draft, {"nik": NIK})
    tx.staff.invite(role=Role.OFFICER, areas=(), expires_at=tx.at + 1000)
    tx.audit.record("test", actor=Actor.SYSTEM)
    return case.id, sari.id


def is_found(tx: Tx, case: int, sari: int) -> None:
    assert [each.id for each in tx.registrations.holding(NIK)] == [case]
    assert tx.registrations.holding(NEW_NIK) == []
    assert tx.search.with_words("Tuhumury Sarni", (), limit=5) == [case]
    assert tx.search.with_words("Latuheru", (), limit=5) == []
    assert tx.people.arrive(SARI)[0].id == sari
    assert tx.people.arrive(SARI)[0].known
    budi, _ = tx.people.arrive(ELSEWHERE)
    assert budi.known
    assert tx.people.is_in_use(budi.id, ELSEWHERE)
    for address in (BUDIS_NUMBER, BUDI, replace(BUDI, number=BUDIS_NUMBER.id), ELSEWHERE):
        assert tx.people.arrive(address)[0].id == budi.id
    verdict = tx.audit.verify()
    assert verdict.faults == ()
    assert verdict.seals


async def change(settings: Settings) -> list[str]:
    return [sentence async for sentence in change_index_key(settings)]


async def filled(settings: Settings) -> tuple[int, int]:
    async with opened(settings) as found:
        return await found.store.transact(fill)


async def everybody_is_found(settings: Settings, ids: tuple[int, int]) -> None:
    async with opened(settings) as found:
        await found.store.transact(is_found, *ids)
    assert keyfile.load(settings.key_file).next_index is None


def fails_after(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database goes away after so many slices, once, as when the program is killed there."""
    left, run = iter(range(count)), slices.run_slice

    def perhaps(*args: Any, **kwargs: Any) -> tuple[int, int]:
        if next(left, None) is None:
            monkeypatch.setattr(reindex, "run_slice", run)
            raise Gone("away")
        return run(*args, **kwargs)

    monkeypatch.setattr(reindex, "run_slice", perhaps)


async def test_everybody_is_found_by_the_new_key_and_by_nothing_else(settings: Settings) -> None:
    ids = await filled(settings)
    before = keyfile.load(settings.key_file)
    told = "\n".join(await change(settings))
    assert "Newest seal before" in told
    after = keyfile.load(settings.key_file)
    assert after.index != before.index
    assert after.data == before.data
    await everybody_is_found(settings, ids)
    async with opened(settings) as found:
        old = Store.with_keys(found.store.engine, before, settings.media_dir)
        assert await old.read(lambda tx: tx.registrations.holding(NIK)) == []
        assert await old.read(lambda tx: tx.search.with_words("Sarni", (), limit=5)) == []


@pytest.mark.parametrize("count", [0, 2, 5, 7])
async def test_interrupted_anywhere_it_goes_on_and_nothing_else_starts_meanwhile(
    settings: Settings, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await filled(settings)
    fails_after(count, monkeypatch)
    with pytest.raises(CannotStart):
        await change(settings)
    if count:
        with pytest.raises(CannotStart, match="rotate-key --index"):
            await filled(settings)
        assert "interrupted" in "".join([str(finding) async for finding in self_check(settings)])
    assert ("Going on" if count else "Made") in (await change(settings))[0]
    await everybody_is_found(settings, ids)


async def test_killed_before_the_key_file_was_changed_the_next_start_changes_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await filled(settings)
    take: Callable[[Path], object] = keyfile.take_index_key

    def killed(path: Path) -> object:
        shutil.copy2(path, path.with_suffix(".both"))
        return take(path)

    monkeypatch.setattr(keyfile, "take_index_key", killed)
    await change(settings)
    monkeypatch.setattr(keyfile, "take_index_key", take)
    settings.key_file.with_suffix(".both").replace(settings.key_file)
    assert keyfile.load(settings.key_file).next_index is not None
    await everybody_is_found(settings, ids)


async def test_the_new_key_lost_halfway_is_made_once_more(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await filled(settings)
    saved = settings.key_file.read_bytes()
    fails_after(4, monkeypatch)
    with pytest.raises(CannotStart):
        await change(settings)
    settings.key_file.write_bytes(saved)
    await change(settings)
    async with opened(settings) as found:
        assert not await found.store.read(lambda tx: tx.meta(INDEX_CHANGE))
        assert (await found.store.transact(lambda tx: tx.people.arrive(SARI)))[0].id == ids[1]
        assert (await found.store.read(lambda tx: tx.audit.verify())).faults == ()


async def test_it_refuses_while_the_program_runs(settings: Settings) -> None:
    async with opened(settings):
        before = settings.key_file.read_bytes()
        with pytest.raises(AlreadyRunning):
            await change(settings)
    assert settings.key_file.read_bytes() == before


async def test_a_changed_trail_is_not_sealed_over(settings: Settings) -> None:
    from storage.statement import Statement

    await filled(settings)
    async with opened(settings) as found:
        forged = Statement("UPDATE audit SET actor_id = 1 WHERE seal_id IS NOT NULL")
        await found.store.engine.transact(lambda db: db.run(forged))
    before = settings.key_file.read_bytes()
    with pytest.raises(CannotStart, match="audit verify"):
        await change(settings)
    assert settings.key_file.read_bytes() == before
