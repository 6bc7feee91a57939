"""The go-live check: everything that must be right before people write, a line for each with the remedy.

It changes nothing and may run beside the running program. Not for: watching a running program (health in bot/web.py).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.check_telegram import check_telegram
from bot.check_whatsapp import check_whatsapp
from bot.finding import Finding
from bot.networks import LABELS, names_of
from bot.open_store import INDEX_CHANGE, KEY_CHECK, beside_warning, check_mode, key_warnings
from bot.problems import CannotStart
from bot.settings import Settings
from bot.texts import untranslated
from storage import keyfile
from storage.areas import load_places
from storage.engine import StoreError, sqlite_path
from storage.keyfile import KeyProblem
from storage.migrate import DatabaseState, media_names, newest_revision, people_at, state

LEAST_FREE: Final = 1 << 30
"""Bytes: some thousand photos and the database's own growth, and time to notice."""
CLOCK_SECONDS: Final = 60
FIRST_YEAR: Final = 2026


async def self_check(settings: Settings) -> AsyncIterator[Finding]:
    """Looks at one thing after the other."""
    clock: tuple[str, datetime | None] = ("", None)
    if settings.is_demo:
        yield Finding(
            False,
            "No channel is configured: this is the demo. Set LINDUNG_TELEGRAM_TOKEN or LINDUNG_WHATSAPP_TOKEN to go"
            " live.",
        )
    if settings.telegram_token is not None:
        found, at = await check_telegram(settings, settings.telegram_token.get_secret_value())
        clock = ("Telegram", at)
        for finding in found:
            yield finding
    if settings.whatsapp_token is not None:
        found, at = await check_whatsapp(settings, settings.whatsapp_token.get_secret_value())
        clock = clock if clock[1] else ("Meta", at)
        for finding in found:
            yield finding
    yield _clock(*clock)
    yield await asyncio.to_thread(_area, settings)
    yield await asyncio.to_thread(_texts)
    if settings.public_url is not None:
        yield _page(settings.public_url)
    for finding in await asyncio.to_thread(lambda: [*_data(settings), *_disk(settings)]):
        yield finding


def _clock(whose: str, there: datetime | None) -> Finding:
    now = datetime.now(UTC)
    if there is None:
        sane = now.year >= FIRST_YEAR
        return Finding(sane, f"The clock says {now:%Y-%m-%d %H:%M} UTC{'' if sane else ': set it'}.")
    off = abs((now - there).total_seconds())
    if off > CLOCK_SECONDS:
        return Finding(False, f"The clock is {off:.0f} seconds off: switch on time synchronisation (NTP).")
    return Finding(True, f"The clock agrees with {whose}'s.")


def _area(settings: Settings) -> Finding:
    places = load_places(settings.area)
    counted = f"{len(places.districts)} kecamatan, {len(places.villages)} villages"
    return Finding(bool(places.villages), f"Area {places.area.name} ({places.area.code}): {counted}.")


def _page(address: str) -> Finding:
    if urlsplit(address).scheme != "https":
        return Finding(False, f"LINDUNG_PUBLIC_URL is {address}: officers' phones need an https address there.")
    return Finding(True, f"Officers can see photo and NIK on a page below {address}.")


def _texts() -> Finding:
    total, missing = untranslated()
    if missing:
        return Finding(False, f"{missing} of {total} texts lack their Indonesian: complete locales/id.")
    return Finding(True, f"All {total} texts are there in Indonesian.")


def _data(settings: Settings) -> Iterator[Finding]:
    try:
        found = state(settings.database_url)
        check_mode(settings, found)
    except (StoreError, CannotStart) as trouble:
        yield Finding(False, str(trouble))
        return
    if found.revision is None:
        yield Finding(True, "There is no database yet: the first `run` makes it.")
    elif found.revision != newest_revision():
        yield Finding(False, f"The database is of revision {found.revision}: run `python -m bot migrate`.")
    else:
        yield Finding(True, f"The database is there, revision {found.revision}.")
        yield from _people(settings)
    if found.meta.get(INDEX_CHANGE):
        yield Finding(False, "The change of the index key was interrupted: run `python -m bot rotate-key --index`.")
    yield from _key(settings, found)
    yield from _photos(settings, found)


def _people(settings: Settings) -> Iterator[Finding]:
    """Those whom nobody can write to, for their network is switched off."""
    try:
        known = people_at(settings.database_url)
    except StoreError as trouble:
        yield Finding(False, str(trouble))
        return
    for channel in sorted(known.keys() - names_of(settings)):
        yield Finding(
            False,
            f"{known[channel]} people are known only at {LABELS.get(channel, channel)}, which is not configured:"
            " nothing reaches them. Configure it again, or call them.",
        )


def _key(settings: Settings, found: DatabaseState) -> Iterator[Finding]:
    if found.revision is None and not settings.key_file.exists():
        yield Finding(True, "There is no key yet: the first `run` makes it. Then save a copy of it elsewhere.")
        return
    try:
        keys = keyfile.load(settings.key_file)
        if KEY_CHECK in found.meta:
            keyfile.check(keys, found.meta[KEY_CHECK])
    except KeyProblem as trouble:
        yield Finding(False, str(trouble))
        return
    yield Finding(True, f"The key file {settings.key_file} is readable and fits the database.")
    for sentence in (*key_warnings(settings, keys), *beside_warning(settings)):
        yield Finding(False, sentence)


def _photos(settings: Settings, found: DatabaseState) -> Iterator[Finding]:
    if found.revision is None:
        return
    try:
        names = media_names(settings.database_url)
    except StoreError as trouble:
        yield Finding(False, str(trouble))
        return
    lost = sum(not (settings.media_dir / name).is_file() for name in names)
    if lost:
        yield Finding(
            False, f"{lost} of {len(names)} photos and files are missing in {settings.media_dir}: restore a backup."
        )
    else:
        yield Finding(True, f"All {len(names)} photos and files are there.")


def _disk(settings: Settings) -> Iterator[Finding]:
    database = sqlite_path(settings.database_url)
    for folder in {settings.media_dir.absolute(), *([database.absolute().parent] if database else [])}:
        there = next(path for path in (folder, *folder.parents) if path.exists())
        try:
            _try_to_write(there)
        except OSError as error:
            yield Finding(False, f"{there} cannot be written ({error.strerror}): mend its rights or the disk.")
            continue
        free = shutil.disk_usage(there).free
        enough = free >= LEAST_FREE
        remedy = "" if enough else f", less than {LEAST_FREE / 1e9:.1f}: free space"
        yield Finding(enough, f"{folder} can be written; {free / 1e9:.1f} GB free{remedy}.")


def _try_to_write(folder: Path) -> None:
    number, name = tempfile.mkstemp(dir=folder, prefix=".lindung-check-")
    try:
        os.write(number, b"x" * 4096)
        os.fsync(number)
    finally:
        os.close(number)
        Path(name).unlink()
