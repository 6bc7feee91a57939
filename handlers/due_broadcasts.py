"""What falls due for broadcasts: the list of people, the start, the slices into the outbox, the bar, the end.

Each step is a transaction of its own that does a little and says whether there is more.
Not for: sending (bot/broadcast_lane.py) or what admins press (handlers/broadcasts.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from domain.audience import Audience
from domain.broadcast import Broadcast, Kind, Outcome, State
from domain.registration import Actor
from handlers import broadcast_bar, broadcast_end, broadcast_told, due_events
from handlers.broadcast_networks import lacking, open_since
from handlers.broadcast_text import needs_village
from handlers.hold import moment
from handlers.office import Office
from storage.recipients import NETWORK_OFF
from storage.store import Tx

PAGE = 5_000
"""Addresses looked at in one transaction while the list of people is made."""
SLICE = 500
"""People moved into the outbox in one transaction."""
AGAIN_PAGE = 1_000
"""Recipients gone through in one transaction for those who are sent to once more."""
FEW = 250
"""Only while fewer of them wait there: memory and the outbox stay small, whatever the size."""
_DAY = 86_400_000
_OLD_BAR = 600_000


def advance(tx: Tx, office: Office) -> bool:
    """The next little thing for one open broadcast, another one each millisecond; True where there is more to do."""
    found = tx.broadcasts.open()
    first = tx.at % len(found) if found else 0
    for broadcast in found[first:] + found[:first]:
        step = _STEPS.get(broadcast.state)
        if step is None:
            continue
        locked = tx.broadcasts.get(broadcast.id, lock=True)
        if locked is not None and locked.state is broadcast.state and step(tx, locked, office):
            return True
    return False


def _prepare(tx: Tx, broadcast: Broadcast, office: Office) -> bool:
    """Write the recipients of one page of addresses; frozen from then on, whatever people do."""
    after, scan_to = tx.broadcasts.scan(broadcast.id)
    upto = tx.recipients.page_end(after=after, scan_to=scan_to, limit=PAGE)
    if upto is None:
        prepared = tx.broadcasts.move(broadcast, State.PREPARED, by=Actor.SYSTEM)
        broadcast_told.prepared(tx, prepared, office)
        return True
    shares, left_out = tx.recipients.freeze(
        broadcast.id,
        after=after,
        upto=upto,
        audience=Audience.from_bytes(broadcast.audience.encode()),
        frozen_at=broadcast.created_at,
        today=office.today(moment(broadcast.created_at)),
        topic=broadcast.kind.topic,
        needs_village=needs_village(broadcast.content.text),
        rested_since=rested_since(tx, broadcast, office),
        open_since={channel: open_since(tx, office, channel) for channel in office.shutting},
        networks=tuple(office.limits),
    )
    tx.broadcasts.scanned(broadcast, upto=upto, shares=shares, left_out=left_out)
    return True


def rested_since(tx: Tx, broadcast: Broadcast, office: Office) -> int:
    """Who got a broadcast after this time is left in peace; what belongs to an event they come to is no new one."""
    hours = office.rules.broadcast_rest_hours
    free = broadcast.kind.follows or not hours
    return tx.at + _DAY if free else tx.at - hours * 3_600_000


def _start(tx: Tx, broadcast: Broadcast, office: Office) -> bool:
    """Its time has come, and it is not quiet."""
    if broadcast.again:
        return _again(tx, broadcast)
    if _too_late(tx, broadcast, office):
        return True
    if broadcast.start_at is not None and broadcast.start_at > tx.at:
        return False
    if office.rules.quiet.opens(tx.now, office.zone) > tx.now:
        return False
    if lacks := lacking(tx, broadcast, office):
        paused = tx.broadcasts.move(broadcast, State.PAUSED, by=Actor.SYSTEM, code="late_text")
        broadcast_bar.tell_paused(tx, paused, office, why=" ".join(lacks))
        return True
    running = tx.broadcasts.move(broadcast, State.RUNNING, by=Actor.SYSTEM)
    # What was promised days ago is not seen where it stands.
    broadcast_bar.show(tx, running, office, anew=tx.at - broadcast.bar_at > _OLD_BAR)
    return True


def _again(tx: Tx, broadcast: Broadcast) -> bool:
    """Those of one outcome wait for their turn once more, a page of recipients at a time; then it may begin."""
    after, _ = tx.broadcasts.scan(broadcast.id)
    upto, n = tx.recipients.again(broadcast.id, Outcome(broadcast.again), after=after, limit=AGAIN_PAGE)
    if upto is None:
        tx.broadcasts.save(broadcast, replace(broadcast, again=""))
        return True
    tx.broadcasts.scanned(broadcast, upto=upto)
    tx.broadcasts.count(broadcast.id, {broadcast.again: -n, "lined": -n})
    return True


def _too_late(tx: Tx, broadcast: Broadcast, office: Office) -> bool:
    """Nobody is invited to what has begun, or reminded of it: the rest ends there."""
    if broadcast.kind is Kind.CANCELLATION or broadcast.event_id is None:
        return False
    event = tx.events.get(broadcast.event_id)
    if event is None or event.starts_at > tx.at:
        return False
    broadcast_end.stop(tx, broadcast, office, by=Actor.SYSTEM, code="event_began")
    return True


def _run(tx: Tx, broadcast: Broadcast, office: Office) -> bool:
    """Line up the next slice where few wait; else end it where nobody is left; else write the bar."""
    if _too_late(tx, broadcast, office) or _skip_where_off(tx, broadcast, office) or _line_up(tx, broadcast):
        return True
    if not tx.recipients.in_hand(broadcast.id):
        if tx.recipients.waiting(broadcast.id):
            if broadcast.first_batch is None:
                return False
            # Once looked at, the rest follows without another stop.
            paused = tx.broadcasts.move(
                replace(broadcast, first_batch=None), State.PAUSED, by=Actor.SYSTEM, code="first_batch"
            )
            broadcast_bar.tell_paused(tx, paused, office)
        else:
            broadcast_told.done(tx, tx.broadcasts.move(broadcast, State.DONE, by=Actor.SYSTEM), office)
        return True
    if broadcast_bar.is_due(tx, broadcast, office):
        broadcast_bar.show(tx, broadcast, office)
        _line_up_open(tx, broadcast, office)
    return False


def _skip_where_off(tx: Tx, broadcast: Broadcast, office: Office) -> bool:
    """Nobody sends at a network that is switched off, so those who wait there are not waited for."""
    for channel in filter(office.is_off, tx.recipients.channels_waiting(broadcast.id)):
        n = tx.recipients.skip_waiting(broadcast.id, channel, code=NETWORK_OFF, limit=SLICE)
        tx.broadcasts.count(broadcast.id, {"lined": n, "skipped": n})
        return True
    return False


def _line_up(tx: Tx, broadcast: Broadcast) -> bool:
    """The next people move into the outbox, in the transaction that remembers it; True where some did."""
    left = SLICE if broadcast.first_batch is None else broadcast.first_batch - broadcast.counts.lined
    if left <= 0:
        return False
    for channel in tx.recipients.channels_waiting(broadcast.id):
        if tx.recipients.lined(broadcast.id, channel) < FEW:
            n = tx.recipients.line_up(broadcast.id, channel, limit=min(SLICE, left))
            tx.broadcasts.count(broadcast.id, {"lined": n})
            return n > 0
    return False


def _line_up_open(tx: Tx, broadcast: Broadcast, office: Office) -> None:
    """While the line is full of people whom a network lets in tomorrow, those who wrote lately pass them."""
    left = SLICE if broadcast.first_batch is None else broadcast.first_batch - broadcast.counts.lined
    for channel in office.shutting if left > 0 else ():
        if tx.openings.left_today(channel) == 0:
            after, _ = tx.broadcasts.scan(broadcast.id)
            since = open_since(tx, office, channel)
            upto, n = tx.recipients.line_up_open(
                broadcast.id, channel, open_since=since, after=after, page=AGAIN_PAGE, limit=left
            )
            tx.broadcasts.scanned(broadcast, upto=upto or 0)
            tx.broadcasts.count(broadcast.id, {"lined": n})
            return


_STEPS: dict[State, Callable[[Tx, Broadcast, Office], bool]] = {
    State.PREPARING: _prepare,
    State.SCHEDULED: _start,
    State.RUNNING: _run,
}


def forget_old(tx: Tx, office: Office) -> bool:
    """Broadcasts long over go, their recipients first, a slice at a time; and files that were surely delivered."""
    tried = office.rules.delivery_hours * 3_600_000
    gone = tx.papers.drop_before(tx.at - 7 * _DAY, personal=tx.at - tried - _DAY, limit=20)
    tx.forgotten.extend(gone)
    for channel in office.shutting:
        tx.openings.drop_before(channel)
    oldest = tx.broadcasts.oldest_over(before=tx.at - office.rules.broadcast_days * _DAY)
    if oldest is None:
        tx.events.drop_before(tx.at - office.rules.broadcast_days * _DAY)
        return False
    if tx.recipients.drop(oldest["id"], limit=PAGE):
        return True
    tx.broadcasts.drop(oldest["id"])
    # A later broadcast may have been made from this one.
    tx.forgotten.extend({oldest["photo"], oldest["document"]} - tx.broadcasts.media_names() - {""})
    return True


OFTEN = (advance,)
EVERY_MINUTE = (due_events.remind, forget_old)
