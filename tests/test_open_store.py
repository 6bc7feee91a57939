"""Opening the database: its key, its mark and its lock, and the sentence for everything that stands in the way."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.open_store import opened
from bot.problems import CannotStart
from bot.settings import Settings
from storage.lock import AlreadyRunning
from tests.own_settings import demo_settings, office_settings
from tests.postgres_server import fresh_database

Make = Callable[..., Settings]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Empty for a SQLite file in the test's folder, else the address of an empty PostgreSQL database."""
    if request.param == "sqlite":
        yield ""
    else:
        with fresh_database() as address:
            yield address


async def _open(settings: Settings) -> tuple[bool, tuple[str, ...]]:
    async with opened(settings) as found:
        return found.new, found.warnings


async def _refused(settings: Settings) -> str:
    with pytest.raises(CannotStart) as told:
        await _open(settings)
    assert "\n" not in str(told.value)
    return str(told.value)


async def test_an_empty_database_gets_its_key_once(tmp_path: Path, url: str) -> None:
    settings = demo_settings(tmp_path, url)
    assert await _open(settings) == (True, ())
    key = settings.key_file.read_bytes()
    assert settings.key_file.stat().st_mode & 0o777 == 0o600
    assert await _open(settings) == (False, ())
    assert settings.key_file.read_bytes() == key


async def test_what_was_kept_is_there_after_a_restart(tmp_path: Path, url: str) -> None:
    settings = demo_settings(tmp_path, url)
    async with opened(settings) as first:
        await first.store.transact(lambda tx: tx.set_meta("word", "LAUT"))
    async with opened(settings) as second:
        assert await second.store.read(lambda tx: tx.meta("word")) == "LAUT"


async def test_a_missing_key_stops_the_start_and_none_is_made(tmp_path: Path, url: str) -> None:
    settings = demo_settings(tmp_path, url)
    await _open(settings)
    settings.key_file.unlink()
    assert "is missing: put the saved copy back" in await _refused(settings)
    assert not settings.key_file.exists()


async def test_the_key_of_another_database_stops_the_start(tmp_path: Path, url: str) -> None:
    settings, other = demo_settings(tmp_path, url), demo_settings(tmp_path / "other")
    await _open(settings)
    await _open(other)
    settings.key_file.write_bytes(other.key_file.read_bytes())
    assert "belongs to another database" in await _refused(settings)


async def test_a_key_made_before_a_crash_is_used(tmp_path: Path, url: str) -> None:
    settings = demo_settings(tmp_path, url)
    await _open(demo_settings(tmp_path / "other"))
    settings.key_file.parent.mkdir()
    settings.key_file.write_bytes((tmp_path / "other" / "keys" / "lindung.key").read_bytes())
    settings.key_file.chmod(0o600)
    new, warnings = await _open(settings)
    assert new
    assert "database is new but its key file is not" in warnings[0]


async def test_a_second_program_is_told_who_runs(tmp_path: Path, url: str) -> None:
    settings = demo_settings(tmp_path, url)
    async with opened(settings):
        with pytest.raises(AlreadyRunning, match="already running on this database"):
            await _open(settings)
    assert await _open(settings) == (False, ())


async def test_a_real_office_never_opens_a_database_of_the_demo(tmp_path: Path, url: str) -> None:
    await _open(demo_settings(tmp_path, url))
    assert "database of the demo" in await _refused(office_settings(tmp_path, url))


async def test_the_demo_never_opens_the_database_of_a_real_office(tmp_path: Path, url: str) -> None:
    await _open(office_settings(tmp_path, url))
    assert "database of a real office" in await _refused(demo_settings(tmp_path, url))


async def test_a_refusal_leaves_the_lock_free(tmp_path: Path, url: str) -> None:
    await _open(office_settings(tmp_path, url))
    await _refused(demo_settings(tmp_path, url))
    assert await _open(office_settings(tmp_path, url)) == (False, ())


async def test_a_key_beside_the_database_is_told(tmp_path: Path) -> None:
    beside = tmp_path / "data" / "lindung.key"
    assert await _open(demo_settings(tmp_path / "demo", key_file=tmp_path / "demo" / "data" / "lindung.key")) == (
        True,
        (),
    )
    _, warnings = await _open(office_settings(tmp_path, key_file=beside))
    assert "The key file lies beside the database" in warnings[0]


async def test_a_key_that_others_can_read_is_told(tmp_path: Path) -> None:
    settings = demo_settings(tmp_path)
    await _open(settings)
    settings.key_file.chmod(0o644)
    _, warnings = await _open(settings)
    assert "chmod 600" in warnings[0]


async def test_a_file_where_a_folder_should_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert "cannot be made" in await _refused(demo_settings(tmp_path))


async def test_a_file_that_is_no_database_is_one_sentence_and_stays_as_it_is(tmp_path: Path) -> None:
    settings = demo_settings(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "lindung.db").write_text("Bukan basis data." * 100)
    assert "database" in await _refused(settings)
    assert (tmp_path / "data" / "lindung.db").read_text().startswith("Bukan")
    assert not settings.key_file.exists()


async def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    settings = demo_settings(tmp_path)
    await _open(settings)
    with closing(sqlite3.connect(tmp_path / "data" / "lindung.db", isolation_level=None)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer Lindung" in await _refused(settings)


async def test_a_server_that_is_not_there_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    told = await _refused(demo_settings(tmp_path, "postgresql://sari:rahasia@127.0.0.1:9/lindung"))
    assert "cannot be reached" in told
    assert "rahasia" not in told
