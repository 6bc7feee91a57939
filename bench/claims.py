"""Taking the next case at ten thousand and at a million registrations, on SQLite and, where it is found, PostgreSQL.

A claim is what an officer's press does in one transaction: find the next, lock it, move it, write who did it. Not
for: the card that is shown afterwards.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psycopg

from domain.registration import Actor, Status
from storage import keyfile
from storage.engine import Engine
from storage.migrate import migrate
from storage.postgres import PostgresEngine
from storage.sqlite import SqliteEngine
from storage.store import Store, Tx

_OFFICER = 7
_NOBODY = -1
_CLAIMS = 200
_ADDRESSES = 1000
_COUNTED = "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) SELECT n FROM c)"
_ADDRESS_ROWS = """
    INSERT INTO addresses (id, channel, address_digest, created_at, last_in_at)
    SELECT n, 'telegram', {digest}, 0, 0 FROM {numbers}
"""
# A third of them waits, the rest was decided long ago.
_ROWS = """
    INSERT INTO registrations (id, address_id, status, previous_status, version, receipt, area, district, occupation,
        gender, birth_year, has_photo, priority, created_at, submitted_at, queued_at, status_at)
    SELECT n, 1 + n % {addresses},
        CASE WHEN n % 3 = 0 THEN 'submitted' ELSE 'verified' END,
        CASE WHEN n % 3 = 0 THEN 'draft' ELSE 'in_review' END,
        1, 'UJI-' || n, '81.71.01.' || (1001 + n % 50), '81.71.0' || (1 + n % 5), 'FIS', 'L', 1966 + n % 40,
        n % 2, n % 3, 1700000000000 + n, 1700000000000 + n, 1700000000000 + n, 1700000000000 + n
    FROM {numbers}
"""


@dataclass(frozen=True)
class Claims:
    """Milliseconds in the middle of many: a whole claim with its commit, and finding the next case alone."""

    whole: float
    finding: float


async def on_sqlite(folder: Path, count: int) -> Claims:
    """Claims among so many registrations in a new file in this new folder."""
    fill_sqlite(folder / "claims.db", count)
    async with _store(SqliteEngine(folder / "claims.db"), folder) as store:
        return await _claims(store)


async def on_postgres(url: str, folder: Path, count: int) -> Claims:
    """The same in an empty database at `url`; the folder is for the key."""
    fill_postgres(url, count)
    async with _store(PostgresEngine(url), folder) as store:
        return await _claims(store)


def fill_sqlite(path: Path, count: int) -> None:
    """A new file with so many registrations."""
    path.parent.mkdir(parents=True)
    migrate(f"sqlite:///{path}")
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous = OFF")
    db.execute(_ADDRESS_ROWS.format(numbers=_COUNTED.format(count=_ADDRESSES), digest="CAST('a' || n AS BLOB)"))
    db.execute(_ROWS.format(addresses=_ADDRESSES, numbers=_COUNTED.format(count=count)))
    db.commit()
    db.close()


def fill_postgres(url: str, count: int) -> None:
    """The same in an empty database."""
    migrate(url)
    series = "generate_series(1, {count}) AS g(n)"
    with psycopg.connect(url, autocommit=True) as db:
        addresses = _ADDRESS_ROWS.format(numbers=series.format(count=_ADDRESSES), digest="convert_to('a' || n, 'UTF8')")
        db.execute(addresses.encode())
        db.execute(_ROWS.format(addresses=_ADDRESSES, numbers=series.format(count=count)).encode())
        db.execute("ANALYZE")


@asynccontextmanager
async def _store(engine: Engine, folder: Path) -> AsyncIterator[Store]:
    store = Store.with_keys(engine, keyfile.create(folder / "key"), folder / "media")
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def _claims(store: Store) -> Claims:
    """Officers of the whole area, of a district and of a village take turns."""
    whole, finding = [], []
    areas: tuple[tuple[str, ...], ...] = ((), ("81.71.02",), ("81.71.01.1011",))
    for turn in range(_CLAIMS):
        began = time.perf_counter()
        found = await store.transact(_claim, areas[turn % 3])
        if turn >= _CLAIMS // 10:
            whole.append((time.perf_counter() - began) * 1000)
            finding.append(found)
    return Claims(median(whole), median(finding))


def _claim(tx: Tx, areas: tuple[str, ...]) -> float:
    """Take the next case; how many ms it took to find it."""
    began = time.perf_counter()
    found = tx.queue.next_id(areas, own=_NOBODY)
    took = (time.perf_counter() - began) * 1000
    assert found is not None
    case = tx.registrations.get(found, lock=True)
    assert case is not None
    tx.registrations.move(
        case,
        Status.IN_REVIEW,
        by=Actor.OFFICER,
        actor_id=_OFFICER,
        officer_id=_OFFICER,
        leased_until=tx.at + 900_000,
    )
    return took
