"""What is said about a broadcast before it goes out: from when, to whom first, until when, and what is in the way.

Not for: choosing it (handlers/broadcast_when.py) or the quiet times themselves (domain/quiet.py).
"""

from __future__ import annotations

from domain.broadcast import Broadcast, Kind
from handlers import broadcast_networks
from handlers.hold import moment
from handlers.office import Office
from storage.store import Tx


def plan_words(tx: Tx, broadcast: Broadcast, office: Office, *, people: int) -> str:
    """What is about to happen: how many, from when, to whom first, until when, and what is in the way."""
    say = office.say
    n = say.number(people)
    start = tx.now if broadcast.start_at is None else max(tx.now, moment(broadcast.start_at))
    if start > tx.now:
        begins = say(
            "Broadcast {number} goes to {n} people at {time}.", number=broadcast.number, n=n, time=say.time(start)
        )
    else:
        begins = say("Broadcast {number} goes to {n} people now.", number=broadcast.number, n=n)
    lines = [begins]
    if broadcast.first_batch is not None:
        lines.append(say("First to {n} people. Then it waits for your word.", n=say.number(broadcast.first_batch)))
    quiet, zone = office.rules.quiet, office.zone
    opens = quiet.opens(start, zone)
    networks = broadcast_networks.shares(tx, broadcast, office, start=start)
    finish = quiet.finish(start, people / broadcast_networks.speed(networks, office), zone)
    finish = max(finish, quiet.opens(broadcast_networks.last_day(tx, networks, start=opens), zone))
    lines += broadcast_networks.words(tx, networks, office, start=start)
    lines.append(say("It will be over at about {time}.", time=say.time(finish)))
    if opens > start:
        lines.append(say("⚠️ That is a quiet time. It begins at {time}.", time=say.time(opens)))
    rest = quiet.closes(opens, zone)
    if rest is not None and rest < finish:
        again = say.time(quiet.opens(rest, zone))
        lines.append(
            say(
                "It is not over before the quiet time at {rest}. The others get it from {again}.",
                rest=say.time(rest),
                again=again,
            )
        )
    event = tx.events.get(broadcast.event_id) if broadcast.kind is Kind.INVITATION and broadcast.event_id else None
    if event is not None and event.start <= finish:
        lines.append(
            say(
                "⚠️ The event begins at {time}, before everybody is invited. Whoever has no invitation then gets none.",
                time=say.time(event.start),
            )
        )
    return "\n".join(lines)
