"""Every statement finds its rows by an index, however many there are: asked of both databases themselves.

SQLite plans without statistics, so its empty file plans as a full one does; it is filled all the same, for the day
that changes. PostgreSQL plans by what is there. Only plans are held here, no times: those are the bench's.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

import storage.statements
from storage.migrate import migrate
from storage.statement import Statement
from tests.postgres_server import fresh_database

pytestmark = pytest.mark.slow

MANY = 50_000

# Tables that stay small in any office, and what may be read from end to end with its reason.
SMALL = {
    "audiences",
    "broadcasts",
    "desks",
    "events",
    "invites",
    "late_texts",
    "meta",
    "objections",
    "officer_areas",
    "officers",
    "papers",
    "pending_decisions",
    "sensitive",
}
WHOLE = {
    "people.OPEN_QUESTIONS",  # an admin's summary counts the open forms
    "registrations.PHOTO_NAMES",  # once at the start: files without a row go
    "audit.LAST_SEAL",  # the last of its primary key
    "enquiries.NEXT_NUMBER",  # the same
    "meta.HIGHEST_ID",  # the same, at the start
    "audit.SEALS",  # the check of all seals, in slices
}
NUMBERED = "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) SELECT n FROM c)"

# The values that are texts.
TEXTS = (
    "action actor areas audience channel code conditions decided detail document flaws form from_status gender"
    " key kind message_id name occupation outcome photo question reason reasons receipt regency role said"
    " sent_id source state status step text_version to_status value village word"
)
# An address for each registration, one in five hundred of them in the queue; nearly all messages were sent.
ROWS = (
    """INSERT INTO addresses (id, channel, address_digest, sealed, created_at, last_in_at)
       SELECT n, 'telegram', {bytes}, CASE WHEN n % 1000 = 0 THEN NULL ELSE {bytes} END, n, n FROM {numbers}""",
    """INSERT INTO aliases (id, address_digest, address_id, account_digest, by_number, sealed, at)
       SELECT n, {bytes}, n, CASE WHEN n % 2 = 0 THEN {bytes} ELSE NULL END, 1, {bytes}, n FROM {numbers}""",
    """INSERT INTO joins (id, address_id, code_digest, state, created_at, expires_at, joined_id, undo_until)
       SELECT n, n, {bytes}, CASE WHEN n % 100 = 0 THEN 'used' ELSE 'closed' END, n, n, n, n FROM {numbers}""",
    """INSERT INTO registrations (id, address_id, status, previous_status, version, receipt, area, district, nik_digest,
         birth_digest, phone_digest, priority, created_at, submitted_at, queued_at, status_at)
       SELECT n, n, CASE WHEN n % 500 = 0 THEN 'submitted' WHEN n % 50 = 1 THEN 'rejected' ELSE 'verified' END,
         CASE WHEN n % 500 = 0 THEN 'draft' ELSE 'in_review' END, 1, 'UJI-' || n, '81.71.01.' || (1001 + n % 47),
         '81.71.0' || (1 + n % 7), {bytes}, {bytes}, {bytes}, n % 7 % 3, n, n, n, n FROM {numbers}""",
    """INSERT INTO status_changes (id, registration_id, from_status, to_status, actor, reason, at)
       SELECT n, n, 'in_review', CASE WHEN n % 2 = 0 THEN 'verified' ELSE 'submitted' END, 'officer', 'x', n
       FROM {numbers}""",
    """INSERT INTO answers (registration_id, question, version, sealed, at)
       SELECT n, 'name', 1, {bytes}, n FROM {numbers}""",
    "INSERT INTO name_words (word_digest, registration_id) SELECT {bytes}, n FROM {numbers}",
    """INSERT INTO media (name, registration_id, question, width, height, at)
       SELECT 'f' || n, n, 'photo', 1, 1, n FROM {numbers}""",
    """INSERT INTO progress (address_id, form, question, turn, sealed, since)
       SELECT n, 'x', 'y', 1, {bytes}, n FROM {numbers} WHERE n % 10 = 0""",
    "INSERT INTO offers (address_id, outbox_id, sealed, at) SELECT n, n, {bytes}, n FROM {numbers}",
    """INSERT INTO outbox (id, address_id, channel, lane, state, registration_id, sealed, next_at, created_at, sent_at)
       SELECT n, n, 'telegram', 0, CASE WHEN n % 200 = 0 THEN 'waiting' WHEN n % 999 = 0 THEN 'dead' ELSE 'sent' END,
         n, NULL, n, n, n FROM {numbers}""",
    """INSERT INTO inbox (id, address_id, state, sealed, next_at, created_at)
       SELECT n, n, CASE WHEN n % 60 = 0 THEN 'file' WHEN n % 60 = 1 THEN 'behind' ELSE 'failed' END, {bytes}, n, n
       FROM {numbers} WHERE n % 20 < 3""",
    "INSERT INTO seen (key, at) SELECT 'telegram:1:' || n, n FROM {numbers}",
    """INSERT INTO audit (id, at, actor, action, registration_id, seal_id)
       SELECT n, n, 'worker', 'x', n, n / 100 FROM {numbers}""",
    "INSERT INTO audit_seals (id, at, lines, digest, seal) SELECT n, n, 1, {bytes}, {bytes} FROM {numbers}",
    """INSERT INTO consents (id, address_id, kind, text_version, channel, answer, at)
       SELECT n, n, 'registration', 'x', 'telegram', 1, n FROM {numbers}""",
    """INSERT INTO officers (id, address_id, role, state, sealed, created_at)
       SELECT n, n, 'officer', 'active', {bytes}, n FROM {numbers} WHERE n <= 20""",
    """INSERT INTO views (id, registration_id, version, officer_id, kind, at)
       SELECT n, n, 1, 1 + n % 20, 'card', n FROM {numbers}""",
    """INSERT INTO peeks (id, token_digest, officer_id, registration_id, version, created_at, expires_at)
       SELECT n, {bytes}, 1 + n % 20, n, 1, n, n FROM {numbers}""",
    "INSERT INTO notes (id, registration_id, actor, sealed, at) SELECT n, n, 'worker', {bytes}, n FROM {numbers}",
    """INSERT INTO events (id, state, starts_at, sealed, word, created_by, created_at)
       SELECT n, 'planned', n, {bytes}, 'W' || n, 1, n FROM {numbers} WHERE n <= 50""",
    """INSERT INTO broadcasts (id, number, kind, state, previous_state, version, created_by, owner_id, sealed, audience,
         created_at) SELECT n, n, 'announcement', 'done', 'running', 1, 1, 1, {bytes}, '[]', n
       FROM {numbers} WHERE n <= 50""",
    """INSERT INTO recipients (broadcast_id, address_id, person_id, channel, shared, outcome, at)
       SELECT 1 + n % 50, n, n, 'telegram', 0, CASE WHEN n % 100 = 0 THEN 'waiting' ELSE 'sent' END, n
       FROM {numbers}""",
    """INSERT INTO openings (channel, address_id, at)
       SELECT CASE WHEN n % 2 = 0 THEN 'telegram' ELSE 'other' END, n, n FROM {numbers}""",
    """INSERT INTO attendances (event_id, address_id, answer, present_at)
       SELECT 1 + n % 50, n, 'comes', n FROM {numbers}""",
    """INSERT INTO enquiries (number, address_id, state, asked_at)
       SELECT n, n, CASE WHEN n % 100 = 0 THEN 'open' ELSE 'answered' END, n FROM {numbers}""",
)


def _statements() -> list[tuple[str, Statement]]:
    found = []
    for module in pkgutil.iter_modules(storage.statements.__path__):
        subject = importlib.import_module(f"storage.statements.{module.name}")
        found += [
            (f"{module.name}.{name}", each) for name, each in vars(subject).items() if isinstance(each, Statement)
        ]
    return sorted(found)


STATEMENTS = _statements()


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A full file."""
    path = tmp_path_factory.mktemp("plans") / "lindung.db"
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        for rows in ROWS:
            db.execute(rows.format(bytes="CAST('x' || n AS BLOB)", numbers=NUMBERED.format(count=MANY // 10)))
        db.execute("COMMIT")
        yield db


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A full database whose server knows what is in it."""
    with fresh_database() as url:
        migrate(url)
        with psycopg.connect(url, autocommit=True) as db:
            for rows in ROWS:
                filling = rows.format(
                    bytes="convert_to('x' || n, 'UTF8')", numbers=f"generate_series(1, {MANY}) AS c(n)"
                )
                db.execute(filling.encode())
            db.execute("ANALYZE")
            yield db


def test_sqlite_reads_no_large_table_from_end_to_end(sqlite: sqlite3.Connection) -> None:
    partial = {row[0] for row in sqlite.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE INDEX%WHERE%'")}
    faults = {}
    for name, statement in STATEMENTS:
        values = dict.fromkeys(re.findall(r":(\w+)", statement.text))
        plan = [str(row[3]) for row in sqlite.execute(f"EXPLAIN QUERY PLAN {statement.sql('sqlite')}", values)]
        tables = _tables(statement)
        for step in plan:
            found = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
            # What is no table is what another step has found; a partial index holds no more than is asked for.
            if found and tables.get(found[1], "officers") not in SMALL and found[2] not in partial:
                faults[name] = plan
    assert set(faults) <= WHOLE, {name: plan for name, plan in faults.items() if name not in WHOLE}


def test_postgresql_reads_no_large_table_from_end_to_end(postgres: psycopg.Connection[tuple[object, ...]]) -> None:
    faults = {}
    for name, statement in STATEMENTS:
        values = {each: _value(each) for each in re.findall(r":(\w+)", statement.text)}
        plan = [str(row[0]) for row in postgres.execute(f"EXPLAIN {statement.sql('postgres')}".encode(), values)]
        if any(found not in SMALL for found in re.findall(r"Seq Scan on (\w+)", "\n".join(plan))):
            faults[name] = plan
    assert set(faults) <= WHOLE, {name: plan for name, plan in faults.items() if name not in WHOLE}


def test_each_exception_is_still_one() -> None:
    assert {name for name, _ in STATEMENTS} >= WHOLE


def _tables(statement: Statement) -> dict[str, str]:
    """Table by the name it goes by in the statement."""
    named = re.findall(r"(?:FROM|JOIN|INTO|UPDATE) (\w+)(?: AS (\w+))?", statement.text)
    return {alias or table: table for table, alias in named}


def _value(name: str) -> object:
    """Something of the right kind that is rare in the tables, or a time that few rows lie before or behind."""
    if name.endswith("digest") or name in {"sealed", "seal", "first", "second", "third", "fourth"}:
        return b"x77"
    if name in {"code", "district"}:
        return "81.71.02"
    if name in {"area", "village"}:
        return "81.71.01.1005"
    if name in {"since", "after"}:
        return MANY - 100
    return "x" if name in TEXTS.split() else 100
