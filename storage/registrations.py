"""Registrations: the file, its answers in versions, its pictures, consents and moves, and its end.

Not for: who may do what (domain/registration.py and the handlers) or the order of the queue (storage/queue.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from conversation.messages import Photo
from domain.errors import NotAllowed
from domain.name import search_words
from domain.receipt import new_receipt
from domain.registration import Actor, Registration, Status
from storage.audit import Audit
from storage.engine import Connection, Row, new_id
from storage.statements import registrations as sql
from storage.vault import Vault

_FLAGS = ("has_photo", "out_of_area", "for_other")


class OutOfDate(Exception):  # noqa: N818 (reads as a sentence: except OutOfDate)
    """Somebody else changed the registration first."""


@dataclass(frozen=True)
class AnswerVersion:
    """One value an answer once had; `at` is epoch ms."""

    question: str
    version: int
    value: str
    at: int

    def __repr__(self) -> str:
        return f"AnswerVersion({self.question}, {self.version})"


class Registrations:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, audit: Audit, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._audit = audit
        self._at = at

    def draft(self, person_id: int, *, for_other: bool) -> Registration:
        """A new file with nothing in it."""
        row_id = new_id()
        self._db.run(sql.ADD, id=row_id, address_id=person_id, for_other=int(for_other), at=self._at)
        return Registration(
            row_id,
            person_id,
            Status.DRAFT,
            for_other=for_other,
            created_at=self._at,
            status_at=self._at,
        )

    def get(self, registration_id: int, *, lock: bool = False) -> Registration | None:
        row = self._db.one(sql.LOCK if lock else sql.GET, id=registration_id)
        return None if row is None else self.from_row(row)

    def by_receipt(self, receipt: str) -> Registration | None:
        row = self._db.one(sql.BY_RECEIPT, receipt=receipt)
        return None if row is None else self.from_row(row)

    def of_person(self, person_id: int) -> list[Registration]:
        """All files of one address but the erased ones, the newest first."""
        return [self.from_row(row) for row in self._db.all(sql.OF_ADDRESS, address_id=person_id)]

    def holding(self, nik: str) -> list[Registration]:
        """Active registrations with this NIK, the first one first."""
        rows = self._db.all(sql.WITH_NIK, nik_digest=self._vault.digest("nik", nik))
        return [self.from_row(row) for row in rows]

    def answers(self, registration_id: int) -> dict[str, str]:
        """The newest value of each answer by question."""
        rows = self._db.all(sql.ANSWERS, registration_id=registration_id)
        newest = {row["question"]: row for row in rows}
        return {question: self._open(registration_id, row) for question, row in newest.items()}

    def answer_versions(self, registration_id: int) -> list[AnswerVersion]:
        """Every value every answer had, oldest first."""
        return [
            AnswerVersion(row["question"], row["version"], self._open(registration_id, row), row["at"])
            for row in self._db.all(sql.ANSWER_VERSIONS, registration_id=registration_id)
        ]

    def put_answers(self, registration: Registration, values: Mapping[str, str | None], *, source: str = "") -> None:
        """Keep answers under the registration's version; None takes one away. `source`: the message they came in."""
        place = {"registration_id": registration.id, "version": registration.version}
        kept = []
        for question, value in values.items():
            if value is None:
                self._db.run(sql.DROP_ANSWER, question=question, **place)
                continue
            sealed = self._vault.seal_text(value, row=f"answers:{registration.id}:{question}:{registration.version}")
            kept.append({"question": question, "sealed": sealed, "source": source, "at": self._at, **place})
        if kept:
            self._db.many(sql.PUT_ANSWER, kept)

    def questions_of(self, registration_id: int, source: str) -> set[str]:
        """Which questions the message `source` answered, and no later one."""
        rows = self._db.all(sql.BY_SOURCE, registration_id=registration_id, source=source)
        return {row["question"] for row in rows}

    def save(self, old: Registration, new: Registration) -> Registration:
        """Keep the file's plain fields; raises OutOfDate when `old` is no longer what is stored."""
        changed = self._db.run(
            sql.SAVE,
            id=new.id,
            version=new.version,
            receipt=new.receipt,
            duplicate_of=new.duplicate_of,
            area=new.area,
            district=new.district,
            occupation=new.occupation,
            gender=new.gender,
            birth_year=new.birth_year,
            has_photo=int(new.has_photo),
            out_of_area=int(new.out_of_area),
            priority=new.priority,
            submitted_at=new.submitted_at,
            queued_at=new.queued_at,
            was_version=old.version,
            status=old.status,
        )
        if not changed:
            raise OutOfDate
        return new

    def move(
        self,
        registration: Registration,
        to: Status,
        *,
        by: Actor,
        actor_id: int | None = None,
        reason: str = "",
        officer_id: int | None = None,
        leased_until: int | None = None,
    ) -> Registration:
        """Make a legal move and write who made it; raises NotAllowed or OutOfDate.

        `officer_id` and `leased_until` (epoch ms) say who holds the case afterwards; nobody by default.
        """
        moved = registration.move(to, by=by, reason=reason)
        changed = self._db.run(
            sql.MOVE,
            id=registration.id,
            version=registration.version,
            from_status=registration.status,
            to_status=to,
            at=self._at,
            officer_id=officer_id,
            leased_until=leased_until,
        )
        if not changed:
            raise OutOfDate
        self._db.run(
            sql.ADD_CHANGE,
            id=new_id(),
            registration_id=registration.id,
            from_status=registration.status,
            to_status=to,
            actor=by,
            actor_id=actor_id,
            reason=reason,
            at=self._at,
        )
        self._audit.record(
            f"moved_to_{to}", actor=by, actor_id=actor_id, registration_id=registration.id, detail=reason
        )
        return replace(moved, status_at=self._at, officer_id=officer_id, leased_until=leased_until)

    def changes(self, registration_id: int) -> list[Row]:
        """Rows (from_status, to_status, actor, actor_id, reason, at), oldest first."""
        return self._db.all(sql.CHANGES, registration_id=registration_id)

    def index_person(self, registration_id: int, answers: Mapping[str, str]) -> None:
        """Make the person findable by keyed hashes: NIK, birth date, phone and each word of the name."""
        phone = answers.get("phone", "")
        self._db.run(
            sql.INDEX_PERSON,
            id=registration_id,
            nik_digest=self._digest("nik", answers.get("nik", "")),
            birth_digest=self._digest("birth", answers.get("birth_date", "")),
            phone_digest=self._digest("phone", phone if phone.startswith("+") else ""),
        )
        self._db.run(sql.DROP_NAME_WORDS, registration_id=registration_id)
        words = sorted(search_words(answers.get("name", "")))
        digests = [self._vault.digest("name", word) for word in words]
        if digests:
            self._db.many(
                sql.ADD_NAME_WORD, [{"word_digest": each, "registration_id": registration_id} for each in digests]
            )

    def new_receipt(self, letters: str) -> str:
        """A receipt number nobody has."""
        while True:
            receipt = new_receipt(letters, secrets.randbelow)
            if self._db.one(sql.RECEIPT_TAKEN, receipt=receipt) is None:
                return receipt

    def consent(
        self, person_id: int, *, kind: str, registration_id: int | None, version: str, channel: str, answer: int
    ) -> None:
        """Keep what was answered to which text, where and when: 1 or 0, of notices the topics that are wanted."""
        self._db.run(
            sql.ADD_CONSENT,
            id=new_id(),
            address_id=person_id,
            registration_id=registration_id,
            kind=kind,
            text_version=version,
            channel=channel,
            answer=answer,
            at=self._at,
        )

    def consents(self, person_id: int) -> list[Row]:
        """Rows (kind, text_version, channel, answer, at), oldest first."""
        return self._db.all(sql.CONSENTS, address_id=person_id)

    def add_photo(self, registration_id: int, question: str, photo: Photo) -> None:
        self._db.run(
            sql.ADD_PHOTO,
            name=photo.name,
            registration_id=registration_id,
            question=question,
            width=photo.width,
            height=photo.height,
            flaws=",".join(photo.flaws),
            at=self._at,
        )

    def photo(self, registration_id: int, question: str = "photo") -> Photo | None:
        """The latest picture given to a question."""
        row = self._db.one(sql.PHOTO, registration_id=registration_id, question=question)
        if row is None:
            return None
        flaws = tuple(flaw for flaw in row["flaws"].split(",") if flaw)
        return Photo(row["name"], row["width"], row["height"], flaws)

    def photo_names(self) -> set[str]:
        """The names of all pictures that have a row."""
        return {row["name"] for row in self._db.all(sql.PHOTO_NAMES)}

    def add_note(self, registration_id: int, text: str, *, actor: Actor, actor_id: int | None = None) -> None:
        """Keep a note for the office, encrypted."""
        row_id = new_id()
        self._db.run(
            sql.ADD_NOTE,
            id=row_id,
            registration_id=registration_id,
            actor=actor,
            actor_id=actor_id,
            sealed=self._vault.seal_text(text, row=f"notes:{row_id}"),
            at=self._at,
        )

    def notes(self, registration_id: int) -> list[tuple[str, str, int]]:
        """(actor, text, epoch ms) of each note, oldest first."""
        return [
            (row["actor"], self._vault.open_text(row["sealed"], row=f"notes:{row['id']}"), row["at"])
            for row in self._db.all(sql.NOTES, registration_id=registration_id)
        ]

    def object(self, registration_id: int) -> bool:
        """The worker objects to a rejection; only the first time counts."""
        return self._db.run(sql.OBJECT, registration_id=registration_id, at=self._at) == 1

    def objection(self, registration_id: int) -> str | None:
        """open, granted, refused, or None."""
        row = self._db.one(sql.OBJECTION, registration_id=registration_id)
        return None if row is None else row["state"]

    def recent_waits(self, *, since: int) -> list[int]:
        """How many ms the latest decisions took, at most 50 of them."""
        return [row["waited"] for row in self._db.all(sql.RECENT_WAITS, since=since)]

    def before_in_queue(self, registration: Registration) -> int:
        """How many stand before it in the queue, counted up to 1,001."""
        row = self._db.one(sql.BEFORE_IN_QUEUE, priority=registration.priority, queued_at=registration.queued_at)
        return 0 if row is None else row["n"]

    def rejected_before(self, before: int, *, limit: int) -> list[Registration]:
        """Registrations rejected before that time (epoch ms), the oldest first."""
        rows = self._db.all(sql.REJECTED_BEFORE, before=before, limit=limit)
        return [self.from_row(row) for row in rows]

    def clear(self, registration_id: int) -> list[str]:
        """Answers, notes, pictures and hashes go; the names of the picture files, to be removed after the commit."""
        names = [row["name"] for row in self._db.all(sql.PHOTOS, registration_id=registration_id)]
        for statement in (sql.DROP_PHOTOS, sql.DROP_ANSWERS, sql.DROP_NOTES, sql.DROP_NAME_WORDS, sql.DROP_PEEKS):
            self._db.run(statement, registration_id=registration_id)
        self._db.run(sql.FREE_DUPLICATES, id=registration_id)
        self._db.run(sql.BLANK, id=registration_id)
        return names

    def drop_older_photos(self, registration_id: int, question: str, *, kept: str) -> list[str]:
        """Take away the pictures sent before `kept`; their names, to be removed after the commit."""
        rows = self._db.all(sql.OLDER_PHOTOS, registration_id=registration_id, question=question, name=kept)
        for row in rows:
            self._db.run(sql.DROP_PHOTO, name=row["name"])
        return [row["name"] for row in rows]

    def drop_consents(self, person_id: int) -> None:
        self._db.run(sql.DROP_CONSENTS, address_id=person_id)

    def erase(
        self, registration: Registration, *, by: Actor, actor_id: int | None, reason: str
    ) -> tuple[str, list[str]]:
        """Clear the file and leave a tombstone.

        Gives the tombstone's number and the names of the picture files, to be removed after the commit.
        Raises NotAllowed where the table of moves says no.
        """
        if registration.status is Status.ERASED:
            raise NotAllowed("illegal_move")
        answers = self.answers(registration.id)
        subject = answers.get("nik") or f"registration:{registration.id}"
        number = f"{secrets.randbelow(10**8):08}"
        self.move(registration, Status.ERASED, by=by, actor_id=actor_id, reason=reason)
        names = self.clear(registration.id)
        self._db.run(
            sql.ADD_TOMBSTONE,
            id=new_id(),
            subject_digest=self._vault.digest("nik", subject),
            number=f"{number[:4]}-{number[4:]}",
            reason=reason,
            at=self._at,
        )
        return f"{number[:4]}-{number[4:]}", names

    @staticmethod
    def from_row(row: Row) -> Registration:
        """A row of the table as a value."""
        fields: dict[str, Any] = {**row, "status": Status(row["status"])}
        for name in _FLAGS:
            fields[name] = bool(row[name])
        return Registration(**fields)

    def _open(self, registration_id: int, row: Row) -> str:
        name = f"answers:{registration_id}:{row['question']}:{row['version']}"
        return self._vault.open_text(row["sealed"], row=name)

    def _digest(self, kind: str, value: str) -> bytes | None:
        return self._vault.digest(kind, value) if value else None
