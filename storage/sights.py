"""Who saw which case when, and the messages that show a NIK or a photo and must go again.

Not for: showing anything; the handlers do, and record it here in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.registration import Actor, Registration
from storage.audit import Audit
from storage.engine import Connection, Row, new_id
from storage.statements import sights as sql


class Sights:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, audit: Audit, at: int) -> None:
        self._db = connection
        self._audit = audit
        self._at = at

    def record(self, registration: Registration, officer_id: int, kind: str, *, prompt: int | None = None) -> None:
        """One view: "card", "ktp", "search" or "history". `prompt` is the outbox id of what was shown."""
        self._db.run(
            sql.ADD_VIEW,
            id=new_id(),
            registration_id=registration.id,
            version=registration.version,
            officer_id=officer_id,
            kind=kind,
            prompt=prompt,
            at=self._at,
        )
        self._audit.record(f"viewed_{kind}", actor=Actor.OFFICER, actor_id=officer_id, registration_id=registration.id)

    def seen(self, registration: Registration, officer_id: int) -> bool:
        """Whether this officer has seen photo and NIK of this version."""
        ids = {"registration_id": registration.id, "version": registration.version}
        return self._db.one(sql.SEEN, **ids, officer_id=officer_id) is not None

    def card(self, registration_id: int, officer_id: int) -> int | None:
        """The outbox id of the newest card of the case that this officer was sent."""
        row = self._db.one(sql.CARD, registration_id=registration_id, officer_id=officer_id)
        return None if row is None else row["prompt"]

    def of(self, registration_id: int, *, limit: int) -> list[Row]:
        """Rows (officer_id, version, kind, at), the newest first."""
        return self._db.all(sql.VIEWS, registration_id=registration_id, limit=limit)

    def must_go(
        self,
        officer_id: int,
        person_id: int,
        *,
        until: int,
        registration_id: int | None = None,
        outbox_id: int | None = None,
        message_id: str = "",
    ) -> None:
        """A message that shows a NIK or a photo: ours (`outbox_id`) or the officer's own (`message_id`), noted once."""
        if message_id and self._db.one(sql.NOTED, address_id=person_id, message_id=message_id):
            return
        self._db.run(
            sql.ADD_SENSITIVE,
            id=new_id(),
            officer_id=officer_id,
            address_id=person_id,
            registration_id=registration_id,
            outbox_id=outbox_id,
            message_id=message_id,
            until=until,
        )

    def take_of_case(self, registration_id: int, officer_id: int) -> list[Row]:
        """Rows (id, address_id, outbox_id, message_id) about a case that are to go now; forgotten here."""
        return self._take(self._db.all(sql.OF_CASE, registration_id=registration_id, officer_id=officer_id))

    def take_of_officer(self, officer_id: int) -> list[Row]:
        return self._take(self._db.all(sql.OF_OFFICER, officer_id=officer_id))

    def take(self, row_id: int) -> list[Row]:
        row = self._db.one(sql.BY_ID, id=row_id)
        return self._take([row] if row else [])

    def overdue(self, *, limit: int) -> list[int]:
        """Rows whose time is over."""
        return [row["id"] for row in self._db.all(sql.OVERDUE, now=self._at, limit=limit)]

    def _take(self, rows: Sequence[Row]) -> list[Row]:
        # Only who deletes the row gets it, so that two transactions never take the same message back.
        return [row for row in rows if self._db.run(sql.DROP, id=row["id"])]
