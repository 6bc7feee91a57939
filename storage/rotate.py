"""Brings everything sealed under the current data key, a slice at a time, while the service goes on.

Interrupted, it simply starts again: what is done already is passed over. Not for: the key file
(storage/keyfile.py) or when an old key may be dropped (bot/rotate.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final

from sqlalchemy import LargeBinary, Table, Text

from storage.engine import Connection, Engine
from storage.files import MediaFolder
from storage.schema_broadcasts import metadata
from storage.statement import Statement
from storage.vault import Unreadable, Vault

SLICE: Final = 500
"""Rows in one transaction: far below the 50 ms that a unit may take."""
FILES: Final = 20

COLUMN: Final = "sealed"


@dataclass(frozen=True)
class _Sealed:
    """A table with a sealed column. Its rows are named in the seal by table and primary key."""

    table: str
    keys: tuple[str, ...]
    before_all: Mapping[str, int | str]
    slice: Statement
    put: Statement
    in_use: Statement

    def name(self, row: Mapping[str, Any]) -> str:
        return ":".join((self.table, *(str(row[key]) for key in self.keys)))


async def reseal_rows(engine: Engine, vault: Vault) -> int:
    """Goes through every sealed value once; how many had to change. Raises StoreError.

    A value that does not open is left as it is: its key stays in use.
    """
    changed = 0
    for sealed in SEALED:
        after: Mapping[str, int | str] | None = sealed.before_all
        while after is not None:
            n, after = await engine.transact(partial(_reseal_slice, sealed=sealed, vault=vault, after=after))
            changed += n
    return changed


async def reseal_files(media: MediaFolder) -> int:
    """Goes through every photo once; how many had to change. Raises Full."""
    names = await asyncio.to_thread(lambda: iter(list(media.names())))
    changed = 0
    while some := list(islice(names, FILES)):
        changed += await asyncio.to_thread(lambda few: sum(_reseal_file(media, name) for name in few), some)
    return changed


def keys_in_use(connection: Connection) -> set[int]:
    """The ids of all data keys that a row is sealed with."""
    rows = [row for sealed in SEALED for row in connection.all(sealed.in_use)]
    return {int.from_bytes(bytes(row["key"])) for row in rows}


def _reseal_slice(
    connection: Connection, *, sealed: _Sealed, vault: Vault, after: Mapping[str, int | str]
) -> tuple[int, Mapping[str, int | str] | None]:
    """How many values of the slice changed, and the last row's key; None when it was the last slice."""
    rows = connection.all(sealed.slice, limit=SLICE, **after)
    fresh: list[dict[str, Any]] = []
    for row in rows:
        was = bytes(row[COLUMN])
        try:
            now = vault.reseal(was, row=sealed.name(row))
        except Unreadable:
            continue
        if now is not was:
            fresh.append({**{key: row[key] for key in sealed.keys}, "was": was, "now": now})
    if fresh:
        connection.many(sealed.put, fresh)
    last = {key: rows[-1][key] for key in sealed.keys} if len(rows) == SLICE else None
    return len(fresh), last


def _reseal_file(media: MediaFolder, name: str) -> bool:
    try:
        return media.reseal(name)
    except Unreadable:
        return False


def _sealed(table: Table) -> _Sealed:
    keys = tuple(column.name for column in table.primary_key.columns)
    listed, values = ", ".join(keys), ", ".join(f":{key}" for key in keys)
    same = " AND ".join(f"{key} = :{key}" for key in keys)
    return _Sealed(
        table=table.name,
        keys=keys,
        before_all={c.name: "" if isinstance(c.type, Text) else -1 for c in table.primary_key.columns},
        slice=Statement(
            f"SELECT {listed}, {COLUMN} FROM {table.name}"  # noqa: S608 (names of our own schema)
            f" WHERE {COLUMN} IS NOT NULL AND ({listed}) > ({values}) ORDER BY {listed} LIMIT :limit"
        ),
        # A row that was written meanwhile carries the current key already and stays as it is.
        put=Statement(
            f"UPDATE {table.name} SET {COLUMN} = :now WHERE {same} AND {COLUMN} = :was"  # noqa: S608
        ),
        in_use=Statement(
            f"SELECT DISTINCT substr({COLUMN}, 1, 2) AS key FROM {table.name}"  # noqa: S608
            f" WHERE {COLUMN} IS NOT NULL"
        ),
    )


SEALED: Final = tuple(
    _sealed(table)
    for table in metadata.sorted_tables
    if COLUMN in table.columns and isinstance(table.columns[COLUMN].type, LargeBinary)
)
