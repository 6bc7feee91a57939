"""The list in a backup: what it holds, from when, and which key and program it needs. Never a key.

Not for: copying (bot/backup.py) or putting back (bot/restore.py).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, ValidationError

from bot.problems import CannotStart

MANIFEST: Final = "manifest.json"
DATABASE: Final = "database.sqlite3"
MEDIA: Final = "media"
_NAME: Final = re.compile(rf"{re.escape(DATABASE)}|{MEDIA}/[0-9a-f]{{16,64}}")
_CHUNK: Final = 1 << 20


class File(BaseModel):
    """One file's size and hash."""

    bytes: int
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """`keys` are the ids of the data keys that may be needed, `key_check` as `storage.keyfile.check_value`."""

    about: str = "A backup of Lindung without its key: keep a copy of the key file somewhere else."
    format: Literal[1] = 1
    made_at: str
    database: Literal["sqlite", "postgres"]
    mode: Literal["demo", "real"]
    revision: str
    key_check: str
    keys: list[int]
    files: dict[str, File]


def read_manifest(text: bytes) -> Manifest:
    """Raises CannotStart for what is no list of ours."""
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError:
        raise CannotStart(f"{MANIFEST} of this backup is damaged or of another program: use another backup.") from None
    if not all(_NAME.fullmatch(name) for name in manifest.files):
        raise CannotStart(f"{MANIFEST} names files that no backup holds: use another backup.")
    return manifest


def described(path: Path) -> File:
    """A file's size and hash."""
    whole, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            whole.update(chunk)
            size += len(chunk)
    return File(bytes=size, sha256=whole.hexdigest())
