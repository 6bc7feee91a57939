"""Backup while people write, restore after checking: what comes back is exactly one moment, or nothing."""

import asyncio
import json
import secrets
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.backup import backup
from bot.manifest import DATABASE, MANIFEST, MEDIA
from bot.open_store import opened
from bot.problems import CannotStart
from bot.restore import restore
from bot.rotate import rotate_key
from bot.settings import Settings
from bot.work import Work
from conversation.messages import Photo
from domain.address import Address
from storage.lock import AlreadyRunning
from storage.statement import Statement
from storage.store import Store, Tx
from tests.own_settings import demo_settings, office_settings
from tests.postgres_server import fresh_database

DROP = Statement("DELETE FROM media WHERE name = :name")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return demo_settings(tmp_path / "here")


@pytest.fixture(params=["folder", "tar"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / "copies" / ("backup.tar" if request.param == "tar" else "backup")


def register(tx: Tx, phone: str, photo: str) -> int:
    person, _ = tx.people.arrive(Address("webchat", "demo", phone))
    case = tx.registrations.draft(person.id, for_other=False)
    tx.registrations.put_answers(case, {"name": "Sari"})
    tx.registrations.add_photo(case.id, "photo", Photo(photo, 800, 500))
    return case.id


async def one_more(store: Store, phone: str) -> str:
    photo = secrets.token_hex(16)
    await asyncio.to_thread(store.media.write, f"KTP {phone}".encode(), name=photo)
    await store.transact(register, phone, photo)
    return photo


async def backed_up(settings: Settings, store: Store, place: Path) -> str:
    return "\n".join([sentence async for sentence in backup(Work(settings, store), {"to": str(place)})])


async def photos_of(settings: Settings) -> dict[str, bytes]:
    """What the database in its place names, and what the files say."""
    async with opened(settings) as found:
        names = await found.store.read(lambda tx: tx.media_names())
        return {name: found.store.media.read(name) for name in names}


def moved(settings: Settings, folder: Path) -> Settings:
    """Another machine with the saved copy of the key."""
    other = demo_settings(folder)
    other.key_file.parent.mkdir(parents=True)
    other.key_file.write_bytes(settings.key_file.read_bytes())
    other.key_file.chmod(0o600)
    return other


def put_back(settings: Settings, place: Path, *, force: bool = False) -> str:
    return "\n".join(restore(settings, place, force=force))


def names_in(place: Path) -> set[str]:
    if place.is_dir():
        return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    with tarfile.open(place) as tar:
        return set(tar.getnames())


def all_bytes(place: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (place, *place.rglob("*")) if path.is_file())


def mode_of_each(place: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in (place, *place.rglob("*"))}


def keep_a_note(place: Path) -> None:
    place.parent.mkdir()
    place.write_text("catatan saya")


async def test_a_backup_comes_back_on_another_machine(settings: Settings, place: Path, tmp_path: Path) -> None:
    async with opened(settings) as found:
        photos = [await one_more(found.store, f"worker-{n}") for n in range(3)]
        told = await backed_up(settings, found.store, place)
    assert "the database and 3 photos" in told
    assert "The key is not in it, on purpose" in told
    assert names_in(place) == {MANIFEST, DATABASE, *(f"{MEDIA}/{name}" for name in photos)}
    other = moved(settings, tmp_path / "there")
    assert "4 files checked" in put_back(other, place)
    assert await photos_of(other) == {name: f"KTP worker-{n}".encode() for n, name in enumerate(photos)}


async def test_no_key_is_in_a_backup_and_nobody_else_may_read_it(settings: Settings, place: Path) -> None:
    async with opened(settings) as found:
        await one_more(found.store, "worker-1")
        await backed_up(settings, found.store, place)
    keys = json.loads(settings.key_file.read_bytes())
    whole = all_bytes(place)
    for key in (keys["index"], *keys["data"].values()):
        assert key.encode() not in whole
    assert mode_of_each(place) <= {0o600, 0o700}
    assert b"Sari" not in whole
    assert b"KTP worker" not in whole


async def test_people_go_on_while_it_is_copied_and_every_row_has_its_photo(
    settings: Settings, place: Path, tmp_path: Path
) -> None:
    stop = asyncio.Event()

    async def come_and_go(store: Store) -> None:
        n = 0
        while not stop.is_set():
            n += 1
            await one_more(store, f"late-{n}")
            if n % 3 == 0:
                names = await store.read(lambda tx: sorted(tx.media_names()))
                await store.transact(erase_one, names[0])

    async with opened(settings) as found:
        for n in range(20):
            await one_more(found.store, f"early-{n}")
        people = asyncio.create_task(come_and_go(found.store))
        told = await backed_up(settings, found.store, place)
        stop.set()
        await people
    assert "were not there" not in told
    other = moved(settings, tmp_path / "there")
    put_back(other, place)
    back = await photos_of(other)
    assert len(back) >= 15
    assert set(back) == {path.name for path in other.media_dir.iterdir()}


def erase_one(tx: Tx, photo: str) -> None:
    """As an erasure does: the row in the transaction, the file after it."""
    tx._db.run(DROP, name=photo)
    tx.forgotten.append(photo)


async def test_what_is_there_already_is_never_overwritten_by_a_backup(settings: Settings, place: Path) -> None:
    keep_a_note(place)
    async with opened(settings) as found:
        with pytest.raises(CannotStart, match="is there already"):
            await backed_up(settings, found.store, place)
    assert all_bytes(place) == b"catatan saya"


async def test_a_backup_leaves_nothing_else_behind(settings: Settings, place: Path) -> None:
    async with opened(settings) as found:
        await one_more(found.store, "worker-1")
        await backed_up(settings, found.store, place)
    assert [path.name for path in place.parent.iterdir()] == [place.name]
    assert [path.name for path in settings.media_dir.parent.iterdir()] == [settings.media_dir.name]


async def test_restore_refuses_to_overwrite_without_force(settings: Settings, place: Path) -> None:
    async with opened(settings) as found:
        early = await one_more(found.store, "worker-1")
        await backed_up(settings, found.store, place)
        late = await one_more(found.store, "worker-2")
    with pytest.raises(CannotStart, match="--force"):
        put_back(settings, place)
    assert set(await photos_of(settings)) == {early, late}
    told = put_back(settings, place, force=True)
    assert await photos_of(settings) == {early: b"KTP worker-1"}
    assert {path.name for path in settings.media_dir.iterdir()} == {early}
    kept = told.rpartition("is kept as ")[2].split(":")[0].split(" and ")
    assert await photos_of(_aside(settings, kept)) == {early: b"KTP worker-1", late: b"KTP worker-2"}


def _aside(settings: Settings, kept: list[str]) -> Settings:
    return settings.model_copy(update={"database_url": f"sqlite:///{kept[0]}", "media_dir": Path(kept[1])})


async def test_restore_refuses_while_the_program_runs(settings: Settings, place: Path) -> None:
    async with opened(settings) as found:
        await backed_up(settings, found.store, place)
        with pytest.raises(AlreadyRunning):
            put_back(settings, place, force=True)


@pytest.mark.parametrize("what", [DATABASE, MEDIA, "missing", "extra", "manifest", "half"])
async def test_a_damaged_backup_changes_nothing(settings: Settings, tmp_path: Path, what: str) -> None:
    place = tmp_path / "backup"
    async with opened(settings) as found:
        photo = await one_more(found.store, "worker-1")
        await backed_up(settings, found.store, place)
        await one_more(found.store, "worker-2")
    _damage(place, photo, what)
    before = await photos_of(settings)
    with pytest.raises(CannotStart) as told:
        put_back(settings, place, force=True)
    assert "Use another backup" in str(told.value) or "use another backup" in str(told.value)
    assert await photos_of(settings) == before
    assert {path.name for path in settings.media_dir.parent.iterdir()} == {settings.media_dir.name}


def _damage(place: Path, photo: str, what: str) -> None:
    manifest = json.loads((place / MANIFEST).read_text())
    if what in {DATABASE, MEDIA}:
        path = place / (DATABASE if what == DATABASE else f"{MEDIA}/{photo}")
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif what == "missing":
        (place / MEDIA / photo).unlink()
    elif what == "extra":
        manifest["files"]["../../../etc/passwd"] = {"bytes": 1, "sha256": "0" * 64}
        (place / MANIFEST).write_text(json.dumps(manifest))
    elif what == "manifest":
        (place / MANIFEST).write_text("{")
    else:
        del manifest["files"][DATABASE]
        (place / MANIFEST).write_text(json.dumps(manifest))


async def test_a_database_damaged_before_the_backup_is_noticed(settings: Settings, tmp_path: Path) -> None:
    place = tmp_path / "backup"
    async with opened(settings) as found:
        await backed_up(settings, found.store, place)
    with closing(sqlite3.connect(place / DATABASE, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("INSERT INTO notes (id, registration_id, actor, sealed, at) VALUES (1, 99, 'system', x'00', 0)")
    manifest = json.loads((place / MANIFEST).read_text())
    from bot.manifest import described

    manifest["files"][DATABASE] = described(place / DATABASE).model_dump()
    (place / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(CannotStart, match="rows that lost what they belong to"):
        put_back(moved(settings, tmp_path / "there"), place)


async def test_the_wrong_key_is_noticed_before_anything_is_replaced(settings: Settings, tmp_path: Path) -> None:
    place = tmp_path / "backup.tar"
    async with opened(settings) as found:
        await backed_up(settings, found.store, place)
    other = demo_settings(tmp_path / "there")
    async with opened(other):
        pass
    with pytest.raises(CannotStart, match="belongs to another database"):
        put_back(other, place, force=True)
    other.key_file.unlink()
    with pytest.raises(CannotStart, match="is missing"):
        put_back(other, place, force=True)


async def test_a_backup_from_before_a_key_change_needs_the_key_file_of_that_time(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.rotate.SETTLE", 0.0)
    place = tmp_path / "backup"
    async with opened(settings) as found:
        photo = await one_more(found.store, "worker-1")
        await backed_up(settings, found.store, place)
        saved = settings.key_file.read_bytes()
        assert [sentence async for sentence in rotate_key(Work(settings, found.store), {})]
    with pytest.raises(CannotStart, match="key"):
        put_back(settings, place, force=True)
    assert await photos_of(settings) == {photo: b"KTP worker-1"}
    settings.key_file.write_bytes(saved)
    put_back(settings, place, force=True)
    assert await photos_of(settings) == {photo: b"KTP worker-1"}


async def test_a_backup_of_the_demo_is_not_for_a_real_office(settings: Settings, tmp_path: Path) -> None:
    place = tmp_path / "backup"
    async with opened(settings) as found:
        await backed_up(settings, found.store, place)
    with pytest.raises(CannotStart, match="not for a real office"):
        put_back(office_settings(tmp_path / "there"), place)


@pytest.mark.parametrize("content", [b"", b"halo" * 1000])
def test_what_is_no_backup_is_one_sentence(settings: Settings, tmp_path: Path, content: bytes) -> None:
    for place in (tmp_path / "nowhere", tmp_path / "folder", tmp_path / "file.tar"):
        if place.suffix:
            place.write_bytes(content)
        elif place.name == "folder":
            place.mkdir()
        with pytest.raises(CannotStart) as told:
            put_back(settings, place)
        assert "\n" not in str(told.value)


@pytest.fixture
def on_postgres(tmp_path: Path) -> Iterator[Settings]:
    with fresh_database() as url:
        yield demo_settings(tmp_path / "here", url)


async def test_on_postgresql_the_photos_are_copied_and_pg_dump_is_named(on_postgres: Settings, tmp_path: Path) -> None:
    place = tmp_path / "backup"
    async with opened(on_postgres) as found:
        photo = await one_more(found.store, "worker-1")
        told = await backed_up(on_postgres, found.store, place)
    assert "pg_dump --format=custom" in told
    assert names_in(place) == {MANIFEST, f"{MEDIA}/{photo}"}
    (on_postgres.media_dir / photo).unlink()
    put_back(on_postgres, place, force=True)
    assert await photos_of(on_postgres) == {photo: b"KTP worker-1"}
