"""What falls due for officers: decisions settle, leases lapse, shown NIKs go, gathered notices are sent.

Each step deals with one row, in a transaction of its own. Not for: the loop that asks them (bot/loops.py).
"""

from __future__ import annotations

from collections.abc import Callable

from domain.registration import Actor, Status
from handlers import decisions, hold, notices
from handlers.office import Office
from storage.store import Tx

_AT_ONCE = 50

Step = Callable[[Tx, Office], bool]
"""Deals with one thing that is due; whether there was any."""


def settle_decisions(tx: Tx, office: Office) -> bool:
    """Decisions whose undo window is over."""
    return _one(tx, office, tx.queue.decisions_due(limit=_AT_ONCE), decisions.settle)


def end_leases(tx: Tx, office: Office) -> bool:
    """Cases whose lease is over."""
    return _one(tx, office, tx.queue.lapsed(limit=_AT_ONCE), _lapse)


def take_back_sensitive(tx: Tx, office: Office) -> bool:
    """Messages with a NIK or photo that have stood long enough, whatever became of the hold."""
    return _one(tx, office, tx.sights.overdue(limit=_AT_ONCE), _take_back)


def send_notices(tx: Tx, office: Office) -> bool:
    """Notices gathered for an officer."""
    return _one(tx, office, tx.staff.notices_due(limit=_AT_ONCE), _notice)


OFTEN: tuple[Step, ...] = (settle_decisions, end_leases, take_back_sensitive, send_notices)


def _one(tx: Tx, office: Office, found: list[int], run: Callable[[Tx, int, Office], None]) -> bool:
    """One of those that are due, another one each millisecond: what fails again and again holds up nobody else."""
    if not found:
        return False
    run(tx, found[tx.at % len(found)], office)
    return True


def _lapse(tx: Tx, registration_id: int, office: Office) -> None:
    """A lease is over: the case goes back by itself. Its card stays usable for a late press."""
    held = tx.registrations.get(registration_id)
    if held is None or held.officer_id is None:
        return
    # The officer before the case, as in everything an officer presses.
    officer = tx.staff.get(held.officer_id, lock=True)
    case = tx.registrations.get(registration_id, lock=True)
    over = case is not None and case.leased_until is not None and case.leased_until <= tx.at
    if case is None or not over or case.status is not Status.IN_REVIEW or case.officer_id != held.officer_id:
        return
    case = hold.give_back(tx, case, by=Actor.SYSTEM, reason="lease_over", keep_card=True)
    if officer is not None and officer.active:
        text = office.say(
            "The {span} for {receipt} are over: it is back in the queue. To go on, just tap its card again.",
            span=office.say.span(office.rules.lease),
            receipt=case.receipt,
        )
        decisions.tell(tx, officer, text)
    notices.case_returned(tx, case, office, without=held.officer_id)


def _take_back(tx: Tx, row_id: int, _: Office) -> None:
    hold.take_back(tx, tx.sights.take(row_id))


def _notice(tx: Tx, officer_id: int, office: Office) -> None:
    officer = tx.staff.get(officer_id, lock=True)
    if officer is not None and officer.active:
        notices.tell(tx, officer, office)
    else:
        tx.staff.no_notice(officer_id)
