"""What falls due for events: those who come are reminded in the afternoon of the day before, once.

Not for: sending it (handlers/due_broadcasts.py, which rests at night and in times of worship).
"""

from __future__ import annotations

from datetime import timedelta

from domain.broadcast import Kind
from domain.event import Event
from handlers import event_news
from handlers.office import Office
from storage.store import Tx

_A_FEW = 20
# From four in the afternoon to the midnight after the next day: what was made earlier was for another date.
_WITHIN = timedelta(hours=32)
# Where nobody has said yes for so long, there is nobody to be reminded of it yet.
_FRESH = timedelta(hours=3)


def remind(tx: Tx, office: Office) -> bool:
    """One event whose time for it has come; where it was planned later than that, as soon as it may be sent."""
    events = tx.events.without(
        Kind.REMINDER,
        after=tx.at + 1,
        before=tx.at + _ms(_WITHIN),
        within=_ms(_WITHIN),
        limit=_A_FEW,
    )
    opens = office.rules.quiet.opens(tx.now, office.zone)
    for event in events:
        # What could be sent only after it has begun reminds nobody.
        if event.reminds(office.zone) > tx.now or opens >= event.start:
            continue
        owner_id = _owner(tx, event) if tx.events.is_awaited(event.id, before=tx.at - _ms(_FRESH)) else None
        if owner_id is not None:
            event_news.reminder(tx, event, office, owner_id)
            return True
    return False


def _owner(tx: Tx, event: Event) -> int | None:
    """Who answers for it: the event's author, or another admin; None where there is none."""
    author = tx.staff.get(event.created_by)
    if author is not None and author.active and author.is_admin:
        return author.id
    return next((one.id for one in tx.staff.admins(own=0)), None)


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
