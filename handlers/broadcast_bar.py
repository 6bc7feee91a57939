"""How a broadcast goes, as its admin sees it: one message with a bar while it runs, a new one when it needs them.

Not for: pressing anything (handlers/broadcasts.py) or the report afterwards (handlers/broadcast_report.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from zlib import crc32

from conversation.late import late
from conversation.messages import Choice, Edit, Message
from conversation.say import N_
from domain.broadcast import Broadcast, Counts, Kind, Outcome, State
from handlers import broadcast_networks
from handlers.labels import length
from handlers.office import Office
from handlers.taps import data
from storage.store import Tx

# Networks allow few edits of one message; a bar need not run smoothly.
EVERY = 5.0
# Where a message stays as it is, the bar comes anew after each of so many parts of the way.
_PARTS = 4
_WIDTH = 10

PAUSES: dict[str, str] = {
    "admin": N_("An admin paused it."),
    "first_batch": N_("The first batch is out. Please look at the result, then go on or stop."),
    "failures": N_("Too many failed in a row ({why}). Please look before you go on."),
    "barred": N_("The network lets us send nothing for now: {why}. Please see to it, then let it go on."),
    "admin_stopped": N_("The admin who sent it is one no longer. Another admin decides: go on or stop."),
    "late_text": N_(
        "A text it needs is not approved yet: {why}. Ask the operator: python -m bot templates. Then let it go on."
    ),
}

NEWS: dict[Kind, str] = {
    Kind.REMINDER: N_("Reminder of an event"),
    Kind.CHANGE: N_("Change of an event"),
    Kind.CANCELLATION: N_("Cancellation of an event"),
}
ENDS: dict[str, str] = {
    "refused": N_("Another admin refused it."),
    "event_began": N_("The event has begun, so nobody more is told."),
    "event_cancelled": N_("The event was cancelled."),
    "event_changed": N_("The event was changed: this had the old time or place."),
    "not_sent": N_("The admin decided to tell nobody."),
    "admin_stopped": N_("The admin who wrote it is one no longer."),
}


def bar_text(tx: Tx, broadcast: Broadcast, office: Office, *, rate: float | None = None) -> str:
    """State, bar, numbers, and when it will be over. `rate`: how many a second were over lately."""
    counts = broadcast.counts
    lines = [head(broadcast, office)]
    if broadcast.kind in NEWS:
        # Nobody wrote it just now, so its number alone says nothing.
        lines.append(office.say(NEWS[broadcast.kind]))
    if broadcast.state in (State.RUNNING, State.PAUSED, State.DONE, State.STOPPED):
        done = counts.over / counts.total if counts.total else 1.0
        full = int(done * _WIDTH)
        lines.append(f"{'▓' * full}{'░' * (_WIDTH - full)} {int(done * 100)}%")
    lines += numbers(counts, office)
    if broadcast.state is State.STOPPED and broadcast.code in ENDS:
        lines.append(office.say(ENDS[broadcast.code]))
    if broadcast.state is State.SCHEDULED and broadcast.start_at is not None:
        lines.append(office.say("It begins at {time}.", time=office.say.time(moment(broadcast.start_at))))
    if broadcast.state is State.RUNNING:
        lines.append(_ahead(tx, broadcast, office, rate=rate))
    return "\n".join(lines)


def head(broadcast: Broadcast, office: Office) -> str:
    """The number of the broadcast and its state."""
    return office.say(
        "**Broadcast {number}**: {state}", number=broadcast.number, state=office.say(STATES[broadcast.state])
    )


KINDS: dict[Kind, str] = {
    Kind.ANNOUNCEMENT: N_("announcement"),
    Kind.INVITATION: N_("invitation"),
    Kind.REMINDER: N_("reminder"),
    Kind.CHANGE: N_("change of an event"),
    Kind.CANCELLATION: N_("cancellation of an event"),
}
STATES: dict[State, str] = {
    State.DRAFT: N_("being written"),
    State.PREPARING: N_("the list of people is being made"),
    State.PREPARED: N_("ready"),
    State.AWAITING: N_("waiting for another admin"),
    State.SCHEDULED: N_("waiting for its time"),
    State.RUNNING: N_("being sent"),
    State.PAUSED: N_("paused"),
    State.STOPPED: N_("stopped"),
    State.DONE: N_("done"),
}


def numbers(counts: Counts, office: Office) -> list[str]:
    """What became of the people, one line each; only what there is."""
    say = office.say
    rows = (
        (N_("Sent: {n} of {total}"), counts.sent, True),
        (N_("Delivered: {n}"), counts.delivered, False),
        (N_("Failed: {n}"), counts.failed, False),
        (N_("Blocked us: {n}"), counts.blocked, False),
        (N_("Unclear whether it came: {n}"), counts.unclear, False),
        (N_("No longer wanted or reachable: {n}"), counts.skipped, False),
        (N_("Left: {n}"), counts.left, False),
    )
    return [say(text, n=say.number(n), total=say.number(counts.total)) for text, n, always in rows if n or always]


def _ahead(tx: Tx, broadcast: Broadcast, office: Office, *, rate: float | None) -> str:
    """When it goes on, or when it will be over."""
    say, now = office.say, tx.now
    opens = office.rules.quiet.opens(now, office.zone)
    if opens > now:
        return say("It is quiet now. It goes on at {time}.", time=say.time(opens))
    if waits := broadcast_networks.held(tx, broadcast, office):
        return waits
    pace = rate or broadcast_networks.speed(broadcast.counts.networks, office)
    finish = office.rules.quiet.finish(now, broadcast.counts.left / pace, office.zone)
    last = broadcast_networks.last_day(tx, broadcast_networks.left(broadcast), start=now)
    finish = max(finish, office.rules.quiet.opens(last, office.zone))
    return say(
        "{rate} a second. Time to go: {span}, until {time}.",
        rate=say.number(round(pace, 1)),
        span=length((finish - now).total_seconds(), say),
        time=say.time(finish),
    )


def choices(broadcast: Broadcast, office: Office) -> tuple[Choice, ...]:
    """What may be pressed while it is under way."""
    say = office.say
    stop = Choice(say("Stop for good"), data("b", "stop", broadcast.id))
    if broadcast.state is State.RUNNING or broadcast.state is State.SCHEDULED:
        return (Choice(say("Pause"), data("b", "pause", broadcast.id)), stop)
    if broadcast.state is State.PAUSED:
        return (Choice(say("Go on"), data("b", "resume", broadcast.id)), stop)
    if broadcast.state is State.AWAITING:
        return (Choice(say("Withdraw it"), data("b", "stop", broadcast.id)),)
    return again_choices(broadcast, office) if broadcast.state is State.DONE else ()


def again_choices(broadcast: Broadcast, office: Office) -> tuple[Choice, ...]:
    """Once it is over: those who were not reached may be sent to once more."""
    say, counts = office.say, broadcast.counts
    offered = (
        (N_("Send again to the failed ones ({n})"), Outcome.FAILED, counts.failed),
        (N_("Send again to the unclear ones ({n})"), Outcome.UNCLEAR, counts.unclear),
    )
    return tuple(
        Choice(say(label, n=say.number(n)), data("b", "again", outcome, broadcast.id))
        for label, outcome, n in offered
        if n
    )


def show(
    tx: Tx,
    broadcast: Broadcast,
    office: Office,
    *,
    anew: bool = False,
    lead: str = "",
    report: tuple[str, tuple[Choice, ...]] | None = None,
) -> None:
    """Write the bar to whoever answers for it: the same message again, or a new one where it needs them.

    At the end the `report`, a text and what may be asked for, stands in its place. Where a message cannot be written
    again, a new one comes only after another quarter of the way.
    """
    owner = tx.staff.get(broadcast.owner_id)
    person = tx.people.get(owner.address_id) if owner is not None and owner.active else None
    if person is None:
        tx.broadcasts.show_bar(broadcast, broadcast.bar, mark=broadcast.bar_mark)
        return
    if not office.limits_of(person.address.channel).edits and not anew:
        if broadcast.bar is not None and not _is_further(broadcast):
            return
        anew = True
    text = bar_text(tx, broadcast, office, rate=_rate(tx, broadcast))
    text, options = report or (f"{lead}\n\n{text}" if lead else text, choices(broadcast, office))
    bar = broadcast.bar
    mark = crc32("\0".join((text, *(each.data for each in options))).encode())
    if bar is None or anew:
        if bar is not None:
            # The choices move to the new message.
            tx.outbox.put(person, Edit(bar, None), lane=1)
        bar = tx.outbox.put(person, Message(text, options, late=late("office_news")), lane=1)
    elif mark != broadcast.bar_mark:
        tx.outbox.put(person, Edit(bar, text, options), lane=1)
    tx.broadcasts.show_bar(broadcast, bar, mark=mark)


def _rate(tx: Tx, broadcast: Broadcast) -> float | None:
    """How many a second were over since the bar was written last; None where that was long ago or nothing happened."""
    span, over = (tx.at - broadcast.bar_at) / 1000, broadcast.counts.over - broadcast.bar_over
    return over / span if broadcast.bar is not None and over > 0 and 0 < span < 10 * EVERY else None


def is_due(tx: Tx, broadcast: Broadcast, office: Office) -> bool:
    """Whether a running broadcast's bar is old enough to be written again, and the last one was taken."""
    if tx.at - broadcast.bar_at < EVERY * 1000:
        return False
    owner = tx.staff.get(broadcast.owner_id)
    if owner is None or tx.outbox.waits_for(owner.address_id):
        return False
    person = tx.people.get(owner.address_id)
    return person is None or office.limits_of(person.address.channel).edits or _is_further(broadcast)


def _is_further(broadcast: Broadcast) -> bool:
    """Whether another quarter of the people is over since the bar was written last."""
    counts = broadcast.counts
    return bool(counts.total) and counts.over * _PARTS // counts.total > broadcast.bar_over * _PARTS // counts.total


def tell_paused(tx: Tx, broadcast: Broadcast, office: Office, *, why: str = "") -> None:
    """A new message: it has stopped by itself and needs somebody."""
    show(tx, broadcast, office, anew=True, lead=office.say(PAUSES[broadcast.code], why=why))


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
