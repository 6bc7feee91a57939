"""What is SQLite's alone: groups that fail half-way, the WAL, online copies, and the piece of aiosqlite we use."""

import asyncio
import contextlib
import functools
import logging
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiosqlite
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import sqlite_thread
from storage.engine import Busy, Connection, Full, Gone, Unit
from storage.sqlite import GROUP, SqliteEngine
from storage.statement import Statement

ADD = Statement("INSERT INTO catch (id, note) VALUES (:id, :note)")
IDS = Statement("SELECT id FROM catch ORDER BY rowid")
PAGES = Statement("PRAGMA page_count")
ROOT = Path(__file__).parents[1]
BIG = 200_000
"""Characters of a note that does not fit in the room that `little_room` leaves."""


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[SqliteEngine]:
    engine = SqliteEngine(tmp_path / "test.db")
    await engine.open()
    try:
        await engine.transact(lambda tx: tx.run(Statement("CREATE TABLE catch (id INTEGER, note TEXT)")))
        yield engine
    finally:
        await engine.close()


ENDLESS = """
import asyncio, itertools, sys
from pathlib import Path
from storage.sqlite import SqliteEngine
from storage.statement import Statement
ADD = Statement("INSERT INTO catch (id) VALUES (:id)")
async def main():
    engine = SqliteEngine(Path(sys.argv[1]))
    await engine.open()
    await engine.transact(lambda tx: tx.run(Statement("CREATE TABLE catch (id INTEGER)")))
    numbers = itertools.count()
    async def person():
        for number in numbers:
            await engine.transact(lambda tx: tx.run(ADD, id=number))
            print(number, flush=True)
    await asyncio.gather(*(person() for _ in range(20)))
asyncio.run(main())
"""


def in_file(path: Path) -> list[int]:
    """What another program finds: only what is committed."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        return [number for (number,) in db.execute("SELECT id FROM catch ORDER BY rowid")]


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


class Adds:
    """A unit that adds one row, and counts how often it was run."""

    def __init__(self, number: int, note: str = "") -> None:
        self.number, self.note, self.runs = number, note, 0

    def __call__(self, tx: Connection) -> int:
        self.runs += 1
        tx.run(ADD, id=self.number, note=self.note)
        return self.number


async def little_room(engine: SqliteEngine, pages: int = 8) -> None:
    """From now on the file may grow by a few pages only: SQLite itself then reports a full disk."""

    def unit(tx: Connection) -> None:
        row = tx.one(PAGES)
        assert row is not None
        tx.all(Statement(f"PRAGMA max_page_count = {row['page_count'] + pages}"))

    await engine.transact(unit)


@contextlib.contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The system refuses writes beyond this size, as a full disk does; a COMMIT then fails in the WAL."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestFullDisk:
    async def test_a_full_disk_amid_a_group_costs_only_the_unit_that_met_it(
        self, engine: SqliteEngine, tmp_path: Path
    ) -> None:
        await little_room(engine)
        units = [Adds(n, "x" * BIG if n == 3 else "") for n in range(1, 6)]
        answers = await asyncio.gather(*map(engine.transact, units), return_exceptions=True)
        assert [answer for answer in answers if isinstance(answer, int)] == [1, 2, 4, 5]
        assert isinstance(answers[2], Full)
        assert in_file(tmp_path / "test.db") == [1, 2, 4, 5]
        assert [unit.runs for unit in units] == [2, 2, 2, 1, 1], "the group was lost and run again one by one"

    async def test_a_unit_that_hides_the_full_disk_is_answered_with_it(
        self, engine: SqliteEngine, tmp_path: Path
    ) -> None:
        await little_room(engine)

        def hides(tx: Connection) -> str:
            with contextlib.suppress(sqlite3.Error):
                Adds(2, "x" * BIG)(tx)
            with contextlib.suppress(sqlite3.Error):
                Adds(3)(tx)
            return "well"

        units: list[Unit[object]] = [Adds(1), hides, Adds(4)]
        first, hidden, last = await asyncio.gather(*map(engine.transact, units), return_exceptions=True)
        assert (first, last) == (1, 4)
        assert isinstance(hidden, Full)
        assert in_file(tmp_path / "test.db") == [1, 4]

    async def test_a_unit_that_turns_it_into_its_own_error_is_still_answered_with_it(
        self, engine: SqliteEngine
    ) -> None:
        await little_room(engine)

        def wraps(tx: Connection) -> None:
            try:
                Adds(1, "x" * BIG)(tx)
            except sqlite3.Error as error:
                raise LookupError from error

        with pytest.raises(Full, match="full"):
            await engine.transact(wraps)

    async def test_a_commit_that_fails_costs_only_the_units_that_do_not_fit(
        self, engine: SqliteEngine, tmp_path: Path
    ) -> None:
        wal = tmp_path / "test.db-wal"
        units = [Adds(n, "x" * BIG if n == 3 else "") for n in range(1, 6)]
        with files_no_larger_than(wal.stat().st_size + 100_000):
            answers = await asyncio.gather(*map(engine.transact, units), return_exceptions=True)
        assert [answer for answer in answers if isinstance(answer, int)] == [1, 2, 4, 5]
        assert isinstance(answers[2], Full)
        assert in_file(tmp_path / "test.db") == [1, 2, 4, 5]
        assert [unit.runs for unit in units] == [2] * 5
        assert await engine.transact(Adds(6, "x" * BIG)) == 6, "with room again it goes on by itself"

    async def test_a_unit_that_breaks_the_commit_is_the_only_one_refused(
        self, engine: SqliteEngine, tmp_path: Path
    ) -> None:
        boats = "CREATE TABLE boats (catch INTEGER REFERENCES harbour (id) DEFERRABLE INITIALLY DEFERRED)"
        await engine.transact(lambda tx: tx.run(Statement("CREATE TABLE harbour (id INTEGER PRIMARY KEY)")))
        await engine.transact(lambda tx: tx.run(Statement(boats)))

        def dangling(tx: Connection) -> None:
            Adds(2)(tx)
            tx.run(Statement("INSERT INTO boats VALUES (77)"))

        units: list[Unit[object]] = [Adds(1), dangling, Adds(3)]
        answers = await asyncio.gather(*map(engine.transact, units), return_exceptions=True)
        assert (answers[0], answers[2]) == (1, 3)
        assert isinstance(answers[1], sqlite3.IntegrityError)
        assert in_file(tmp_path / "test.db") == [1, 3]

    def test_whatever_fills_the_disk_each_answer_equals_the_file(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        notes = st.sampled_from([0, 0, 10, 3_000, 9_000, BIG])
        waves = st.lists(st.lists(notes, max_size=70), min_size=1, max_size=3)

        async def play(sizes: list[list[int]], room: int, path: Path) -> None:
            engine = SqliteEngine(path)
            await engine.open()
            try:
                await engine.transact(lambda tx: tx.run(Statement("CREATE TABLE catch (id INTEGER, note TEXT)")))
                await little_room(engine, room)
                kept: list[int] = []
                for wave, group in enumerate(sizes):
                    units = [Adds(wave * 100 + n, "x" * size) for n, size in enumerate(group)]
                    answers = await asyncio.gather(*map(engine.transact, units), return_exceptions=True)
                    assert all(isinstance(answer, (int, Full)) for answer in answers)
                    kept += [answer for answer in answers if isinstance(answer, int)]
                    assert in_file(path) == kept
            finally:
                await engine.close()

        with asyncio.Runner() as runner:

            @settings(max_examples=25, deadline=None)
            @given(waves, st.integers(0, 30))
            def property_holds(sizes: list[list[int]], room: int) -> None:
                runner.run(play(sizes, room, tmp_path_factory.mktemp("full") / "test.db"))

            property_holds()


class TestGroups:
    async def test_an_answer_comes_only_after_its_commit(self, engine: SqliteEngine, tmp_path: Path) -> None:
        async def add(number: int) -> bool:
            await engine.transact(Adds(number))
            return number in in_file(tmp_path / "test.db")

        assert all(await asyncio.gather(*map(add, range(3 * GROUP))))

    async def test_units_run_in_the_order_they_were_given(self, engine: SqliteEngine, tmp_path: Path) -> None:
        await asyncio.gather(*(engine.transact(Adds(n)) for n in range(200)))
        assert in_file(tmp_path / "test.db") == list(range(200))

    async def test_units_that_wait_together_are_committed_together(self, engine: SqliteEngine, tmp_path: Path) -> None:
        with contextlib.closing(sqlite3.connect(tmp_path / "test.db", check_same_thread=False)) as other:
            committed_before: list[int] = []

            def add(tx: Connection) -> None:
                tx.run(ADD, id=1, note="")
                committed_before.append(other.execute("SELECT count(*) FROM catch").fetchone()[0])

            await asyncio.gather(*(engine.transact(add) for _ in range(2 * GROUP)))
        assert len(committed_before) == 2 * GROUP
        assert 2 <= len(set(committed_before)) < 2 * GROUP

    async def test_a_unit_whose_caller_left_before_its_start_never_runs(self, engine: SqliteEngine) -> None:
        started, go = threading.Event(), threading.Event()

        def slow(tx: Connection) -> None:
            started.set()
            assert go.wait(20)

        first = asyncio.ensure_future(engine.transact(slow))
        assert await asyncio.to_thread(started.wait, 20)
        left = Adds(1)
        call = asyncio.ensure_future(engine.transact(left))
        await asyncio.sleep(0)
        call.cancel()
        go.set()
        await first
        assert await engine.transact(Adds(2)) == 2
        assert left.runs == 0

    async def test_when_everything_is_cancelled_the_engine_still_works(self, engine: SqliteEngine) -> None:
        calls = [asyncio.ensure_future(engine.transact(Adds(n))) for n in range(10)]
        await asyncio.sleep(0)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert await asyncio.wait_for(engine.transact(Adds(99)), 20) == 99

    async def test_callers_are_served_when_only_the_pump_was_cancelled(
        self, engine: SqliteEngine, tmp_path: Path
    ) -> None:
        calls = [asyncio.ensure_future(engine.transact(Adds(n))) for n in range(100)]
        for _ in range(3):
            await asyncio.sleep(0)
            for task in asyncio.all_tasks() - {asyncio.current_task(), *calls}:
                task.cancel()
        assert await asyncio.wait_for(asyncio.gather(*calls), 20) == list(range(100))
        assert in_file(tmp_path / "test.db") == list(range(100))

    async def test_a_waiting_caller_is_answered_even_when_the_pump_was_cancelled(self, engine: SqliteEngine) -> None:
        started, go = threading.Event(), threading.Event()

        def slow(tx: Connection) -> str:
            started.set()
            assert go.wait(20)
            return "done"

        call = asyncio.ensure_future(engine.transact(slow))
        assert await asyncio.to_thread(started.wait, 20)
        for task in asyncio.all_tasks() - {asyncio.current_task(), call}:
            task.cancel()
        go.set()
        assert await asyncio.wait_for(call, 20) == "done"


class TestTheFile:
    async def test_it_is_set_up_to_survive_a_power_cut(self, engine: SqliteEngine) -> None:
        def settings_of(tx: Connection) -> list[object]:
            names = ("journal_mode", "synchronous", "foreign_keys", "query_only")
            return [value for name in names for value in (tx.one(Statement(f"PRAGMA {name}")) or {}).values()]

        assert await engine.transact(settings_of) == ["wal", 2, 1, 0]
        assert await engine.read(settings_of) == ["wal", 2, 1, 1]

    async def test_only_its_owner_may_read_it(self, engine: SqliteEngine, tmp_path: Path) -> None:
        await engine.transact(Adds(1))
        assert modes(tmp_path) == {"test.db": 0o600, "test.db-wal": 0o600, "test.db-shm": 0o600}

    async def test_after_closing_it_is_one_file(self, engine: SqliteEngine, tmp_path: Path) -> None:
        await engine.transact(Adds(1))
        await engine.close()
        assert list(modes(tmp_path)) == ["test.db"]

    async def test_a_missing_folder_and_a_wrong_file_are_told_apart_from_bugs(self, tmp_path: Path) -> None:
        with pytest.raises(Gone, match="No such file"):
            await SqliteEngine(tmp_path / "nowhere" / "test.db").open()
        wrong = tmp_path / "letter.txt"
        wrong.write_text("Dear Ibu Sari, " * 100)
        with pytest.raises(Gone, match="not a database"):
            await SqliteEngine(wrong).open()

    async def test_a_file_that_another_program_holds_is_busy_and_later_free(
        self, engine: SqliteEngine, tmp_path: Path
    ) -> None:
        await engine.transact(lambda tx: tx.all(Statement("PRAGMA busy_timeout = 20")))
        with contextlib.closing(sqlite3.connect(tmp_path / "test.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            calls = [engine.transact(Adds(n)) for n in range(5)]
            answers = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(answer, Busy) for answer in answers)
            other.execute("ROLLBACK")
        assert await engine.transact(Adds(6)) == 6
        assert in_file(tmp_path / "test.db") == [6]

    async def test_the_log_shows_nothing_of_a_unit(
        self, engine: SqliteEngine, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)

        def handle(tx: Connection, words: str) -> int:
            return tx.run(ADD, id=1, note=words)

        await engine.transact(functools.partial(handle, words="Sari dari Latuhalat"))
        await engine.read(functools.partial(lambda tx, words: tx.all(IDS), words="Sari dari Latuhalat"))
        assert caplog.records
        assert "Sari" not in caplog.text

    def test_what_was_answered_survives_kill_9(self, tmp_path: Path) -> None:
        program = [sys.executable, "-c", ENDLESS, str(tmp_path / "test.db")]
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            answered = [int(process.stdout.readline()) for _ in range(500)]
            process.send_signal(signal.SIGKILL)
            answered += [int(line) for line in process.stdout.read().split("\n")[:-1]]
        kept = in_file(tmp_path / "test.db")
        assert set(answered) <= set(kept)
        assert len(set(kept)) == len(kept)


class TestBackup:
    async def test_a_copy_is_one_moment_while_units_go_on(self, engine: SqliteEngine, tmp_path: Path) -> None:
        def pair(number: int) -> Unit[None]:
            def unit(tx: Connection) -> None:
                for half in (0, 1):
                    tx.run(ADD, id=number * 2 + half, note="x" * 3000)

            return unit

        await asyncio.gather(*(engine.transact(pair(n)) for n in range(1500)))
        copying = asyncio.ensure_future(engine.backup_to(tmp_path / "copy.db"))
        number, during = 1500, 0
        while not copying.done():
            await engine.transact(pair(number))
            number, during = number + 1, during + 1
        await copying
        assert during > 1, "units went on meanwhile"
        kept = in_file(tmp_path / "copy.db")
        assert kept == list(range(len(kept)))
        assert len(kept) % 2 == 0
        assert 3000 <= len(kept) <= number * 2
        copies = {name: mode for name, mode in modes(tmp_path).items() if "copy" in name}
        assert copies == {"copy.db": 0o600}

    async def test_a_copy_never_overwrites(self, engine: SqliteEngine, tmp_path: Path) -> None:
        (tmp_path / "copy.db").write_text("last week's")
        with pytest.raises(FileExistsError):
            await engine.backup_to(tmp_path / "copy.db")
        assert (tmp_path / "copy.db").read_text() == "last week's"

    async def test_a_copy_that_does_not_fit_leaves_nothing(self, engine: SqliteEngine, tmp_path: Path) -> None:
        await engine.transact(Adds(1, "x" * 500_000))
        with files_no_larger_than(100_000), pytest.raises(Full):
            await engine.backup_to(tmp_path / "copy.db")
        assert not [name for name in modes(tmp_path) if "copy" in name]
        with pytest.raises(Full, match="No such file"):
            await engine.backup_to(tmp_path / "nowhere" / "copy.db")


class TestTheProtectedPieceOfAiosqlite:
    """Pins what `sqlite_thread.py` relies on, so that an upgrade that changes it fails here."""

    async def test_execute_runs_functions_in_order_in_one_thread_of_its_own(self) -> None:
        connection = await aiosqlite.connect(":memory:")
        try:
            names: list[tuple[int, str]] = []

            def note(number: int) -> int:
                names.append((number, threading.current_thread().name))
                return number

            assert await asyncio.gather(*(connection._execute(note, n) for n in range(20))) == list(range(20))
            assert [number for number, _ in names] == list(range(20))
            assert len({name for _, name in names}) == 1
            assert names[0][1] != threading.current_thread().name
        finally:
            await connection.close()

    async def test_execute_hands_back_what_the_function_raises(self) -> None:
        connection = await aiosqlite.connect(":memory:")
        try:
            with pytest.raises(ZeroDivisionError):
                await connection._execute(lambda: 1 // 0)
            assert isinstance(connection._conn, sqlite3.Connection)
        finally:
            await connection.close()
        with pytest.raises(ValueError, match="losed"):
            await connection._execute(lambda: 1)

    async def test_a_function_goes_on_when_its_caller_is_cancelled(self) -> None:
        connection = await aiosqlite.connect(":memory:")
        try:
            started, go, ended = threading.Event(), threading.Event(), threading.Event()

            def slow() -> None:
                started.set()
                go.wait(20)
                ended.set()

            call = asyncio.ensure_future(connection._execute(slow))
            assert await asyncio.to_thread(started.wait, 20)
            call.cancel()
            go.set()
            assert await asyncio.to_thread(ended.wait, 20)
            assert await connection._execute(lambda: "next") == "next"
        finally:
            await connection.close()

    async def test_a_connection_that_fails_leaves_no_thread(self, tmp_path: Path) -> None:
        before = threading.active_count()
        with pytest.raises(sqlite3.Error):
            await sqlite_thread.SqliteThread.on(tmp_path / "missing.db", "ro")
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join(5)
        assert threading.active_count() <= before
