"""Events and who comes to them: answers to the invitation, presence on the day, registrations born of them.

Not for: inviting (storage/broadcasts.py) or deciding when a word counts (handlers/attendance.py).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import orjson

from domain.broadcast import Kind
from domain.event import Answer, Event
from storage.engine import Connection, Row, new_id
from storage.statements import events as sql
from storage.vault import Vault

# Without the digits and letters that look alike on a poster.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"
_DIGITS = "23456789"


@dataclass(frozen=True)
class Attendance:
    """One person and one event; times are epoch ms."""

    answer: Answer | None
    present_at: int | None


class Events:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._at = at

    def add(self, *, starts_at: int, village: str | None, place: str, bring: str, created_by: int) -> Event:
        """A new event with a word of its own, such as KTB37: short enough to be typed from a poster."""
        row_id = new_id()
        added = 0
        while not added:
            word = "".join(secrets.choice(_LETTERS) for _ in range(3)) + "".join(
                secrets.choice(_DIGITS) for _ in range(2)
            )
            added = self._db.run(
                sql.ADD,
                id=row_id,
                starts_at=starts_at,
                village=village,
                sealed=self._seal(row_id, place, bring),
                word=word,
                created_by=created_by,
                at=self._at,
            )
        found = self.get(row_id)
        assert found is not None
        return found

    def get(self, event_id: int) -> Event | None:
        row = self._db.one(sql.GET, id=event_id)
        return None if row is None else self._event(row)

    def by_word(self, word: str) -> Event | None:
        row = self._db.one(sql.BY_WORD, word=word.upper())
        return None if row is None else self._event(row)

    def since(self, since: int, *, limit: int) -> list[Event]:
        """Events that begin at the time or later, the next one first."""
        return [self._event(row) for row in self._db.all(sql.SINCE, since=since, limit=limit)]

    def change(self, event: Event) -> None:
        """Keep another time, village, place, or what to bring."""
        sealed = self._seal(event.id, event.place, event.bring)
        self._db.run(sql.SAVE, id=event.id, starts_at=event.starts_at, village=event.village, sealed=sealed)

    def cancel(self, event_id: int) -> bool:
        """False when it was cancelled already."""
        return self._db.run(sql.CANCEL, id=event_id) == 1

    def without(self, kind: Kind, *, after: int, before: int, within: int, limit: int) -> list[Event]:
        """Planned events between two times that had no broadcast of this kind in the last `within` ms before them."""
        rows = self._db.all(sql.WITHOUT, kind=kind, after=after, before=before, within=within, limit=limit)
        return [self._event(row) for row in rows]

    def invitations(self, person_id: int, *, since: int, limit: int = 20) -> list[Event]:
        """What this person was invited to that begins at the time or later, the next one first."""
        rows = self._db.all(sql.INVITATIONS, address_id=person_id, since=since, limit=limit)
        return [self._event(row) for row in rows]

    def is_invited(self, event_id: int, person_id: int) -> bool:
        """Whether a message about it went, or is to go, to this person."""
        return self._db.one(sql.IS_INVITED, event_id=event_id, address_id=person_id) is not None

    def has_invited(self, event_id: int) -> bool:
        """Whether an invitation to it went to anybody."""
        return self._db.one(sql.ANY_INVITED, event_id=event_id) is not None

    def is_awaited(self, event_id: int, *, before: int) -> bool:
        """Whether anybody comes, and said so before the time."""
        return self._db.one(sql.ANY_COMING, event_id=event_id, before=before) is not None

    def of_person(self, person_id: int) -> list[tuple[Event, Attendance]]:
        """What this person answered, and where they were, in the order of the events."""
        return [(self._event(row), _attendance(row)) for row in self._db.all(sql.OF_PERSON, address_id=person_id)]

    def guests(self, event_id: int, *, limit: int) -> list[Row]:
        """Rows (address_id, village, answer, present_at, registration_id, receipt, status, born) of who comes or was
        there, one for each of their registrations, by village.
        """
        return self._db.all(sql.GUESTS, event_id=event_id, limit=limit)

    def attendance(self, event_id: int, person_id: int) -> Attendance | None:
        row = self._db.one(sql.ATTENDANCE, event_id=event_id, address_id=person_id)
        return None if row is None else _attendance(row)

    def answer(self, event_id: int, person_id: int, answer: Answer, *, village: str | None) -> None:
        """Keep what the person said; the last word counts."""
        self._db.run(
            sql.PUT_ANSWER,
            event_id=event_id,
            address_id=person_id,
            village=village,
            said=answer,
            at=self._at,
        )

    def present(self, event_id: int, person_id: int, *, village: str | None, at: int | None = None) -> bool:
        """The person is there, now or at that time; False when that was known."""
        at = self._at if at is None else at
        return self._db.run(sql.PUT_PRESENT, event_id=event_id, address_id=person_id, village=village, at=at) == 1

    def count_stranger(self, event_id: int, n: int) -> None:
        """Somebody is there who has agreed to nothing: a number and no more."""
        self._db.run(sql.STRANGER, id=event_id, n=n)

    def by_village(self, event_id: int) -> list[Row]:
        """Rows (village, comes, declines, present)."""
        return self._db.all(sql.BY_VILLAGE, event_id=event_id)

    def born(self, event_id: int) -> list[Row]:
        """Rows (village, sent_in, begun) of registrations begun there."""
        return self._db.all(sql.BORN, event_id=event_id)

    def born_at(self, registration_id: int, event_id: int) -> None:
        """This registration was begun at the event."""
        self._db.run(sql.BORN_AT, id=registration_id, event_id=event_id)

    def present_lately(self, person_id: int, *, since: int) -> int | None:
        """The event this person was present at after the time, if any."""
        row = self._db.one(sql.PRESENT_LATELY, address_id=person_id, since=since)
        return None if row is None else row["event_id"]

    def forget(self, person_id: int) -> None:
        """Everything this person answered and where they were."""
        self._db.run(sql.FORGET, address_id=person_id)

    def drop_before(self, before: int) -> None:
        """Forget events long over, once no broadcast names them."""
        self._db.run(sql.DROP_BEFORE, before=before)

    def _seal(self, row_id: int, place: str, bring: str) -> bytes:
        return self._vault.seal(orjson.dumps([place, bring]), row=f"events:{row_id}")

    def _event(self, row: Row) -> Event:
        place, bring = orjson.loads(self._vault.open(row["sealed"], row=f"events:{row['id']}"))
        return Event(
            id=row["id"],
            starts_at=row["starts_at"],
            village=row["village"],
            place=place,
            bring=bring,
            word=row["word"],
            cancelled=row["state"] == "cancelled",
            strangers=row["strangers"],
            created_by=row["created_by"],
        )


def _attendance(row: Row) -> Attendance:
    return Attendance(None if row["answer"] is None else Answer(row["answer"]), row["present_at"])
