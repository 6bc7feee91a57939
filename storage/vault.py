"""Encryption of personal fields, keyed digests to find them by, and seals for the audit trail.

AES-256-GCM with the row's identity as associated data: a value copied to another row does not open.
It keeps no rows and no files, and shows no key anywhere.
"""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.keyfile import Keys

DIGEST_BYTES = 16
_ID_BYTES = 2
_NONCE_BYTES = 12
_TAG_BYTES = 16


class Unreadable(Exception):  # noqa: N818 (reads as a sentence: raises Unreadable)
    """A sealed value does not open: another row's, damaged, or its key is gone. Names the row, no content."""


class Vault:
    """Seals and opens values with the keys of the key file. Safe to share between threads.

    A sealed value is the key's id (2 bytes), a nonce (12), the cipher text and its tag (16).
    """

    __slots__ = ("_ciphers", "_digests", "_seals", "current")

    def __init__(self, keys: Keys) -> None:
        self.adopt(keys)
        self._digests = _keyed(keys.index, b"lindung index digest 1")
        self._seals = _keyed(keys.index, b"lindung audit seal 1")

    def adopt(self, keys: Keys) -> None:
        """Goes on with the data keys of a changed key file; the index key stays what it was."""
        # In this order: another thread never finds a current key whose cipher is not there yet.
        self._ciphers = {number: AESGCM(key) for number, key in keys.data.items()}
        self.current = keys.current

    def __repr__(self) -> str:
        return f"Vault(keys={sorted(self._ciphers)}, current={self.current})"

    def seal(self, plain: bytes, *, row: str) -> bytes:
        """Encrypts under the current key for one row, such as ``answers:1234:value``; 30 bytes longer."""
        nonce, current = os.urandom(_NONCE_BYTES), self.current  # read once: another thread may adopt a key
        sealed = self._ciphers[current].encrypt(nonce, plain, row.encode())
        return current.to_bytes(_ID_BYTES) + nonce + sealed

    def open(self, sealed: bytes, *, row: str) -> bytes:
        """Decrypts what `seal` made for the same row. Raises Unreadable."""
        cipher = self._ciphers.get(self.key_of(sealed))
        if cipher is None or len(sealed) < _ID_BYTES + _NONCE_BYTES + _TAG_BYTES:
            raise Unreadable(f"{row}: its key is not in the key file, or it is damaged.")
        nonce, rest = sealed[_ID_BYTES : _ID_BYTES + _NONCE_BYTES], sealed[_ID_BYTES + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, rest, row.encode())
        except InvalidTag:
            raise Unreadable(f"{row}: it was changed, or belongs to another row.") from None

    def seal_text(self, plain: str, *, row: str) -> bytes:
        """`seal` for text."""
        # Networks deliver half surrogates now and then; a text is stored as it came.
        return self.seal(plain.encode("utf-8", "surrogatepass"), row=row)

    def open_text(self, sealed: bytes, *, row: str) -> str:
        """`open` for text. Raises Unreadable."""
        return self.open(sealed, row=row).decode("utf-8", "surrogatepass")

    def key_of(self, sealed: bytes) -> int:
        """The id of the key a value is sealed with."""
        return int.from_bytes(sealed[:_ID_BYTES])

    def reseal(self, sealed: bytes, *, row: str) -> bytes:
        """The value under the current key; the very same bytes when it is already. Raises Unreadable."""
        if self.key_of(sealed) == self.current:
            return sealed
        return self.seal(self.open(sealed, row=row), row=row)

    def digest(self, kind: str, value: str) -> bytes:
        """16 bytes to find equal values of one kind by, such as ``digest("nik", ...)``.

        The caller normalises first. The kind separates: the same text as a NIK and as a phone differ.
        Raises ValueError for a kind holding a NUL character.
        """
        if "\0" in kind:
            raise ValueError("A kind holds no NUL character.")
        message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return _signed(self._digests, message)[:DIGEST_BYTES]

    def mac(self, data: bytes) -> bytes:
        """32 bytes that only a holder of the index key can make: the seal of audit lines."""
        return _signed(self._seals, data)


def _keyed(key: bytes, purpose: bytes) -> hmac.HMAC:
    """A start for one purpose, keyed once and then copied: keying is most of the work of a short digest."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)
    return hmac.new(derived, digestmod="sha256")


def _signed(start: hmac.HMAC, data: bytes) -> bytes:
    signing = start.copy()
    signing.update(data)
    return signing.digest()
