"""Finding registrations: beside a case (alike, same phone), by NIK, by whole words of a name.

Not for: who may see the result; the handlers filter by area and record each hit as a view.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.name import search_words
from domain.registration import Status
from storage.engine import Connection
from storage.statements import search as sql
from storage.vault import Vault

_WORDS = 4


@dataclass(frozen=True)
class Alike:
    """Another registration with the same birth date and the name it carries."""

    id: int
    receipt: str | None
    status: Status
    name: str

    def __repr__(self) -> str:
        return f"Alike(id={self.id})"


class Search:
    """Bound to one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._db = connection
        self._vault = vault

    def same_birth(self, registration_id: int, *, regency: str, limit: int) -> list[Alike]:
        """Others with the same birth date in a regency ("" outside the area served), the newest first."""
        rows = self._db.all(sql.SAME_BIRTH, id=registration_id, regency=regency, limit=limit)
        return [
            Alike(
                row["id"],
                row["receipt"],
                Status(row["status"]),
                self._vault.open_text(row["sealed"], row=f"answers:{row['id']}:name:{row['version']}"),
            )
            for row in rows
        ]

    def same_phone(self, registration_id: int) -> int:
        """How many others gave the same number, counted up to 100."""
        row = self._db.one(sql.SAME_PHONE, id=registration_id)
        return 0 if row is None else row["n"]

    def with_nik(self, nik: str) -> list[int]:
        """Registrations with this NIK in any state after draft, the newest first."""
        return [row["id"] for row in self._db.all(sql.WITH_NIK, nik_digest=self._vault.digest("nik", nik))]

    def with_words(self, text: str, areas: tuple[str, ...], *, limit: int) -> list[int]:
        """Registrations in these areas (none: everywhere) whose name holds all the words, at most four of them."""
        words = sorted(search_words(text), key=len, reverse=True)[:_WORDS]
        if not words:
            return []
        digests = [self._vault.digest("name", word) for word in words]
        digests += digests[-1:] * (_WORDS - len(digests))
        given = dict(zip(("first", "second", "third", "fourth"), digests, strict=True))
        if not areas:
            return [row["id"] for row in self._db.all(sql.WITH_WORDS, **given, limit=limit)]
        found: set[int] = set()
        for code in areas:
            found |= {row["id"] for row in self._db.all(sql.WITH_WORDS_IN, **given, code=code, limit=limit)}
        return sorted(found, reverse=True)[:limit]
