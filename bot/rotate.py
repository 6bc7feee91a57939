"""Changes the data key: a new one is added, everything is sealed anew, then the old one is forgotten.

It goes on where it was when it was interrupted. Not for: the index key, by which rows are found
(bot/reindex.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from bot.open_store import KEY_CHECK, plainly
from bot.work import Work
from domain.registration import Actor
from storage import keyfile
from storage.keyfile import Keys
from storage.store import Tx

SETTLE: Final = 3.0
"""Seconds in which what was sealed just before the change surely reaches the disk."""


async def rotate_key(work: Work, args: Mapping[str, Any]) -> AsyncGenerator[str, None]:
    """No arguments. The service may run meanwhile."""
    # It reads the tables' definitions, and SQLAlchemy takes longer to load than the whole program to start.
    from storage.rotate import keys_in_use

    path, store = work.settings.key_file, work.store
    with plainly():
        unfinished = len(keyfile.load(path).data) > 1
        if not unfinished:
            keyfile.add_data_key(path)
        keys = keyfile.load(path)
    store.vault.adopt(keys)
    yield f"{'Going on with' if unfinished else 'Made'} data key {keys.current} in {path}."
    with plainly():
        changed = await _reseal(work)
        await asyncio.sleep(SETTLE)
        while more := await _reseal(work):
            changed += more
    yield f"Sealed {changed} values and photos anew."
    with plainly():
        keep = await store.engine.read(keys_in_use) | await asyncio.to_thread(store.media.keys_in_use)
        await store.transact(_note, keys)
        dropped = keyfile.drop_old(path, keep)
        store.vault.adopt(keyfile.load(path))
    if dropped:
        yield f"Forgot the old data key {', '.join(map(str, dropped))}."
    if left := keep - {keys.current}:
        yield (
            f"Data key {', '.join(map(str, sorted(left)))} stays in the file: something sealed with it does not"
            " open. Restore a backup if you miss something."
        )
    yield (
        f"Save a copy of {path} now, away from the database. Backups made before need the copy you saved before:"
        " keep it as long as them."
    )


async def _reseal(work: Work) -> int:
    from storage.rotate import reseal_files, reseal_rows

    return await reseal_rows(work.store.engine, work.store.vault) + await reseal_files(work.store.media)


def _note(tx: Tx, keys: Keys) -> None:
    tx.set_meta(KEY_CHECK, keyfile.check_value(keys))
    tx.audit.record("data_key_changed", actor=Actor.SYSTEM, detail=str(keys.current))
