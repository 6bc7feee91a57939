"""Puts a backup back: everything is copied beside its place and checked there before anything is replaced.

Cut off at any point, the database that stands in its place has all its photos. Not for: PostgreSQL's own data.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from bot.manifest import DATABASE, MANIFEST, MEDIA, Manifest, described, read_manifest
from bot.open_store import DEMO, KEY_CHECK, locked, mode_of, plainly
from bot.problems import CannotStart
from bot.settings import Settings
from storage import keyfile
from storage.durable import PART
from storage.engine import sqlite_path
from storage.migrate import FromTheFuture, revisions, state
from storage.sqlite_copy import check_copy

_LONGEST_LIST: Final = 1 << 28
_CHUNK: Final = 1 << 20
_WAL: Final = ("-wal", "-shm")

Reader = Callable[[str], IO[bytes]]
"""Opens a file of the backup by its name in it. Raises KeyError or OSError."""


def restore(settings: Settings, source: Path, *, force: bool) -> Iterator[str]:
    """Puts the backup into the places of these settings; sentences for the operator.

    Raises CannotStart, AlreadyRunning.
    """
    with locked(settings), plainly(), _opened(source) as read:
        manifest = _manifest(read)
        _check_fit(settings, manifest)
        before = _in_the_way(settings)
        if before and not force:
            raise CannotStart(f"{before} would be overwritten: run it again with --force if that is right.")
        staging = settings.media_dir.absolute().with_name(f".restore-{secrets.token_hex(8)}{PART}")
        try:
            _unpack(read, manifest, staging)
            _check_database(settings, manifest, staging)
            yield f"The backup of {manifest.made_at} is whole: {len(manifest.files)} files checked."
            aside = _set_aside(settings) if before else None
            _swap(settings, staging)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        yield "Restored. Messages that were waiting at that time are sent again at the next start."
        if aside:
            yield f"What was here before is kept as {aside}: delete it when you need it no more."


@contextmanager
def _opened(source: Path) -> Iterator[Reader]:
    if source.is_dir():
        yield lambda name: (source / name).open("rb")
        return
    try:
        with tarfile.open(source, "r:") as tar:
            yield lambda name: _regular(tar, name)
    except tarfile.TarError:
        raise CannotStart(f"{source} is no backup: it must be a folder or .tar file made by backup.") from None


def _regular(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    file = tar.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file


def _manifest(read: Reader) -> Manifest:
    try:
        with read(MANIFEST) as file:
            return read_manifest(file.read(_LONGEST_LIST))
    except (KeyError, OSError):
        raise CannotStart(f"This is no backup: it holds no {MANIFEST}.") from None


def _check_fit(settings: Settings, manifest: Manifest) -> None:
    """Whether this program, with this key, can use what is in the backup. Raises CannotStart, KeyProblem."""
    if manifest.mode != mode_of(settings):
        raise CannotStart(
            "The backup is of the demo: it is not for a real office."
            if manifest.mode == DEMO
            else "The backup is of a real office: the demo must not open it."
        )
    on_sqlite = sqlite_path(settings.database_url) is not None
    if (manifest.database == "sqlite") is not on_sqlite:
        raise CannotStart(f"The backup is of {manifest.database}: set LINDUNG_DATABASE_URL to such a database.")
    if manifest.revision not in revisions():
        raise FromTheFuture(manifest.revision)
    keys = keyfile.load(settings.key_file)
    keyfile.check(keys, manifest.key_check)
    if not set(manifest.keys) <= set(keys.data):
        raise CannotStart("The key file lacks a key of this backup: put back the copy of it from the same time.")


def _in_the_way(settings: Settings) -> str:
    database = sqlite_path(settings.database_url)
    if database is not None and database.exists() and database.stat().st_size:
        return str(database)
    if settings.media_dir.is_dir() and any(settings.media_dir.iterdir()):
        return str(settings.media_dir)
    return ""


def _unpack(read: Reader, manifest: Manifest, staging: Path) -> None:
    staging.mkdir(mode=0o700)
    (staging / MEDIA).mkdir(mode=0o700)
    for name, expected in manifest.files.items():
        whole = hashlib.sha256()
        try:
            with read(name) as file, os.fdopen(_new(staging / name), "wb") as copy:
                while chunk := file.read(_CHUNK):
                    whole.update(chunk)
                    copy.write(chunk)
                copy.flush()
                os.fsync(copy.fileno())
        except (KeyError, FileNotFoundError):
            raise CannotStart(f"The backup is not whole: {name} is missing. Use another backup.") from None
        if whole.hexdigest() != expected.sha256 or described(staging / name) != expected:
            raise CannotStart(f"The backup is damaged: {name} is not what was backed up. Use another backup.")


def _new(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _check_database(settings: Settings, manifest: Manifest, staging: Path) -> None:
    """The database itself must say the same as the list beside it. Raises CannotStart, Gone."""
    if manifest.database == "sqlite":
        if DATABASE not in manifest.files:
            raise CannotStart("The backup holds no database. Use another backup.")
        check_copy(staging / DATABASE)
        found = state(f"sqlite:///{staging / DATABASE}")
    else:
        found = state(settings.database_url)
        if found.revision is None:
            raise CannotStart("The PostgreSQL database is empty: restore it with pg_restore first, then run this.")
    if found.meta.get(KEY_CHECK, "").partition(":")[0] != manifest.key_check.partition(":")[0]:
        raise CannotStart("The database and the photos of this backup do not belong together. Use another backup.")


def _set_aside(settings: Settings) -> str:
    """Second names for everything that is about to be replaced, so that nothing is lost by a wrong choice."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    database = sqlite_path(settings.database_url)
    kept = []
    if database is not None:
        for ending in ("", *_WAL):
            old = database.with_name(database.name + ending)
            if old.exists():
                old.with_name(f"{database.name}.before-{stamp}{ending}").hardlink_to(old)
        kept.append(f"{database}.before-{stamp}")
    if settings.media_dir.is_dir():
        folder = settings.media_dir.with_name(f"{settings.media_dir.name}.before-{stamp}")
        folder.mkdir(mode=0o700)
        for photo in settings.media_dir.iterdir():
            (folder / photo.name).hardlink_to(photo)
        kept.append(str(folder))
    return " and ".join(kept)


def _swap(settings: Settings, staging: Path) -> None:
    """Photos of the backup first, then the database, then what only the old database knew goes."""
    media, fresh = settings.media_dir, staging / MEDIA
    names = {photo.name for photo in fresh.iterdir()}
    for name in names:
        (fresh / name).replace(media / name)
    _sync(media)
    database = sqlite_path(settings.database_url)
    if database is not None:
        for ending in _WAL:  # or SQLite would replay the old one's last writes into the new one
            with suppress(FileNotFoundError):
                database.with_name(database.name + ending).unlink()
        (staging / DATABASE).replace(database)
        _sync(database.absolute().parent)
    for photo in list(media.iterdir()):
        if photo.name not in names:
            photo.unlink()


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
