"""Questions that people leave for the office, and their answers' who and when. They stand in no queue.

Not for: sending the answer (handlers/enquiries.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.person import Person
from storage.engine import Connection, Row
from storage.statements import enquiries as sql
from storage.vault import Vault


@dataclass(frozen=True)
class Enquiry:
    """A question of a person. `text` is empty once it was answered; times are epoch ms."""

    number: int
    person_id: int
    area: str | None
    open: bool
    asked_at: int
    answered_at: int | None = None
    officer_id: int | None = None
    text: str = field(default="", repr=False)


class Enquiries:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._at = at

    def ask(self, person: Person, *, area: str | None, text: str) -> int:
        """Keep a question; its number. `area` is the village code the person lives in, if known."""
        row = self._db.one(sql.NEXT_NUMBER)
        assert row is not None
        number: int = row["number"]
        sealed = self._vault.seal_text(text, row=f"enquiries:{number}")
        self._db.run(sql.ADD, number=number, address_id=person.id, area=area, sealed=sealed, at=self._at)
        return number

    def get(self, number: int, *, lock: bool = False) -> Enquiry | None:
        row = self._db.one(sql.LOCK if lock else sql.GET, number=number)
        return None if row is None else self._enquiry(row)

    def open_in(self, areas: Sequence[str], *, limit: int) -> list[Enquiry]:
        """Open questions from these areas (none: from everywhere), the oldest first."""
        if not areas:
            return [self._enquiry(row) for row in self._db.all(sql.OPEN, limit=limit)]
        rows = {row["number"]: row for code in areas for row in self._db.all(sql.OPEN_IN, code=code, limit=limit)}
        oldest = sorted(rows.values(), key=lambda row: (row["asked_at"], row["number"]))
        return [self._enquiry(row) for row in oldest[:limit]]

    def answer(self, number: int, officer_id: int) -> bool:
        """It is answered now; False when it was before. The question's text is forgotten."""
        return self._db.run(sql.ANSWER, number=number, officer_id=officer_id, at=self._at) == 1

    def drop(self, person_id: int) -> None:
        """A person takes everything back."""
        self._db.run(sql.DROP, address_id=person_id)

    def _enquiry(self, row: Row) -> Enquiry:
        sealed = row["sealed"]
        return Enquiry(
            number=row["number"],
            person_id=row["address_id"],
            area=row["area"],
            open=row["state"] == "open",
            asked_at=row["asked_at"],
            answered_at=row["answered_at"],
            officer_id=row["officer_id"],
            text=self._vault.open_text(sealed, row=f"enquiries:{row['number']}") if sealed else "",
        )
