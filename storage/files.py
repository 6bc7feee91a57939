"""Photos on disk: one encrypted file each, written so that a crash leaves the whole file or none.

It knows names and bytes. Which registration a file belongs to, and when it may go, the rows say.
All methods block; the caller runs them in a thread.
"""

import re
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from storage.durable import PART, write_whole
from storage.engine import Full
from storage.vault import Unreadable, Vault

__all__ = ["MediaFolder", "Unreadable"]

_NAME = re.compile(r"[0-9a-f]{16,64}")


class MediaFolder:
    """A folder of sealed files, named by the caller with 16 to 64 random hex digits."""

    def __init__(self, path: Path, vault: Vault) -> None:
        self._path = path
        self._vault = vault
        self._replacing = threading.Lock()  # or a file removed meanwhile would come back

    def write(self, data: bytes, *, name: str) -> None:
        """Stores the bytes under the name; back only when they would survive a power cut.

        Writing the same name again replaces it. Raises Full; ValueError for a name that is none.
        """
        self._put(self._vault.seal(data, row=_row(name)), name)

    def read(self, name: str) -> bytes:
        """The bytes as they were written. Raises FileNotFoundError, Unreadable."""
        return self._vault.open(self._file(name).read_bytes(), row=_row(name))

    def remove(self, name: str) -> None:
        """Deletes the file; that it is gone already is fine."""
        with self._replacing:
            self._file(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Every stored name, in no order."""
        for path in self._path.iterdir() if self._path.is_dir() else ():
            if _NAME.fullmatch(path.name):
                yield path.name

    def reseal(self, name: str) -> bool:
        """Brings the file under the current key; True when it had to. A missing file is fine.

        Raises Full, Unreadable.
        """
        with self._replacing:
            try:
                before = self._file(name).read_bytes()
            except FileNotFoundError:
                return False
            after = self._vault.reseal(before, row=_row(name))
            if after is before:
                return False
            self._put(after, name)
            return True

    def keys_in_use(self) -> set[int]:
        """The ids of all data keys that a file is sealed with."""
        found = set()
        for name in list(self.names()):
            with suppress(FileNotFoundError), self._file(name).open("rb") as file:
                found.add(self._vault.key_of(file.read(2)))
        return found

    def sweep(self, known: Collection[str], *, grace: float = 3600) -> int:
        """Deletes files that no row knows and writes cut off half-way. Returns how many.

        A file younger than ``grace`` seconds stays: its row may be about to be written.
        """
        removed = 0
        limit = time.time() - grace
        for path in list(self._path.iterdir()) if self._path.is_dir() else []:
            ours = _NAME.fullmatch(path.name) or path.name.endswith(PART)
            if ours and path.name not in known and path.stat().st_mtime <= limit:
                path.unlink()
                removed += 1
        return removed

    def _file(self, name: str) -> Path:
        _row(name)
        return self._path / name

    def _put(self, sealed: bytes, name: str) -> None:
        path = self._file(name)
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(path, sealed, overwrite=True)
        except OSError as error:
            raise Full(f"media folder: {error.strerror}") from error


def _row(name: str) -> str:
    """The name as associated data, so that a file renamed to another does not open."""
    if not _NAME.fullmatch(name):
        raise ValueError("A stored file is named by 16 to 64 hex digits.")
    return f"media:{name}"
