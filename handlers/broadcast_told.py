"""What the admin is told when a broadcast has come to a point: its list of people is made, or it is over.

Not for: the bar between the two (handlers/broadcast_bar.py).
"""

from __future__ import annotations

from conversation.say import N_
from domain.broadcast import Broadcast, State
from domain.registration import Actor
from handlers import broadcast_bar, broadcast_card
from handlers.office import Office
from storage.store import Tx

LEFT_OUT: dict[str, str] = {
    "opted_out": N_("stopped these notices: {n}"),
    "never_asked": N_("never said whether they want notices: {n}"),
    "unreachable": N_("cannot be reached now: {n}"),
    "no_village": N_("no village known for {{desa}}: {n}"),
    "quiet": N_("got another notice just before: {n}"),
}


def prepared(tx: Tx, broadcast: Broadcast, office: Office) -> None:
    """The list is made. What an admin decided before goes on by itself; everything else waits for their word."""
    if broadcast.kind.follows:
        tx.broadcasts.move(broadcast, State.SCHEDULED, by=Actor.SYSTEM)
        return
    broadcast_card.show(tx, broadcast, office, people(broadcast, office))


def people(broadcast: Broadcast, office: Office) -> str:
    """How many it goes to, and who is left out and why."""
    say, counts = office.say, broadcast.counts
    lines = [say("It goes to **{n}** people.", n=say.number(counts.total))]
    if counts.left_out:
        lines.append(say("{n} are left out:", n=say.number(counts.excluded)))
        lines += [f"- {say(LEFT_OUT[code], n=say.number(n))}" for code, n in counts.left_out]
    return "\n".join(lines)


def done(tx: Tx, broadcast: Broadcast, office: Office) -> None:
    """It is over: the numbers at once, the picture and the table as soon as they are made."""
    broadcast_bar.show(tx, broadcast, office, anew=True)
    for kind in ("chart", "report"):
        tx.papers.want(kind, broadcast.id, broadcast.owner_id)
