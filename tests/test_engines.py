"""What both databases promise alike: one suite, run on each."""

import asyncio
import contextlib
import enum
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.engine import Connection, Engine, Gone, Unit, new_id, raise_floor, sqlite_path
from storage.postgres import PostgresEngine
from storage.sqlite import SqliteEngine
from storage.statement import Statement
from tests.postgres_server import fresh_database

COLUMNS = "id BIGINT PRIMARY KEY, fish TEXT NOT NULL, kilos BIGINT, photo"
TABLE = Statement(
    f"CREATE TABLE catch ({COLUMNS} BLOB)",
    postgres=f"CREATE TABLE catch ({COLUMNS} BYTEA)",
    because="bytes have two names",
)
ADD = Statement("INSERT INTO catch (id, fish, kilos) VALUES (:id, :fish, :kilos)")
ADD_ALL = Statement("INSERT INTO catch (id, fish, kilos, photo) VALUES (:id, :fish, :kilos, :photo)")
BY_ID = Statement("SELECT * FROM catch WHERE id = :id")
LOCKED = Statement("SELECT kilos FROM catch WHERE id = :id", lock=True)
WEIGH = Statement("UPDATE catch SET kilos = :kilos WHERE id = :id")
IDS = Statement("SELECT id FROM catch ORDER BY id")
TOTAL = Statement("SELECT sum(kilos) AS total, avg(kilos) AS middle, count(*) AS n FROM catch")

Refused = (sqlite3.IntegrityError, psycopg.IntegrityError)


@contextlib.contextmanager
def _closed_engine(kind: str, folder: Path) -> Iterator[Engine]:
    if kind == "sqlite":
        yield SqliteEngine(folder / "test.db")
    else:
        with fresh_database() as url:
            yield PostgresEngine(url)


@pytest.fixture(params=["sqlite", "postgres"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    with _closed_engine(request.param, tmp_path) as made:
        await made.open()
        try:
            await made.transact(lambda tx: tx.run(TABLE))
            yield made
        finally:
            await made.close()


def adds(number: int, fish: str = "cakalang", kilos: int = 1) -> Unit[int]:
    def unit(tx: Connection) -> int:
        tx.run(ADD, id=number, fish=fish, kilos=kilos)
        return number

    return unit


async def stored(engine: Engine) -> list[int]:
    return [row["id"] for row in await engine.read(lambda tx: tx.all(IDS))]


class TestRows:
    async def test_values_come_back_as_they_were_given(self, engine: Engine) -> None:
        values = {"id": 2**53 - 1, "fish": "tongkol % 'biru' :id ☂", "kilos": None, "photo": b"\x00\xff%s"}
        await engine.transact(lambda tx: tx.run(ADD_ALL, **values))
        row = await engine.transact(lambda tx: tx.one(BY_ID, id=2**53 - 1))
        assert row == values
        assert dict(row or {}) == values

    async def test_no_row_is_none(self, engine: Engine) -> None:
        assert await engine.transact(lambda tx: tx.one(BY_ID, id=1)) is None
        assert await engine.transact(lambda tx: tx.all(IDS)) == []

    async def test_enums_are_stored_by_their_value(self, engine: Engine) -> None:
        class Fish(enum.StrEnum):
            TUNA = "tuna"

        class Number(enum.IntEnum):
            SEVEN = 7

        await engine.transact(adds(Number.SEVEN, Fish.TUNA, Number.SEVEN))
        row = await engine.transact(lambda tx: tx.one(BY_ID, id=7))
        assert row is not None
        assert (row["fish"], row["kilos"]) == ("tuna", 7)

    async def test_sums_and_averages_are_plain_numbers(self, engine: Engine) -> None:
        rows = [{"id": n, "fish": "momar", "kilos": n} for n in (1, 2)]
        await engine.transact(lambda tx: tx.many(ADD, rows))
        row = await engine.transact(lambda tx: tx.one(TOTAL))
        assert row == {"total": 3, "middle": 1.5, "n": 2}
        assert [type(value) for value in (row or {}).values()] == [int, float, int]

    async def test_products_of_small_values_do_not_overflow(self, engine: Engine) -> None:
        times = Statement("SELECT :a * :b AS product")
        assert await engine.transact(lambda tx: tx.one(times, a=30_000, b=30_000)) == {"product": 900_000_000}

    @pytest.mark.parametrize(
        ("text", "changed"),
        [
            ("UPDATE catch SET kilos = 9 WHERE id > 1", 2),
            ("UPDATE catch SET kilos = 9 WHERE id > 1 RETURNING id", 2),
            ("WITH big AS (SELECT 2 AS id) DELETE FROM catch WHERE id IN (SELECT id FROM big)", 1),
            ("DELETE FROM catch WHERE id = 99", 0),
            ("WITH big AS (SELECT 99 AS id) DELETE FROM catch WHERE id IN (SELECT id FROM big)", 0),
            ("CREATE TABLE other (id BIGINT)", 0),
        ],
    )
    async def test_run_says_how_many_rows_changed(self, engine: Engine, text: str, changed: int) -> None:
        def unit(tx: Connection) -> int:
            tx.many(ADD, [{"id": n, "fish": "momar", "kilos": n} for n in (1, 2, 3)])
            return tx.run(Statement(text))

        assert await engine.transact(unit) == changed

    async def test_a_statement_without_values_may_hold_a_percent_sign(self, engine: Engine) -> None:
        await engine.transact(adds(1, "100%"))
        like = Statement("SELECT fish FROM catch WHERE fish LIKE '%\\%' ESCAPE '\\'")
        assert await engine.transact(lambda tx: tx.all(like)) == [{"fish": "100%"}]


class TestUnits:
    async def test_what_a_unit_raises_comes_back_unchanged_and_keeps_nothing(self, engine: Engine) -> None:
        bug = KeyError("no such boat")

        def unit(tx: Connection) -> None:
            adds(1)(tx)
            raise bug

        with pytest.raises(KeyError) as caught:
            await engine.transact(unit)
        assert caught.value is bug
        assert await stored(engine) == []

    async def test_even_a_stop_iteration_reaches_the_caller(self, engine: Engine) -> None:
        with pytest.raises(RuntimeError, match="StopIteration"):
            await engine.transact(lambda tx: next(iter(())))

    async def test_units_given_at_once_are_each_answered_for_themselves(self, engine: Engine) -> None:
        units = [adds(n % 30) for n in range(90)]
        answers = await asyncio.gather(*map(engine.transact, units), return_exceptions=True)
        assert sum(isinstance(answer, Refused) for answer in answers) == 60
        assert sorted(answer for answer in answers if isinstance(answer, int)) == list(range(30))
        assert await stored(engine) == list(range(30))

    async def test_a_refused_row_dooms_its_unit_even_when_the_error_is_caught(self, engine: Engine) -> None:
        await engine.transact(adds(1))

        def unit(tx: Connection) -> str:
            adds(2)(tx)
            with contextlib.suppress(*Refused):
                adds(1)(tx)
            return "well"

        with pytest.raises(Refused):
            await engine.transact(unit)
        assert await stored(engine) == [1]

    async def test_after_a_refused_row_nothing_more_runs(self, engine: Engine) -> None:
        await engine.transact(adds(1))

        def unit(tx: Connection) -> int:
            with contextlib.suppress(*Refused):
                adds(1)(tx)
            return adds(2)(tx)

        with pytest.raises(Refused):
            await engine.transact(unit)
        assert await stored(engine) == [1]

    async def test_a_refusal_quotes_no_value(self, engine: Engine) -> None:
        await engine.transact(adds(471199))
        with pytest.raises(Refused) as caught:
            await engine.transact(adds(471199, "Sari"))
        assert "471199" not in f"{caught.value!r} {caught.value}"
        with pytest.raises(Refused) as caught:
            await engine.transact(lambda tx: tx.run(ADD, id=990001, fish=None, kilos=5))
        assert "990001" not in f"{caught.value!r} {caught.value}"

    async def test_a_transaction_is_over_when_its_unit_returns(self, engine: Engine) -> None:
        kept = await engine.transact(lambda tx: tx)
        with pytest.raises(RuntimeError, match="after its end"):
            kept.run(ADD, id=1, fish="x", kilos=1)
        assert await stored(engine) == []

    async def test_two_hundred_weighings_of_one_catch_all_count(self, engine: Engine) -> None:
        await engine.transact(adds(1, kilos=0))

        def unit(tx: Connection) -> None:
            row = tx.one(LOCKED, id=1)
            assert row is not None
            tx.run(WEIGH, id=1, kilos=row["kilos"] + 1)

        await asyncio.gather(*(engine.transact(unit) for _ in range(200)))
        assert await engine.read(lambda tx: tx.one(TOTAL)) == {"total": 200, "middle": 200.0, "n": 1}

    async def test_a_caller_who_gives_up_leaves_whole_units_or_none(self, engine: Engine) -> None:
        def pair(number: int) -> Unit[None]:
            def unit(tx: Connection) -> None:
                adds(number)(tx)
                adds(number + 1000)(tx)

            return unit

        calls = [asyncio.ensure_future(engine.transact(pair(n))) for n in range(100)]
        await asyncio.sleep(0)
        for call in calls[::3]:
            call.cancel()
        answers = await asyncio.gather(*calls, return_exceptions=True)
        await engine.transact(adds(5000))
        kept = set(await stored(engine)) - {5000}
        assert {n + 1000 for n in kept if n < 1000} == {n for n in kept if n >= 1000}
        assert {n for n, answer in enumerate(answers) if answer is None} <= kept
        assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[::3])


class TestReading:
    async def test_a_report_sees_one_moment_while_units_go_on(self, engine: Engine) -> None:
        await engine.transact(adds(1))
        reading, written = threading.Event(), threading.Event()

        def report(tx: Connection) -> tuple[int, int]:
            before = len(tx.all(IDS))
            reading.set()
            assert written.wait(20)
            return before, len(tx.all(IDS))

        call = asyncio.ensure_future(engine.read(report))
        assert await asyncio.to_thread(reading.wait, 20)
        await engine.transact(adds(2))
        written.set()
        assert await call == (1, 1)
        assert await stored(engine) == [1, 2]

    async def test_a_report_cannot_write(self, engine: Engine) -> None:
        with pytest.raises((sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction)):
            await engine.read(adds(1))
        assert await stored(engine) == []

    async def test_what_a_report_raises_comes_back(self, engine: Engine) -> None:
        with pytest.raises(ZeroDivisionError):
            await engine.read(lambda tx: 1 // 0)
        assert await stored(engine) == []


class TestClosing:
    async def test_close_finishes_what_was_accepted_and_refuses_the_rest(self, engine: Engine) -> None:
        calls = [asyncio.ensure_future(engine.transact(adds(n))) for n in range(150)]
        await asyncio.sleep(0)
        await engine.close()
        assert await asyncio.gather(*calls) == list(range(150))
        with pytest.raises(Gone):
            await engine.transact(adds(999))
        with pytest.raises(Gone):
            await engine.read(lambda tx: tx.all(IDS))

    async def test_closing_twice_is_fine(self, engine: Engine) -> None:
        await engine.close()
        await engine.close()


OK, BUG, AGAIN, CAUGHT = "fine", "a bug after writing", "a row that is there", "an error caught"


def _mixed(what: str, number: int) -> Unit[int]:
    def unit(tx: Connection) -> int:
        adds(number)(tx)
        if what == BUG:
            raise ValueError
        with contextlib.suppress(*Refused) if what == CAUGHT else contextlib.nullcontext():
            if what in {AGAIN, CAUGHT}:
                adds(number)(tx)
        return number

    return unit


async def _play(engine: Engine, waves: list[list[str]]) -> None:
    await engine.transact(lambda tx: tx.run(Statement("DELETE FROM catch")))
    expected: list[int] = []
    for wave, kinds in enumerate(waves):
        units = dict(enumerate(kinds, start=wave * 1000))
        calls = (engine.transact(_mixed(what, number)) for number, what in units.items())
        answers = await asyncio.gather(*calls, return_exceptions=True)
        for (number, what), answer in zip(units.items(), answers, strict=True):
            assert answer == number if what == OK else isinstance(answer, (ValueError, *Refused))
        expected += [number for number, what in units.items() if what == OK]
        assert await stored(engine) == expected


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_each_answer_equals_what_is_in_the_database(kind: str, tmp_path: Path) -> None:
    """Whatever mixture of units is given at once: a result means kept, an exception means not."""
    with asyncio.Runner() as runner, _closed_engine(kind, tmp_path) as engine:
        runner.run(engine.open())
        runner.run(engine.transact(lambda tx: tx.run(TABLE)))

        @settings(max_examples=30, deadline=None)
        @given(st.lists(st.lists(st.sampled_from([OK, BUG, AGAIN, CAUGHT]), max_size=70), max_size=3))
        def property_holds(waves: list[list[str]]) -> None:
            runner.run(_play(engine, waves))

        try:
            property_holds()
        finally:
            runner.run(engine.close())


class TestIds:
    def test_ids_grow_and_never_repeat_across_threads(self) -> None:
        made: list[list[int]] = [[] for _ in range(4)]

        def take(into: list[int]) -> None:
            into.extend(new_id() for _ in range(5000))

        threads = [threading.Thread(target=take, args=(into,)) for into in made]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(ids == sorted(ids) for ids in made)
        assert len({number for ids in made for number in ids}) == 20_000

    def test_ids_stay_above_the_highest_one_in_the_database(self) -> None:
        ahead = new_id() + 1_000_000
        raise_floor(ahead)
        assert ahead < new_id() < 2**53
        raise_floor(1)
        assert new_id() > ahead


class TestAddresses:
    def test_a_sqlite_address_names_a_file(self) -> None:
        assert sqlite_path("sqlite:///var/lindung.db") == Path("var/lindung.db")
        assert sqlite_path("sqlite:////srv/lindung.db") == Path("/srv/lindung.db")
        assert sqlite_path("postgresql://db/lindung") is None

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:var/x.db"])
    def test_one_without_a_file_is_refused(self, url: str) -> None:
        with pytest.raises(ValueError, match="names a file"):
            sqlite_path(url)
