"""An officer's hold on a case: who has it, taking it, giving it back, and what goes when it ends.

Not for: the order of the queue (storage/queue.py) or what is decided (handlers/decisions.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from conversation.messages import Deletion, Edit
from domain.officer import Officer
from domain.registration import Actor, Registration, Status
from handlers.office import Office
from handlers.status import status_label
from handlers.visit import Visit
from storage.engine import Row
from storage.store import Tx


def officer_at(visit: Visit) -> Officer:
    """The officer of a visit that the router let through to an officer's handler."""
    assert visit.officer is not None
    return visit.officer


def held_by(visit: Visit) -> list[Registration]:
    """The cases this officer holds."""
    held = visit.tx.queue.held_by(officer_at(visit).id)
    return [case for case in map(visit.tx.registrations.get, held) if case]


def lease_end(tx: Tx, office: Office) -> int:
    """When a lease renewed now is over (epoch ms)."""
    return tx.at + office.rules.lease * 1000


def moment(at: int) -> datetime:
    """Epoch ms as an aware time."""
    return datetime.fromtimestamp(at / 1000, UTC)


def hold(visit: Visit, registration_id: int, version: int | None = None) -> Registration | str:
    """The case, held by this officer with the lease renewed; else a kind sentence saying why not.

    `version` is the one the pressed choice was made for; None for a typed command. A press after the lease's
    end counts if nobody else took the case meanwhile and the version is the same.
    """
    tx, officer = visit.tx, officer_at(visit)
    case = tx.registrations.get(registration_id, lock=True)
    if case is None or case.status in (Status.DRAFT, Status.ERASED):
        return visit.say("This registration is no longer here.")
    if case.address_id == visit.person.id:
        return visit.say("This registration came from your own chat. A colleague must check it.")
    mine = case.status is Status.IN_REVIEW and case.officer_id == officer.id
    if not mine and not officer.covers(case.area):
        return visit.say("This registration is outside your area.")
    if not mine and not _can_take_again(tx, case, officer, version):
        return _who_was_first(visit, case)
    if version is not None and version != case.version:
        return visit.say("The worker has changed an answer of {receipt}. Look at it again.", receipt=case.receipt)
    if not mine:
        return take(visit, case)
    tx.queue.extend(case.id, officer.id, until=lease_end(tx, visit.office))
    return case


def take(visit: Visit, case: Registration) -> Registration:
    """Claim a case that waits; raises OutOfDate when somebody else was faster."""
    officer = officer_at(visit)
    return visit.tx.registrations.move(
        case,
        Status.IN_REVIEW,
        by=Actor.OFFICER,
        actor_id=officer.id,
        officer_id=officer.id,
        leased_until=lease_end(visit.tx, visit.office),
    )


def give_back(
    tx: Tx, case: Registration, *, by: Actor, actor_id: int | None = None, reason: str, keep_card: bool = False
) -> Registration:
    """Return a held case to its old place in the queue and end the hold."""
    if case.officer_id is not None:
        end(tx, case.id, case.officer_id, keep_card=keep_card)
    return tx.registrations.move(case, Status.SUBMITTED, by=by, actor_id=actor_id, reason=reason)


def end(tx: Tx, registration_id: int, officer_id: int, *, keep_card: bool = False) -> None:
    """What goes with a hold, for whatever reason it ends: shown NIK and photo, open desk, the card's choices.

    `keep_card` leaves card and desk as they are, for a press after the end.
    """
    if not keep_card:
        close_desk(tx, registration_id, officer_id)
    take_back(tx, tx.sights.take_of_case(registration_id, officer_id))
    officer = tx.staff.get(officer_id)
    card = None if keep_card else tx.sights.card(registration_id, officer_id)
    person = tx.people.get(officer.address_id) if officer and card is not None else None
    if person is not None and card is not None:
        tx.outbox.put(person, Edit(card))


def close_desk(tx: Tx, registration_id: int, officer_id: int) -> None:
    """What the officer was in the middle of about this case is over; its question shows no choices any more."""
    desk, officer = tx.queue.desk(officer_id), tx.staff.get(officer_id)
    if desk is None or officer is None or desk.subject != registration_id:
        return
    tx.queue.close_desk(officer_id, of_case=registration_id)
    person = tx.people.get(officer.address_id)
    if person is not None and desk.prompt is not None:
        tx.outbox.put(person, Edit(desk.prompt))


def take_back(tx: Tx, rows: Sequence[Row]) -> None:
    """Delete messages that show a NIK or a photo; each row names ours or the officer's own."""
    for row in rows:
        person = tx.people.get(row["address_id"])
        if person is not None:
            tx.outbox.put(person, Deletion(of=row["outbox_id"], message_id=row["message_id"]))


def _can_take_again(tx: Tx, case: Registration, officer: Officer, version: int | None) -> bool:
    """Whether it waits again and this officer was the last to take it."""
    if case.status is not Status.SUBMITTED or version is None:
        return False
    taken = [row for row in tx.registrations.changes(case.id) if row["to_status"] == Status.IN_REVIEW]
    return bool(taken) and taken[-1]["actor_id"] == officer.id


def _who_was_first(visit: Visit, case: Registration) -> str:
    """Who has the case or has decided it, and since when."""
    tx, say, me = visit.tx, visit.say, officer_at(visit).id
    if case.status is Status.SUBMITTED:
        return say("{receipt} waits in the queue. Take it first: /ambil {receipt}", receipt=case.receipt)
    if case.status is Status.IN_REVIEW and case.officer_id is not None:
        return say(
            "Officer {name} has been checking {receipt} since {time}.",
            name=tx.staff.name(case.officer_id),
            receipt=case.receipt,
            time=say.time(moment(case.status_at)),
        )
    if case.status is Status.IN_REVIEW:
        pending = tx.queue.pending(case.id)
        by, at = (pending.officer_id, pending.at) if pending else (None, case.status_at)
    else:
        decided = [row for row in tx.registrations.changes(case.id) if row["to_status"] == case.status]
        last = decided[-1] if decided else None
        by = last["actor_id"] if last and last["actor"] == Actor.OFFICER else None
        at = case.status_at
    if by is None:
        return say("{receipt}: {status}.", receipt=case.receipt or "-", status=status_label(case.status, say))
    if by == me:
        return say("You have decided {receipt} already, at {time}.", receipt=case.receipt, time=say.time(moment(at)))
    return say(
        "Officer {name} has decided {receipt} already, at {time}.",
        name=tx.staff.name(by),
        receipt=case.receipt,
        time=say.time(moment(at)),
    )
