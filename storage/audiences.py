"""Audiences that admins saved under a name, to be used again.

Not for: finding the people of one; storage/audience.py makes the condition.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.audience import Audience
from domain.errors import Invalid
from storage.engine import Connection, Row, new_id
from storage.statements import audiences as sql

LONGEST_NAME = 40


@dataclass(frozen=True)
class SavedAudience:
    """`audience` is None where a newer program saved what this one cannot read. `created_at` is epoch ms."""

    id: int
    name: str = field(repr=False)
    audience: Audience | None
    created_by: int
    created_at: int


class Audiences:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, at: int) -> None:
        self._db = connection
        self._at = at

    def all(self) -> list[SavedAudience]:
        """Every saved audience, by name."""
        return [_saved(row) for row in self._db.all(sql.ALL)]

    def get(self, audience_id: int) -> SavedAudience | None:
        row = self._db.one(sql.GET, id=audience_id)
        return None if row is None else _saved(row)

    def named(self, name: str) -> SavedAudience | None:
        """The one with this name, whatever its capitals and spaces."""
        row = self._db.one(sql.NAMED, name=_folded(name))
        return None if row is None else _saved(row)

    def save(self, name: str, audience: Audience, *, by: int) -> SavedAudience | None:
        """Keep an audience under a new name; None when the name is taken. `by` is the admin's officer id.

        Raises Invalid("audience_name") for a name that is empty or longer than LONGEST_NAME.
        """
        name = _folded(name)
        if not 0 < len(name) <= LONGEST_NAME:
            raise Invalid("audience_name", longest=LONGEST_NAME)
        if self.named(name) is not None:
            return None
        saved = SavedAudience(new_id(), name, audience, by, self._at)
        conditions = audience.to_bytes().decode()
        added = self._db.run(sql.ADD, id=saved.id, name=name, conditions=conditions, created_by=by, at=self._at)
        return saved if added else None

    def replace(self, audience_id: int, audience: Audience, *, by: int) -> bool:
        """Give a saved name another audience; False when it is gone."""
        conditions = audience.to_bytes().decode()
        return self._db.run(sql.REPLACE, id=audience_id, conditions=conditions, created_by=by, at=self._at) == 1

    def drop(self, audience_id: int) -> bool:
        """Forget a saved audience; False when it is gone already. Broadcasts keep their own copy."""
        return self._db.run(sql.DROP, id=audience_id) == 1


def _folded(name: str) -> str:
    return " ".join(name.split())


def _saved(row: Row) -> SavedAudience:
    try:
        audience = Audience.from_bytes(row["conditions"].encode())
    except Invalid:
        audience = None
    return SavedAudience(row["id"], row["name"], audience, row["created_by"], row["created_at"])
