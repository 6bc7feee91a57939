"""What falls due by itself for workers and for the data: reminders, drafts too old, what may not be kept longer.

Not for: officers' leases, decisions and notices (handlers/due_queue.py). Each step is a transaction of its own,
does a little and says whether there is more.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conversation.late import late, late_message
from domain.registration import Actor, Status
from handlers import joining
from handlers.office import Office
from handlers.walk import repeat_for
from storage.engine import Row
from storage.store import Tx

_A_FEW = 20
_DAY = 86_400_000
# Telegram edits and deletes for two days; nothing needs the id of a sent message longer than this.
_SENT_KEPT = 3 * _DAY
_STRANGERS_KEPT = 60_000


def remind(tx: Tx, office: Office) -> bool:
    """Unfinished forms are reminded after the days of the rules, once each, in the morning of the area's zone."""
    rows = tx.people.reminders_due(limit=_A_FEW)
    if rows:
        # Another one each millisecond: a form that cannot be read holds up nobody else's.
        _remind_one(tx, rows[tx.at % len(rows)], office)
    return bool(rows)


def _remind_one(tx: Tx, row: Row, office: Office) -> None:
    person_id, count, days = row["address_id"], row["reminded"] + 1, office.rules.reminder_days
    tx.people.lock(person_id)
    person, progress = tx.people.get(person_id), tx.people.progress(person_id)
    if progress is not None and progress.since != row["since"]:
        return  # answered this moment
    following = None
    if person is not None and progress is not None and not person.unreachable:
        lead = office.say("The registration is not finished yet. Shall we go on? It is free. To stop: **BATAL**.")
        kind = "registration_reminder"
        if progress.form == "correction":
            lead = office.say("Something still needs a correction. Shall we go on? It is free.")
            kind = "correction_reminder"
        repeat_for(tx, person, office, progress, lead=lead, late=late(kind))
        if count < len(days):
            began = datetime.fromtimestamp(row["since"] / 1000, UTC)
            morning = office.in_days(began, days[count])
            following = int(max(morning, tx.now + timedelta(hours=12)).timestamp() * 1000)
    tx.people.set_reminded(person_id, count, remind_at=following)


def drop_stale_drafts(tx: Tx, office: Office) -> bool:
    """Drafts nobody finished are ended and their answers deleted (retention, domain.md section 7)."""
    rows = tx.people.stale_drafts(before=tx.at - office.rules.draft_days * _DAY, limit=_A_FEW)
    for registration_id, person_id in rows:
        tx.people.lock(person_id)
        registration = tx.registrations.get(registration_id, lock=True)
        if registration is None or registration.status is not Status.DRAFT:
            continue
        tx.people.end_progress(person_id, of=registration_id)
        tx.registrations.move(registration, Status.CANCELLED, by=Actor.SYSTEM, reason="timeout")
        tx.forgotten.extend(tx.registrations.clear(registration_id))
        tx.outbox.drop_registration(registration_id)
        person = tx.people.get(person_id)
        if person is not None:
            tx.outbox.put(person, late_message("draft_erased", office.say, days=str(office.rules.draft_days)), lane=1)
    return len(rows) == _A_FEW


def erase_old_rejections(tx: Tx, office: Office) -> bool:
    """Rejected registrations are erased after the days of the rules."""
    rows = tx.registrations.rejected_before(tx.at - office.rules.rejected_days * _DAY, limit=_A_FEW)
    for registration in rows:
        _, names = tx.registrations.erase(registration, by=Actor.SYSTEM, actor_id=None, reason="retention")
        tx.forgotten.extend(names)
        tx.outbox.drop_registration(registration.id)
    return len(rows) == _A_FEW


def forget(tx: Tx, office: Office) -> bool:
    """Seen keys, ids of sent messages, links to pages, strangers and old audit lines go when their time is over."""
    kept = office.rules.seen_days * _DAY
    tx.inbox.forget_old(before=tx.at - kept)
    tx.outbox.forget_sent(before=tx.at - _SENT_KEPT, strangers_before=tx.at - _STRANGERS_KEPT)
    tx.offers.forget_strangers(before=tx.at - _STRANGERS_KEPT)
    tx.outbox.forget_undelivered(before=tx.at - kept)
    tx.people.drop_strangers(before=tx.at - kept)
    tx.joins.forget_old(before=tx.at - kept)
    tx.peeks.drop_old(before=tx.at - _DAY)
    return tx.audit.prune(before=tx.at - office.rules.audit_days * _DAY) > 0


def count_as_sent(tx: Tx, office: Office) -> bool:
    """What a network took and told no end of for a day was sent, as far as anybody knows; its text is forgotten."""
    del office
    tx.outbox.count_as_sent(before=tx.at - _DAY)
    return False


def seal(tx: Tx, office: Office) -> bool:
    """Seal the audit lines written since the last time."""
    del office
    return tx.audit.seal() > 0


OFTEN = (remind,)
"""Asked every second."""
EVERY_MINUTE = (drop_stale_drafts, erase_old_rejections, count_as_sent, joining.settle, forget, seal)
"""Asked once a minute, and `seal` at the end."""
