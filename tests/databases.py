"""Databases for tests of the whole program: migrated once in a process, then copied.

Not for: PostgreSQL itself, which postgres_server.py starts.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from storage import keyfile
from storage.migrate import migrate
from tests.postgres_server import fresh_database


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a migrated database of one's own, with its key file under `folder`."""
    keys = folder / "keys"
    keys.mkdir(exist_ok=True)
    keyfile.create(keys / "lindung.key")
    if kind == "postgres":
        with fresh_database(_migrated) as url:
            yield url
        return
    path = folder / "lindung.db"
    shutil.copyfile(_sqlite_template(), path)
    path.chmod(0o600)
    yield f"sqlite:///{path}"


def _migrated(url: str) -> None:
    migrate(url)


@functools.cache
def _sqlite_template() -> Path:
    """An empty database, migrated once in this process."""
    folder = tempfile.TemporaryDirectory(prefix="lindung-test-")
    path = Path(folder.name) / "empty.db"
    migrate(f"sqlite:///{path}")
    _kept.append(folder)
    return path


_kept: list[tempfile.TemporaryDirectory[str]] = []
