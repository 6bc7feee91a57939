"""Keeps what a worker answered: answers under their version, pictures, the plain columns and hashes, the way in.

Not for: what is said about it (handlers/endings.py) or the questions (conversation/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from conversation import engine
from conversation.progress import Progress
from conversation.summary import OUTSIDE
from domain.registration import Actor, Registration, Status
from handlers import queue
from handlers.visit import Visit
from handlers.walk import KEPT
from storage.store import Tx

# Statuses in which a worker may still change answers.
CHANGEABLE = frozenset({Status.SUBMITTED, Status.IN_REVIEW})


_OVER = frozenset({Status.CANCELLED, Status.ERASED, Status.DECEASED, Status.EXPIRED})


def live(visit: Visit) -> list[Registration]:
    """The registrations of this chat that are not over, drafts among them, the newest first."""
    files = visit.tx.registrations.of_person(visit.person.id) if visit.person.known else []
    return [each for each in files if each.status not in _OVER]


def own(visit: Visit, progress: Progress) -> Registration | None:
    """The registration of a form, locked, if it is this person's."""
    if progress.registration_id is None:
        return None
    found = visit.tx.registrations.get(progress.registration_id, lock=True)
    return found if found is not None and found.address_id == visit.person.id else None


def is_held_here(visit: Visit, progress: Progress, turn: engine.Turn) -> bool:
    """Whether the NIK just given is already registered from this very address (domain.md 2.9)."""
    nik = turn.values.get("nik")
    if not nik:
        return False
    holding = visit.tx.registrations.holding(nik)
    return any(r.address_id == visit.person.id and r.id != progress.registration_id for r in holding)


def keep_answers(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    """Store the values under the registration, and the picture or nothing of it."""
    tx, incoming = visit.tx, visit.incoming
    registration = None
    if progress.form in KEPT and progress.registration_id is not None:
        registration = tx.registrations.get(progress.registration_id, lock=True)
    if registration is None:
        if incoming.photo is not None and incoming.photo.name:
            tx.forgotten.append(incoming.photo.name)
        return
    if incoming.photo is not None and incoming.photo.name:
        if turn.keeps_photo and not incoming.photo.unreadable:
            tx.registrations.add_photo(registration.id, progress.question, incoming.photo)
            if registration.status is Status.DRAFT:
                older = tx.registrations.drop_older_photos(registration.id, progress.question, kept=incoming.photo.name)
                tx.forgotten.extend(older)
        else:
            tx.forgotten.append(incoming.photo.name)
    if not turn.values:
        return
    if progress.form == "change":
        if registration.status not in CHANGEABLE:
            return
        registration = _changed(visit, registration, turn.values)
    else:
        tx.registrations.put_answers(registration, turn.values, source=incoming.message_id)


def _changed(visit: Visit, old: Registration, values: Mapping[str, str | None]) -> Registration:
    """One answer changed after the receipt: a new version, the same number, the same place."""
    tx = visit.tx
    new = tx.registrations.save(old, replace(old, version=old.version + 1))
    known = tx.registrations.answers(old.id)
    tx.registrations.put_answers(
        new, {key: value or "" for key, value in values.items() if value is not None or key in known}
    )
    new = index(tx, visit, new)
    tx.audit.record(
        "changed",
        actor=Actor.WORKER,
        actor_id=visit.person.id,
        registration_id=new.id,
        detail=",".join(sorted(values)),
    )
    return queue.changed_by_worker(tx, new, visit.office)


def index(tx: Tx, visit: Visit, registration: Registration) -> Registration:
    """Bring the plain columns and keyed hashes in line with the answers."""
    answers = tx.registrations.answers(registration.id)
    village = visit.office.places.village(answers.get("village", ""))
    born = answers.get("birth_date")
    first = next((r for r in tx.registrations.holding(answers["nik"]) if r.id != registration.id), None)
    new = replace(
        registration,
        duplicate_of=first.id if first else None,
        area=village.code if village else None,
        district=village.district_code if village else None,
        out_of_area=answers.get("village") == OUTSIDE,
        occupation=answers.get("occupation"),
        gender=answers.get("gender") or None,
        birth_year=date.fromisoformat(born).year if born else None,
        has_photo=bool(answers.get("photo")),
    )
    if new.priority:
        new = replace(new, priority=1 if new.has_photo else 2)
    saved = tx.registrations.save(registration, new)
    tx.registrations.index_person(registration.id, answers)
    return saved


def drop_draft(visit: Visit, registration: Registration, *, reason: str) -> None:
    """End a draft: its answers and pictures are gone."""
    tx = visit.tx
    tx.registrations.move(registration, Status.CANCELLED, by=Actor.WORKER, actor_id=visit.person.id, reason=reason)
    tx.forgotten.extend(tx.registrations.clear(registration.id))
    tx.outbox.drop_registration(registration.id)
