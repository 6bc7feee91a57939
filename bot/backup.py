"""Copies the database as of one moment and every photo it knows into one folder or .tar file, while all goes on.

Never the key, and it says so. Not for: PostgreSQL's own data, which pg_dump copies better.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tarfile
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bot.manifest import DATABASE, MANIFEST, MEDIA, Manifest, described
from bot.open_store import KEY_CHECK, mode_of, plainly
from bot.problems import CannotStart
from bot.work import Work
from domain.registration import Actor
from storage import keyfile
from storage.durable import PART, part_of, put_in_place, write_whole
from storage.migrate import newest_revision
from storage.sqlite import SqliteEngine
from storage.sqlite_copy import media_names_in
from storage.store import Tx

STAGING: Final = ".lindung-backup"


async def backup(work: Work, args: Mapping[str, Any]) -> AsyncGenerator[str, None]:
    """`to` is the absolute path of a new folder, or of a new file when it ends in .tar."""
    target = Path(args["to"])
    as_tar = target.suffix == ".tar"
    # Gathered beside the photos, where a second name for each is enough until they are copied.
    staging = work.settings.media_dir.absolute().with_name(f"{STAGING}{PART}")
    try:
        with plainly():
            await asyncio.to_thread(_prepare, target, staging)
            missing = await _gather(work, staging)
            manifest = await asyncio.to_thread(_list, work, staging, await work.store.transact(_noted))
            await asyncio.to_thread(_pack if as_tar else _copy, staging, target)
    finally:
        await asyncio.to_thread(shutil.rmtree, staging, ignore_errors=True)
    for sentence in _told(work, target, manifest, missing):
        yield sentence


def _prepare(target: Path, staging: Path) -> None:
    if target.exists():
        raise CannotStart(f"{target} is there already: name another place for the backup.")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.rmtree(staging, ignore_errors=True)  # of a backup that was cut off
    staging.mkdir(mode=0o700, parents=True)
    (staging / MEDIA).mkdir(mode=0o700)


async def _gather(work: Work, staging: Path) -> int:
    """Fills the folder; how many photos that the database names are not there."""
    engine, media = work.store.engine, work.settings.media_dir
    # Once before the copy of the database, so that no photo erased meanwhile is missing, and once after it for
    # those that came meanwhile. What the copy does not name goes again.
    await asyncio.to_thread(_take_photos, media, staging / MEDIA)
    if isinstance(engine, SqliteEngine):
        await engine.backup_to(staging / DATABASE)
        needed = await asyncio.to_thread(media_names_in, staging / DATABASE)
    else:
        needed = await work.store.read(lambda tx: tx.media_names())
    await asyncio.to_thread(_take_photos, media, staging / MEDIA)
    return await asyncio.to_thread(_keep_only, staging / MEDIA, needed)


def _take_photos(media: Path, into: Path) -> None:
    for photo in media.iterdir() if media.is_dir() else ():
        copy = into / photo.name
        if photo.name.startswith(".") or copy.exists():
            continue
        with suppress(FileNotFoundError):  # erased this moment
            try:
                copy.hardlink_to(photo)  # photos are never written in place, so a second name is a copy
            except FileNotFoundError:
                raise
            except OSError:
                shutil.copyfile(photo, copy)
                copy.chmod(0o600)


def _keep_only(folder: Path, needed: Collection[str]) -> int:
    there = {path.name for path in folder.iterdir()}
    for name in there.difference(needed):
        (folder / name).unlink()
    return len(set(needed) - there)


def _noted(tx: Tx) -> str:
    tx.audit.record("backed_up", actor=Actor.SYSTEM)
    return tx.meta(KEY_CHECK) or ""


def _list(work: Work, staging: Path, key_check: str) -> Manifest:
    paths = [path for path in sorted(staging.rglob("*")) if path.is_file()]
    manifest = Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        database=work.store.engine.dialect,
        mode=mode_of(work.settings),
        revision=newest_revision(),
        key_check=key_check,
        keys=sorted(keyfile.load(work.settings.key_file).data),
        files={path.relative_to(staging).as_posix(): described(path) for path in paths},
    )
    write_whole(staging / MANIFEST, manifest.model_dump_json(indent=1).encode(), overwrite=False)
    return manifest


def _copy(staging: Path, target: Path) -> None:
    part = part_of(target)
    try:
        # Real copies: what damages a photo in its place must not damage its backup.
        shutil.copytree(staging, part, copy_function=shutil.copyfile)
        for path in (*part.rglob("*"), part):
            path.chmod(0o700 if path.is_dir() else 0o600)
            _sync(path)
        part.rename(target)
        _sync(target.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _pack(staging: Path, target: Path) -> None:
    part = part_of(target)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                tar.add(staging / MANIFEST, MANIFEST)
                for path in sorted(staging.rglob("*")):
                    if path.is_file() and path.name != MANIFEST:
                        tar.add(path, path.relative_to(staging).as_posix())
            file.flush()
            os.fsync(file.fileno())
        put_in_place(part, target, overwrite=False)
    finally:
        part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _told(work: Work, target: Path, manifest: Manifest, missing: int) -> list[str]:
    photos = sum(name.startswith(f"{MEDIA}/") for name in manifest.files)
    size = sum(file.bytes for file in manifest.files.values()) / 1e6
    what = "the database and " if manifest.database == "sqlite" else ""
    told = [f"Backed up {what}{photos} photos ({size:.1f} MB) to {target}."]
    if missing:
        told.append(f"{missing} photos that the database names were not there: run `python -m bot check`.")
    if manifest.database == "postgres":
        told.append(
            "The PostgreSQL database is not in it. Copy it first, then the photos with this command:"
            " pg_dump --format=custom --file=lindung.dump DATABASE, with the database of LINDUNG_DATABASE_URL."
        )
    told.append(
        f"The key is not in it, on purpose: without a copy of {work.settings.key_file} nobody can read this"
        " backup. Keep that copy somewhere else."
    )
    return told
