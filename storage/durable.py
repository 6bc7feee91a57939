"""Writing a whole file so that a crash or a power cut leaves the old one, the new one, or none: never half.

For key files, photos and copies. Rows have their database for that.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

PART = ".part"
"""How the name of a file still being written ends."""


def write_whole(path: Path, data: bytes, *, overwrite: bool) -> None:
    """Writes the file with mode 0600; back only when it would survive a power cut.

    A file that is replaced keeps its owner. Raises FileExistsError unless ``overwrite``; OSError.
    """
    temporary = part_of(path)
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            if overwrite:
                _keep_owner(path, file.fileno())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(temporary, path, overwrite=overwrite)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def part_of(path: Path) -> Path:
    """A fresh hidden name beside the file, to write to before `put_in_place`."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}{PART}")


def put_in_place(temporary: Path, path: Path, *, overwrite: bool) -> None:
    """Gives a complete, synced file its name. Raises FileExistsError unless ``overwrite``."""
    if overwrite:
        temporary.replace(path)
    else:
        path.hardlink_to(temporary)  # unlike a rename, a link never replaces what is there
        temporary.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _keep_owner(path: Path, number: int) -> None:
    """What root rewrites must stay readable to the account the program runs as."""
    with suppress(FileNotFoundError):
        before = path.stat()
        if before.st_uid != os.geteuid():
            os.fchown(number, before.st_uid, before.st_gid)
