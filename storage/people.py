"""Addresses and the people at them: who writes, where they are in a form, what they may be sent.

Not for: officers' roles (storage/staff.py) or what people answered (storage/registrations.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import orjson

from conversation.progress import Progress
from domain.address import Address
from domain.person import Person
from domain.topic import Topic
from storage.aliases import Aliases
from storage.engine import Connection, Row
from storage.identity import Identity
from storage.outbox import Outbox
from storage.statements import joins
from storage.statements import people as sql
from storage.vault import Vault
from storage.wire import pack_progress, unpack_progress

_DAY = 86_400_000


@dataclass(frozen=True)
class Standing:
    """`parked`: something of theirs waits, so that what comes must wait behind it. `officer`: one, in any state."""

    parked: bool
    officer: bool


class People:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, outbox: Outbox, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._at = at
        self._outbox = outbox
        self.aliases = Aliases(connection, vault, outbox, at)
        self._identity = Identity(connection, vault, self.aliases, at)
        # Of people who are locked, and what this transaction wrote itself.
        self._progress: dict[int, Progress | None] = {}

    def arrive(self, address: Address, *, uses: bool = True) -> tuple[Person, int]:
        """The person at the address, locked for this transaction, and how many messages they sent this minute.

        A person never seen gets a row with nothing in it but the keyed hash. Answers and notices go to the address
        last used; not `uses`: the network speaks, and not the person.
        """
        row = self._identity.arrive(address, uses=uses)
        return self._person(row, address), row["messages"]

    def is_in_use(self, person_id: int, address: Address) -> bool:
        """Whether it is the address that the person used last."""
        return self._identity.is_in_use(person_id, address)

    def is_at(self, person_id: int, channel: str, to: str = "") -> bool:
        """Whether the address that the person used last is at this network, and this one where `to` is known."""
        row = self._db.one(sql.CHANNEL_OF, id=person_id)
        if row is None or row["channel"] != channel:
            return False
        person = self.get(person_id) if to else None
        return person is None or self.is_in_use(person_id, replace(person.address, id=to))

    def send_on(self, person_id: int, row_id: int) -> bool:
        """What came to nobody goes to the address that the person used last; False where it cannot."""
        person = self.get(person_id)
        return person is not None and self._outbox.send_on(row_id, person.address)

    def follow(self, old: Address, new: Address) -> bool:
        """The network moved an account; False when somebody else is at the new address, and nothing is changed."""
        return self._identity.follow(old, new)

    def standing(self, person_id: int) -> Standing:
        """How somebody stands who is locked; their place in a form is not read again by this transaction."""
        row = self._db.one(sql.STANDING, id=person_id)
        assert row is not None
        self._progress[person_id] = self._unpacked(person_id, row) if row["form"] else None
        return Standing(bool(row["parked"]), bool(row["officer"]))

    def get(self, person_id: int) -> Person | None:
        """A known person by the row's id; None for a stranger, whose address is not kept."""
        row = self._db.one(sql.ADDRESS_BY_ID, id=person_id)
        if row is None or row["sealed"] is None:
            return None
        channel, bot, number = orjson.loads(self._vault.open(row["sealed"], row=f"addresses:{person_id}"))
        return self._person(row, Address(channel, bot, number))

    def lock(self, person_id: int) -> None:
        """Hold another person's address until the transaction ends."""
        self._db.one(sql.LOCK_ADDRESS_BY_ID, id=person_id)

    def keep(self, person: Person) -> None:
        """Keep the address itself, sealed: the person has agreed, or has become an officer."""
        if not person.known:
            self.aliases.keep_in_use(person.id, person.address)

    def forget(self, person_id: int) -> None:
        """Back to a stranger: only the keyed hash of the address in use stays, for as long as repeats may come."""
        self._db.run(joins.DROP_CONSENTS_ASIDE, address_id=person_id)
        self._db.run(joins.FORGET_PERSON, address_id=person_id)
        self._identity.forget(person_id)

    def drop_strangers(self, *, before: int) -> int:
        return self._db.run(sql.DROP_STRANGERS, before=before)

    def set_notices(self, person_id: int, topics: Topic) -> None:
        self._db.run(sql.SET_NOTICES, id=person_id, notices=int(topics))

    def mark_unreachable(self, person_id: int, unreachable: bool) -> None:
        self._db.run(sql.MARK_UNREACHABLE, id=person_id, at=self._at if unreachable else None)

    def count_photo(self, person_id: int) -> int:
        """One more photo; how many within the hour."""
        row = self._db.one(sql.PHOTO_COUNT, id=person_id)
        since, n = self._counted(row, 3_600_000)
        self._db.run(sql.SET_PHOTO_COUNT, id=person_id, since=since, n=n)
        return n

    def count_wrong_nik(self, person_id: int) -> int:
        """One more NIK that could not be taken; how many within the day."""
        row = self._db.one(sql.NIK_COUNT, id=person_id)
        since, n = self._counted(row, _DAY)
        self._db.run(sql.SET_NIK_COUNT, id=person_id, since=since, n=n)
        return n

    def progress(self, person_id: int) -> Progress | None:
        """Where the person is in a form, or None."""
        if person_id in self._progress:
            return self._progress[person_id]
        row = self._db.one(sql.PROGRESS, address_id=person_id)
        return None if row is None else self._unpacked(person_id, row)

    def question_waits(self, person_id: int) -> bool:
        """Whether the person has not been shown the open question yet."""
        return self._db.one(sql.QUESTION_WAITS, address_id=person_id) is not None

    def save_progress(self, person_id: int, progress: Progress, *, remind_at: int | None) -> None:
        sealed = self._vault.seal(pack_progress(progress), row=f"progress:{person_id}")
        self._db.run(
            sql.SAVE_PROGRESS,
            address_id=person_id,
            form=progress.form,
            question=progress.question,
            turn=progress.turn,
            registration_id=progress.registration_id,
            sealed=sealed,
            since=self._at,
            reminded=progress.reminded,
            remind_at=remind_at,
        )
        self._progress[person_id] = replace(progress, since=self._at)

    def end_progress(self, person_id: int, *, of: int | None = None) -> None:
        """Close the person's open form; with `of` only if it is about that registration."""
        if of is None:
            self._db.run(sql.END_PROGRESS, address_id=person_id)
            self._progress[person_id] = None
        else:
            self._progress.pop(person_id, None)
            self._db.run(sql.END_PROGRESS_OF, address_id=person_id, registration_id=of)

    def last_in_at(self, person_id: int) -> int:
        """When the person last wrote, epoch ms."""
        row = self._db.one(sql.LAST_IN, id=person_id)
        return 0 if row is None else row["last_in_at"]

    def reminders_due(self, *, limit: int) -> list[Row]:
        """Rows (address_id, reminded, since) of forms whose reminder is due."""
        return self._db.all(sql.REMINDERS_DUE, now=self._at, limit=limit)

    def set_reminded(self, person_id: int, reminded: int, *, remind_at: int | None) -> None:
        self._progress.pop(person_id, None)
        self._db.run(sql.SET_REMINDED, address_id=person_id, reminded=reminded, remind_at=remind_at)

    def open_questions(self) -> list[tuple[str, int]]:
        """How many registrations stand open at each question, the most first."""
        return [(row["question"], row["n"]) for row in self._db.all(sql.OPEN_QUESTIONS)]

    def stale_drafts(self, *, before: int, limit: int) -> list[tuple[int, int]]:
        """(registration, address) of drafts nobody finished in time."""
        rows = self._db.all(sql.STALE_DRAFTS, before=before, limit=limit)
        return [(row["id"], row["address_id"]) for row in rows]

    def _counted(self, row: Row | None, window: int) -> tuple[int, int]:
        if row is None or self._at - row["since"] >= window:
            return self._at, 1
        return row["since"], row["n"] + 1

    def _unpacked(self, person_id: int, row: Row) -> Progress:
        return unpack_progress(
            self._vault.open(row["sealed"], row=f"progress:{person_id}"),
            form=row["form"],
            question=row["question"],
            turn=row["turn"],
            registration_id=row["registration_id"],
            since=row["since"],
            reminded=row["reminded"],
        )

    def _person(self, row: Row, address: Address) -> Person:
        notices = row["notices"]
        return Person(
            id=row["id"],
            address=address,
            known=row["sealed"] is not None,
            notices=None if notices is None else Topic(notices),
            unreachable=row["unreachable_at"] is not None,
            held=bool(row["held"]),
        )
