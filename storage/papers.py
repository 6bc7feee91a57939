"""Files that an admin has asked for: wanted in a transaction, made outside any, kept until they are surely delivered.

Not for: making them (bot/papers.py) or sending (bot/paper_loop.py).
"""

from __future__ import annotations

from storage.engine import Connection, Row, new_id
from storage.statements import broadcasts as sql


class Papers:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, at: int) -> None:
        self._db = connection
        self._at = at

    def want(self, kind: str, subject_id: int, officer_id: int, *, begin: int | None = None) -> bool:
        """Ask for a file: "chart", "report" or "visits" of a broadcast, "poster" or "event" of an event.

        False where this officer is waiting for the same one already. `begin`: not before this time (epoch ms).
        """
        same = {"kind": kind, "subject_id": subject_id, "officer_id": officer_id}
        if self._db.one(sql.PAPER_AWAITED, now=self._at, later=int(begin is not None), **same):
            return False
        self._db.run(sql.PAPER_WANTED, id=new_id(), next_at=begin or self._at, at=self._at, **same)
        return True

    def wanted(self, *, limit: int) -> list[Row]:
        """Rows (id, kind, subject_id, officer_id, tries, at) whose time has come, the oldest first."""
        return self._db.all(sql.PAPERS_WANTED, now=self._at, limit=limit)

    def made(self, paper_id: int, name: str) -> bool:
        """It is made, as this file of the media folder; False when it was already."""
        return self._db.run(sql.PAPER_MADE, id=paper_id, name=name, at=self._at) == 1

    def later(self, paper_id: int, *, until: int, code: str) -> None:
        self._db.run(sql.PAPER_LATER, id=paper_id, next_at=until, code=code)

    def fail(self, paper_id: int, code: str) -> None:
        self._db.run(sql.PAPER_FAILED, id=paper_id, code=code)

    def drop_before(self, before: int, *, personal: int, limit: int) -> list[str]:
        """Forget old ones, those with people's data sooner; the names of their files, which go after the commit."""
        rows = self._db.all(sql.PAPERS_BEFORE, before=before, personal=personal, limit=limit)
        for row in rows:
            self._db.run(sql.DROP_PAPER, id=row["id"])
        return [row["name"] for row in rows if row["name"]]
