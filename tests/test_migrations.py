"""A new database and one that took every step have exactly the tables of the schema, on both databases."""

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from storage.engine import Gone
from storage.migrate import FOLDER, DatabaseState, FromTheFuture, migrate, newest_revision, revisions, state
from storage.migrate_steps import upgrade
from storage.schema_broadcasts import metadata
from tests.postgres_server import fresh_database


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/lindung.db"
    else:
        with fresh_database() as address:
            yield address


def _execute(url: str, sql: str) -> list[tuple[object, ...]]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as db:
            return db.execute(sql).fetchall()
    with psycopg.connect(url) as db:
        cursor = db.execute(sql)
        return cursor.fetchall() if cursor.description else []


def _for_sqlalchemy(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def _definitions(url: str) -> set[tuple[object, ...]]:
    """Every table, CHECK, key and index as the database itself writes it down."""
    if url.startswith("sqlite"):
        rows = _execute(url, "SELECT tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {(table, name, _parts(str(sql))) for table, name, sql in rows}
    rules = _execute(
        url,
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
    )
    indexes = _execute(url, "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
    columns = _execute(
        url,
        "SELECT table_name, column_name, data_type || coalesce(character_maximum_length::text, '')"
        " || ' ' || is_nullable || ' ' || coalesce(column_default, '')"
        " FROM information_schema.columns WHERE table_schema = 'public'",
    )
    return {*rules, *indexes, *columns}


def _rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    return {name: _execute(url, f"SELECT * FROM {name}") for name in (*metadata.tables, "alembic_version")}  # noqa: S608


def _parts(sql: str) -> tuple[str, ...]:
    """The lines of a CREATE in any order: the order of constraints means nothing, nor how a rebuilt table is quoted."""
    sql = re.sub(r'^CREATE TABLE "(\w+)"', r"CREATE TABLE \1", sql.strip()).replace("DEFAULT ('')", "DEFAULT ''")
    return tuple(sorted(line.strip().rstrip(",") for line in sql.strip().splitlines()))


def _folder_with(steps: list[str], folder: Path) -> Path:
    """The steps as they lie in a program that knows only these, by the beginnings of their names."""
    (folder / "versions").mkdir(parents=True)
    shutil.copy(FOLDER / "env.py", folder)
    for step in steps:
        (found,) = (FOLDER / "versions").glob(f"{step}_*.py")
        shutil.copy(found, folder / "versions")
    return folder


def test_the_steps_lead_to_the_tables_of_the_schema(url: str) -> None:
    upgrade(url, FOLDER)
    engine = create_engine(_for_sqlalchemy(url))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_new_database_is_the_one_that_the_steps_lead_to(url: str, tmp_path: Path) -> None:
    assert migrate(url) == revisions()
    with fresh_database() if url.startswith("postgresql") else _plain(tmp_path / "other.db") as other:
        upgrade(other, FOLDER)
        assert _definitions(url) == _definitions(other)
        assert _rows(url) == _rows(other)


def test_an_older_database_takes_the_steps_it_lacks(url: str, tmp_path: Path) -> None:
    first, *missing = revisions()
    upgrade(url, _folder_with([first], tmp_path / "older"))
    assert state(url).revision == first
    assert migrate(url) == missing
    assert state(url).revision == newest_revision()


def test_the_step_to_several_networks_keeps_every_row(url: str, tmp_path: Path) -> None:
    upgrade(url, _folder_with(["0001", "0002"], tmp_path / "older"))
    for sql in (
        "INSERT INTO addresses (id, channel, address_digest, created_at, last_in_at) VALUES (1, 'telegram', 'a', 1, 1)",
        "INSERT INTO progress (address_id, form, question, turn, sealed, since) VALUES (1, 'change', 'nik', 1, 'x', 1)",
        (
            "INSERT INTO outbox (id, address_id, channel, lane, state, next_at, created_at)"
            " VALUES (1, 1, 'telegram', 0, 'waiting', 1, 1)"
        ),
    ):
        _execute(url, sql)
    assert migrate(url) == ["0003"]
    assert _execute(url, "SELECT address_id, form FROM progress") == [(1, "change")]
    assert _execute(url, "SELECT id, address_id, state, late FROM outbox") == [(1, 1, "waiting", 0)]
    assert _execute(url, "SELECT id, channel, by_number, in_use FROM addresses") == [(1, "telegram", 0, None)]


def test_a_later_step_goes_on_from_a_new_database(url: str, tmp_path: Path) -> None:
    migrate(url)
    later = _folder_with(revisions(), tmp_path / "later")
    step = f"""
from alembic import op

revision = "9999"
down_revision = "{newest_revision()}"


def upgrade():
    op.execute("INSERT INTO meta VALUES ('later', 'yes')")
"""  # noqa: S608 (a step as one writes it)
    (later / "versions" / "9999_later.py").write_text(step)
    upgrade(url, later)
    assert state(url) == DatabaseState("9999", {"later": "yes"})


def _plain(path: Path) -> "closing[_Address]":
    return closing(_Address(f"sqlite:///{path}"))


class _Address(str):
    def close(self) -> None:
        """Nothing: the file goes with its folder."""


def test_the_files_of_the_steps_are_named_by_their_revisions_in_order() -> None:
    steps = ScriptDirectory(str(FOLDER))
    assert revisions() == [step.revision for step in reversed(list(steps.walk_revisions()))]


@pytest.mark.parametrize("new", [True, False], ids=["new database", "newest tables"])
def test_a_start_without_steps_loads_neither_alembic_nor_another_database_driver(tmp_path: Path, new: bool) -> None:
    url = f"sqlite:///{tmp_path}/lindung.db"
    if not new:
        migrate(url)
    code = f"import sys, bot.app; from storage.migrate import migrate; migrate({url!r}); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'storage.migrate'" in done.stdout
    assert "'alembic'" not in done.stdout
    assert "'sqlalchemy'" not in done.stdout
    assert "'psycopg'" not in done.stdout


def test_an_empty_database_has_no_revision_and_is_left_as_it_is(url: str) -> None:
    assert state(url) == DatabaseState()
    if url.startswith("sqlite"):
        assert not Path(url.removeprefix("sqlite:///")).exists()


def test_a_migrated_database_tells_its_revision_and_facts(url: str) -> None:
    assert migrate(url)[-1] == newest_revision()
    _execute(url, "INSERT INTO meta (key, value) VALUES ('mode', 'demo')")
    assert state(url) == DatabaseState(newest_revision(), {"mode": "demo"})


def test_migrating_twice_does_nothing(url: str) -> None:
    migrate(url)
    before = _definitions(url)
    assert migrate(url) == []
    assert _definitions(url) == before


def test_a_database_of_a_newer_program_is_refused_in_one_sentence(url: str) -> None:
    migrate(url)
    _execute(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(FromTheFuture, match="newer Lindung \\(revision 9999\\)"):
        migrate(url)


@pytest.mark.parametrize("way", ["new", "steps"])
def test_tables_that_fail_half_way_leave_nothing_behind(url: str, way: str) -> None:
    # The last table of the first step; those before it must go again.
    _execute(url, "CREATE TABLE views (id INTEGER)")
    with pytest.raises(Gone):
        migrate(url) if way == "new" else upgrade(url, FOLDER)
    assert {table for table, *_ in _definitions(url)} == {"views"}
    assert state(url).revision is None


def test_the_database_file_is_readable_to_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "lindung.db"
    migrate(f"sqlite:///{path}")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_told_without_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(Gone, match="No such file"):
        migrate(f"sqlite:///{tmp_path}/nowhere/lindung.db")


def test_a_password_in_a_wrong_address_is_not_repeated() -> None:
    for address in ("postgresql://sari:rahasia@127.0.0.1:1/db", "postgresql://sari:rahasia@[half/db"):
        with pytest.raises(Gone) as told:
            state(address)
        assert "rahasia" not in str(told.value)
