"""What is PostgreSQL's alone: collisions, servers that go away, and errors in the server's words."""

import asyncio
import collections
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import psycopg
import pytest

from storage import postgres
from storage.engine import Busy, Connection, Full, Gone, Unit
from storage.postgres import REPETITIONS, PostgresEngine
from storage.statement import Statement
from tests.postgres_server import PostgresServer, fresh_database, shared_server

TABLE = Statement("CREATE TABLE catch (id BIGINT PRIMARY KEY, note TEXT)")
ADD = Statement("INSERT INTO catch (id, note) VALUES (:id, '')")
IDS = Statement("SELECT id FROM catch ORDER BY id")
ADDED = Statement("SELECT count(*) AS n FROM catch")
LOCK = Statement("SELECT id FROM catch WHERE id = :id", lock=True)
LEAVE = Statement("""
    CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
""")
LEAVE_AT_COMMIT = Statement("""
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON catch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leave()
""")
END_SESSIONS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@pytest.fixture
def url() -> Iterator[str]:
    with fresh_database() as made:
        yield made


@pytest.fixture
async def engine(url: str) -> AsyncIterator[PostgresEngine]:
    engine = PostgresEngine(url)
    await engine.open()
    try:
        await engine.transact(lambda tx: tx.run(TABLE))
        yield engine
    finally:
        await engine.close()


def raises(code: str) -> Statement:
    return Statement(f"DO $$ BEGIN RAISE EXCEPTION 'it is so' USING ERRCODE = '{code}'; END $$")


def end_sessions(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(END_SESSIONS)


class Counted:
    """A unit that counts its runs."""

    def __init__(self, does: Callable[[Connection, int], object]) -> None:
        self.does, self.runs = does, 0

    def __call__(self, tx: Connection) -> object:
        self.runs += 1
        return self.does(tx, self.runs)


class TestCollisions:
    async def test_two_units_that_wait_for_each_other_both_succeed(self, engine: PostgresEngine) -> None:
        await engine.transact(lambda tx: tx.many(ADD, [{"id": 1}, {"id": 2}]))
        meet = threading.Barrier(2, timeout=20)

        def crosswise(first: int, second: int) -> Counted:
            def does(tx: Connection, run: int) -> int:
                tx.one(LOCK, id=first)
                if run == 1:
                    meet.wait()
                tx.one(LOCK, id=second)
                return tx.run(ADD, id=first * 10)

            return Counted(does)

        units = [crosswise(1, 2), crosswise(2, 1)]
        assert await asyncio.gather(*map(engine.transact, units)) == [1, 1]
        assert sorted(unit.runs for unit in units) == [1, 2]
        assert [row["id"] for row in await engine.read(lambda tx: tx.all(IDS))] == [1, 2, 10, 20]

    @pytest.mark.parametrize("code", ["serialization_failure", "deadlock_detected"])
    async def test_a_unit_that_always_collides_is_busy_in_the_end(self, engine: PostgresEngine, code: str) -> None:
        unit = Counted(lambda tx, run: tx.run(raises(code)))
        with pytest.raises(Busy, match="it is so"):
            await engine.transact(unit)
        assert unit.runs == 1 + REPETITIONS

    async def test_a_row_that_a_colleague_wrote_first_is_found_at_the_second_run(self, engine: PostgresEngine) -> None:
        def does(tx: Connection, run: int) -> int:
            if run > 1 and tx.one(LOCK, id=1) is not None:
                return 0
            return tx.run(ADD, id=1)

        await engine.transact(lambda tx: tx.run(ADD, id=1))
        unit = Counted(does)
        assert await engine.transact(unit) == 0
        assert unit.runs == 2

    async def test_a_row_that_stays_there_is_refused_in_the_end(self, engine: PostgresEngine) -> None:
        await engine.transact(lambda tx: tx.run(ADD, id=1))
        unit = Counted(lambda tx, run: tx.run(ADD, id=1))
        with pytest.raises(psycopg.errors.UniqueViolation):
            await engine.transact(unit)
        assert unit.runs == 1 + REPETITIONS

    async def test_a_collision_hidden_by_the_unit_still_repeats_it(self, engine: PostgresEngine) -> None:
        def does(tx: Connection, run: int) -> str:
            if run == 1:
                with contextlib.suppress(psycopg.Error):
                    tx.run(raises("serialization_failure"))
            return "well"

        unit = Counted(does)
        assert await engine.transact(unit) == "well"
        assert unit.runs == 2

    async def test_a_rule_checked_at_commit_comes_back_and_keeps_nothing(self, engine: PostgresEngine) -> None:
        text = "CREATE TABLE boats (catch BIGINT REFERENCES catch DEFERRABLE INITIALLY DEFERRED)"
        await engine.transact(lambda tx: tx.run(Statement(text)))

        def unit(tx: Connection) -> None:
            tx.run(ADD, id=1)
            tx.run(Statement("INSERT INTO boats VALUES (770099)"))

        with pytest.raises(psycopg.errors.ForeignKeyViolation) as caught:
            await engine.transact(unit)
        assert "770099" not in str(caught.value)
        assert await engine.read(lambda tx: tx.one(ADDED)) == {"n": 0}

    async def test_a_row_held_too_long_by_another_is_busy(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgres, "LOCK_MS", 50)
        engine = PostgresEngine(url)
        await engine.open()
        try:
            await engine.transact(lambda tx: tx.run(TABLE))
            await engine.transact(lambda tx: tx.run(ADD, id=1))
            with psycopg.connect(url) as other:
                other.execute("SELECT id FROM catch WHERE id = 1 FOR UPDATE")
                with pytest.raises(Busy):
                    await engine.transact(lambda tx: tx.one(LOCK, id=1))
            assert await engine.transact(lambda tx: tx.one(LOCK, id=1)) == {"id": 1}
        finally:
            await engine.close()


class TestServersThatGoAway:
    async def test_a_connection_lost_between_units_goes_unnoticed(self, engine: PostgresEngine, url: str) -> None:
        for _ in range(2):
            await asyncio.to_thread(end_sessions, url)
            await engine.transact(lambda tx: tx.one(ADDED))
            await engine.read(lambda tx: tx.one(ADDED))

    async def test_a_connection_lost_inside_a_unit_runs_it_again(self, engine: PostgresEngine, url: str) -> None:
        def does(tx: Connection, run: int) -> int:
            changed = tx.run(ADD, id=1)
            if run == 1:
                end_sessions(url)
                tx.run(ADD, id=2)
            return changed

        unit = Counted(does)
        assert await engine.transact(unit) == 1
        assert unit.runs == 2
        assert await engine.read(lambda tx: tx.one(ADDED)) == {"n": 1}

    async def test_after_a_connection_lost_at_commit_nobody_repeats_the_unit(self, engine: PostgresEngine) -> None:
        await engine.transact(lambda tx: tx.run(LEAVE))
        await engine.transact(lambda tx: tx.run(LEAVE_AT_COMMIT))
        unit = Counted(lambda tx, run: tx.run(ADD, id=1))
        with pytest.raises(Gone):
            await engine.transact(unit)
        assert unit.runs == 1
        assert await engine.transact(lambda tx: tx.one(ADDED)) == {"n": 0}

    async def test_a_server_that_stops_is_gone_and_found_again_when_it_is_back(self) -> None:
        shared_server()  # skips where there is no PostgreSQL
        server = PostgresServer()
        try:
            server.start()
            engine = PostgresEngine(server.url("postgres"))
            await engine.open()
            await engine.transact(lambda tx: tx.run(TABLE))
            await asyncio.to_thread(server.stop)
            for road in (engine.transact, engine.read):
                with pytest.raises(Gone):
                    await road(lambda tx: tx.one(ADDED))
            server.start()
            assert await engine.transact(lambda tx: tx.run(ADD, id=1)) == 1
            assert await engine.read(lambda tx: tx.one(ADDED)) == {"n": 1}
            await engine.close()
        finally:
            server.remove()

    @pytest.mark.parametrize(
        "address",
        [
            "postgresql://sari:rahasia99@127.0.0.1:1/lindung",
            "postgresql//sari:rahasia99@127.0.0.1/lindung",
            "postgresql://sari:rahasia99@127.0.0.1/lindung?no=thing",
        ],
    )
    async def test_a_wrong_address_is_gone_and_tells_no_password(self, address: str) -> None:
        with pytest.raises(Gone) as caught:
            await PostgresEngine(address).open()
        error: BaseException | None = caught.value
        while error is not None:
            assert "rahasia99" not in str(error)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


class TestTheServersWords:
    @pytest.mark.parametrize(
        ("code", "kind"),
        [("disk_full", Full), ("io_error", Full), ("query_canceled", Busy), ("lock_not_available", Busy)],
    )
    async def test_the_servers_trouble_is_told_in_the_stores_words(
        self, engine: PostgresEngine, code: str, kind: type[Exception]
    ) -> None:
        unit = Counted(lambda tx, run: tx.run(raises(code)))
        with pytest.raises(kind, match="it is so"):
            await engine.transact(unit)
        assert unit.runs == 1

    async def test_trouble_that_the_unit_made_its_own_is_still_told_so(self, engine: PostgresEngine) -> None:
        def unit(tx: Connection) -> None:
            try:
                tx.run(raises("disk_full"))
            except psycopg.Error as error:
                raise LookupError from error

        with pytest.raises(Full):
            await engine.transact(unit)

    async def test_a_session_keeps_utc_and_the_address_options(self, url: str) -> None:
        engine = PostgresEngine(f"{url}&options=-c%20work_mem%3D5MB")
        await engine.open()
        try:
            for name, value in {"timezone": "UTC", "work_mem": "5MB"}.items():
                show = Statement(f"SELECT current_setting('{name}') AS value")
                for road in (engine.transact, engine.read):
                    assert await road(lambda tx, show=show: tx.one(show)) == {"value": value}
        finally:
            await engine.close()


class TestSideBySide:
    async def test_as_many_units_run_at_once_as_there_are_connections(self, url: str) -> None:
        engine = PostgresEngine(url, size=3)
        await engine.open()
        try:
            meet = threading.Barrier(3, timeout=20)
            pid = Statement("SELECT pg_backend_pid() AS pid")

            def unit(tx: Connection) -> int:
                meet.wait()
                row = tx.one(pid)
                assert row is not None
                return int(row["pid"])

            assert len(set(await asyncio.gather(*(engine.transact(unit) for _ in range(3))))) == 3
        finally:
            await engine.close()

    async def test_ten_officers_never_claim_the_same_case(self, engine: PostgresEngine) -> None:
        free = Statement("SELECT id FROM catch WHERE note = '' ORDER BY id LIMIT 1", lock=True, skip_locked=True)
        take = Statement("UPDATE catch SET note = :officer WHERE id = :id")
        await engine.transact(lambda tx: tx.many(ADD, [{"id": n} for n in range(60)]))

        def claims(officer: str) -> Unit[int]:
            def unit(tx: Connection) -> int:
                row = tx.one(free)
                assert row is not None
                tx.run(take, id=row["id"], officer=officer)
                return int(row["id"])

            return unit

        claimed = await asyncio.gather(*(engine.transact(claims(f"dewi {n % 10}")) for n in range(60)))
        assert collections.Counter(claimed) == dict.fromkeys(range(60), 1)
