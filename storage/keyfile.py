"""The key file: the data keys, which of them is current, and the index key (two while it is being changed).

It is created only together with an empty database, replaced as a whole, and never copied by a backup.
Encrypting with these keys is `vault.py`'s business.
"""

import base64
import hashlib
import hmac
import json
import secrets
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from storage.durable import write_whole

KEY_BYTES = 32
HIGHEST_ID = 0xFFFF  # a sealed value carries its key's id in two bytes
_WIDE = stat.S_IRWXG | stat.S_IRWXO


class KeyProblem(Exception):  # noqa: N818 (its message is the sentence the operator reads)
    """The key file cannot be used. The message is one plain sentence with the remedy, and holds no key."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The content of a key file. ``data`` maps ids 1..65535 to AES-256 keys of 32 bytes.

    ``too_open`` tells that others than the owner may read the file; that deserves a warning at start.
    ``next_index`` is the index key that a change under way leads to.
    """

    data: Mapping[int, bytes] = field(repr=False)
    current: int
    index: bytes = field(repr=False)
    too_open: bool = False
    next_index: bytes | None = field(default=None, repr=False)


def create(path: Path) -> Keys:
    """Writes a new key file. Raises KeyProblem when there is one already or the folder takes none."""
    keys = Keys(data={1: secrets.token_bytes(KEY_BYTES)}, current=1, index=secrets.token_bytes(KEY_BYTES))
    _write(path, keys, overwrite=False)
    return keys


def load(path: Path) -> Keys:
    """Reads the key file. Raises KeyProblem with one plain sentence."""
    try:
        text = path.read_bytes()
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise KeyProblem(
            f"The key file {path} is missing: put the saved copy back, without it nothing can be read."
        ) from None
    except OSError as error:
        raise KeyProblem(
            f"The key file {path} cannot be read ({error.strerror}): its owner must be who runs the program."
        ) from None
    try:
        content: Any = json.loads(text)
    except ValueError:  # and no cause: a JSON error quotes the text, which may be half a key
        raise KeyProblem(f"The key file {path} is damaged: put the saved copy back.") from None
    return _understand(path, content, too_open=bool(mode & _WIDE))


def add_data_key(path: Path) -> int:
    """Adds a data key and makes it current; the old ones stay. Returns the new id. Raises KeyProblem."""
    keys = load(path)
    new = max(keys.data) + 1
    if new > HIGHEST_ID:
        raise KeyProblem(f"The key file {path} has used up its {HIGHEST_ID} key numbers.")
    data = {**keys.data, new: secrets.token_bytes(KEY_BYTES)}
    _write(path, replace(keys, data=data, current=new), overwrite=True)
    return new


def drop_old(path: Path, keep: Collection[int] = ()) -> list[int]:
    """Forgets every data key but the current one and those in ``keep``. Returns the dropped ids.

    What was sealed with a dropped key is lost for good. Raises KeyProblem.
    """
    keys = load(path)
    dropped = sorted(set(keys.data) - {keys.current, *keep})
    if dropped:
        kept = {number: key for number, key in keys.data.items() if number not in dropped}
        _write(path, replace(keys, data=kept), overwrite=True)
    return dropped


def add_index_key(path: Path) -> Keys:
    """Adds the index key that comes next, unless a change was begun already. Raises KeyProblem."""
    keys = load(path)
    if keys.next_index is None:
        _write(path, replace(keys, next_index=secrets.token_bytes(KEY_BYTES)), overwrite=True)
    return load(path)


def take_index_key(path: Path) -> Keys:
    """The next index key becomes the index key; the old one is forgotten. Raises KeyProblem."""
    keys = load(path)
    if keys.next_index is not None:
        _write(path, with_next_index(keys), overwrite=True)
    return load(path)


def with_next_index(keys: Keys) -> Keys:
    """The keys as they are after the change."""
    return replace(keys, index=keys.next_index or keys.index, next_index=None)


def is_changed(keys: Keys, stored: str) -> bool:
    """Whether the database has taken the next index key, and only the key file has not."""
    return keys.next_index is not None and stored.partition(":")[0] == fingerprint(keys.next_index)


def check_value(keys: Keys) -> str:
    """What the database stores to know its keys again: fingerprints of the index and the current data key."""
    return f"{fingerprint(keys.index)}:{keys.current}:{fingerprint(keys.data[keys.current])}"


def check(keys: Keys, stored: str) -> None:
    """Compares the keys with what the database stored by `check_value`.

    A data key that is no longer current still fits, and so does the next index key: a change may stop half-way.
    Raises KeyProblem.
    """
    if is_changed(keys, stored):
        keys = with_next_index(keys)
    index, number, data = (*stored.split(":"), "", "")[:3]
    key = keys.data.get(int(number)) if number.isascii() and number.isdigit() else None
    if not hmac.compare_digest(index.encode(), fingerprint(keys.index).encode()):
        raise KeyProblem("This key file belongs to another database: set LINDUNG_KEY_FILE to the right one.")
    if key is None and number.isascii() and number.isdigit() and int(number) < keys.current:
        raise KeyProblem("This key file is newer than the database: put back the copy saved before rotate-key.")
    if key is None or not hmac.compare_digest(data.encode(), fingerprint(key).encode()):
        raise KeyProblem("This key file is older than the database: put back the copy saved after rotate-key.")


def fingerprint(key: bytes) -> str:
    """What tells one key from another and gives neither away."""
    return hmac.new(key, b"lindung key check 1", hashlib.sha256).hexdigest()[:24]


def _understand(path: Path, content: Any, *, too_open: bool) -> Keys:
    try:
        data = {int(number): _key(text) for number, text in content["data"].items()}
        following = _key(content["next_index"]) if "next_index" in content else None
        keys = Keys(data, int(content["current"]), _key(content["index"]), too_open, following)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise KeyProblem(f"The key file {path} is damaged: put the saved copy back.") from None
    if any(len(key) != KEY_BYTES for key in (*data.values(), keys.index, following or keys.index)):
        raise KeyProblem(f"A key in {path} has the wrong length: put the saved copy back.")
    if keys.current not in data or not all(1 <= number <= HIGHEST_ID for number in data):
        raise KeyProblem(f"The key file {path} does not hold its current key: put the saved copy back.")
    return keys


def _key(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _write(path: Path, keys: Keys, *, overwrite: bool) -> None:
    content = {
        "about": "The keys of Lindung. Keep a copy away from the database. Without it nothing can be read.",
        "current": keys.current,
        "data": {str(number): base64.b64encode(key).decode() for number, key in sorted(keys.data.items())},
        "index": base64.b64encode(keys.index).decode(),
    }
    if keys.next_index is not None:
        content["next_index"] = base64.b64encode(keys.next_index).decode()
    try:
        # A linked key file (a mounted secret) is replaced where it really lies.
        write_whole(path.resolve(), json.dumps(content, indent=2).encode() + b"\n", overwrite=overwrite)
    except FileExistsError:
        raise KeyProblem(f"There is a key file at {path} already: it is never overwritten.") from None
    except OSError as error:
        raise KeyProblem(
            f"The key file {path} cannot be written ({error.strerror}): make its folder writable."
        ) from None
