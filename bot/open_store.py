"""Opens the one database of this program: lock, mark, key, tables, store, in the order that can do no harm.

Everything that stands in the way becomes one sentence. Not for: serving (bot/app.py) or what commands do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.problems import CannotStart
from bot.settings import Settings
from storage import keyfile
from storage.engine import Engine, StoreError, sqlite_path
from storage.keyfile import KeyProblem, Keys
from storage.lock import ProgramLock, lock_for
from storage.migrate import DatabaseState, FromTheFuture, migrate, state
from storage.sqlite import SqliteEngine
from storage.store import Store, Tx

KEY_CHECK: Final = "key_check"
MODE: Final = "mode"
INDEX_CHANGE: Final = "index_change"
"""How far a change of the index key has come; empty when none is under way."""
DEMO: Final = "demo"
REAL: Final = "real"


@dataclass(frozen=True)
class Opened:
    """An open store and the lock it stands under: whoever runs for long calls `lock.keep()` now and then.

    `new` tells that the database was empty; `warnings` are sentences for the operator.
    """

    store: Store
    lock: ProgramLock
    new: bool
    warnings: tuple[str, ...]


@asynccontextmanager
async def opened(settings: Settings, *, halfway: bool = False) -> AsyncIterator[Opened]:
    """The store of these settings, migrated and open, under the program lock; closed afterwards.

    `halfway` opens it even in the middle of a change of the index key, when not everybody is found in it.

    Raises CannotStart; AlreadyRunning when another program holds the database, which a command may then ask.
    """
    with locked(settings) as lock:
        with plainly():
            before = await asyncio.to_thread(state, settings.database_url)
            if before.meta.get(INDEX_CHANGE) and not halfway:
                raise CannotStart(
                    "The change of the index key was interrupted: run `python -m bot rotate-key --index` again, first."
                )
            fresh_key = not settings.key_file.exists()
            keys = _keys(settings, before)
            await asyncio.to_thread(migrate, settings.database_url)
            store = _store(settings, keys)
            await store.open()
        new = KEY_CHECK not in before.meta
        try:
            if new:
                with plainly():
                    await store.transact(_mark, keyfile.check_value(keys), mode_of(settings))
            warnings = list(key_warnings(settings, keys))
            if not settings.is_demo:
                warnings += beside_warning(settings)
            if new and not fresh_key:
                warnings.append(
                    "The database is new but its key file is not: if data should be there, stop and look for it."
                )
            yield Opened(store, lock, new, tuple(warnings))
        finally:
            await store.close()


@contextmanager
def locked(settings: Settings) -> Iterator[ProgramLock]:
    """The program lock alone, its folders made; for what works on closed files.

    Raises CannotStart, AlreadyRunning.
    """
    with plainly():
        for folder in _folders(settings):
            _make(folder)
        lock = lock_for(settings.database_url)
        lock.acquire()
    try:
        yield lock
    finally:
        lock.release()


@contextmanager
def plainly() -> Iterator[None]:
    """What goes wrong inside comes out as CannotStart."""
    try:
        yield
    except (KeyProblem, FromTheFuture, StoreError) as error:
        raise CannotStart(" ".join(str(error).split())) from error
    except OSError as error:
        raise CannotStart(f"{error.filename or 'A file'}: {error.strerror}. Mend its rights or its path.") from error


def mode_of(settings: Settings) -> str:
    """How a database of these settings is marked."""
    return DEMO if settings.is_demo else REAL


def check_mode(settings: Settings, before: DatabaseState) -> None:
    """The demo and a real office never share a database. Raises CannotStart."""
    marked = before.meta.get(MODE, mode_of(settings))
    if marked == DEMO and not settings.is_demo:
        raise CannotStart("LINDUNG_DATABASE_URL names a database of the demo: set it to another one, for real people.")
    if marked == REAL and settings.is_demo:
        raise CannotStart(
            "LINDUNG_DATABASE_URL names the database of a real office, which the demo must not open:"
            " set LINDUNG_TELEGRAM_TOKEN, or take LINDUNG_DATABASE_URL away."
        )


def key_warnings(settings: Settings, keys: Keys) -> Iterator[str]:
    """Sentences about keys that work but should not stay as they are."""
    if keys.too_open:
        yield f"Others than its owner may read the key file: run `chmod 600 {settings.key_file}`."
    if len(keys.data) > 1:
        yield "A change of the data key was not finished: run `python -m bot rotate-key` again."
    if keys.next_index is not None:
        yield "A change of the index key was not begun: stop the program and run `python -m bot rotate-key --index`."


def beside_warning(settings: Settings) -> list[str]:
    """A sentence when a copy of the folder of the database or of the photos would hold the key as well."""
    database = sqlite_path(settings.database_url)
    data = {settings.media_dir.resolve(), *([database.resolve().parent] if database else [])}
    if data.isdisjoint(settings.key_file.resolve().parents):
        return []
    about = "The key file lies beside the database: who copies the folder can read everything."
    return [f"{about} Move it and set LINDUNG_KEY_FILE."]


def _keys(settings: Settings, before: DatabaseState) -> Keys:
    """The keys that fit the database; new ones only for a database without tables."""
    check_mode(settings, before)
    if before.revision is None and not settings.key_file.exists():
        return keyfile.create(settings.key_file)
    keys = keyfile.load(settings.key_file)
    if KEY_CHECK in before.meta:
        keyfile.check(keys, before.meta[KEY_CHECK])
        if keyfile.is_changed(keys, before.meta[KEY_CHECK]):
            return keyfile.take_index_key(settings.key_file)
    return keys


def _store(settings: Settings, keys: Keys) -> Store:
    path = sqlite_path(settings.database_url)
    engine: Engine
    if path is None:
        # Only here: a start on SQLite does not wait for the driver to load.
        from storage.postgres import PostgresEngine

        engine = PostgresEngine(settings.database_url)
    else:
        engine = SqliteEngine(path)
    return Store.with_keys(engine, keys, settings.media_dir)


def _mark(tx: Tx, check: str, mode: str) -> None:
    tx.set_meta(KEY_CHECK, check)
    tx.set_meta(MODE, mode)


def _folders(settings: Settings) -> Iterator[Path]:
    database = sqlite_path(settings.database_url)
    if database is not None:
        yield database.absolute().parent
    yield settings.key_file.absolute().parent
    yield settings.control_socket.absolute().parent
    yield settings.media_dir.absolute()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"The folder {folder} cannot be made ({error.strerror}): make the folder above it writable."
        ) from error
