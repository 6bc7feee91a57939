"""What the admin is told when a broadcast has come to a point: its list of people is made, or it is over.

Not for: the bar between the two (handlers/broadcast_bar.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.broadcast import Broadcast, Outcome, State
from domain.registration import Actor
from handlers import broadcast_bar, broadcast_card, broadcast_report
from handlers.broadcast_reasons import reason
from handlers.office import Office
from storage.recipients import REPLY_DAYS
from storage.store import Tx

_DAY = 86_400_000


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
    return "\n".join(lines + left_out_lines(dict(counts.left_out), office))


def left_out_lines(left_out: Mapping[str, int], office: Office) -> list[str]:
    """Who is left out and why, one line each; nothing where nobody is."""
    say = office.say
    if not left_out:
        return []
    head = say("{n} are left out:", n=say.number(sum(left_out.values())))
    return [
        head,
        *(f"- {reason(Outcome.LEFT_OUT, code, say)}: {say.number(n)}" for code, n in sorted(left_out.items())),
    ]


def done(tx: Tx, broadcast: Broadcast, office: Office) -> None:
    """It is over: the numbers at once, the chart and the table as soon as they are made, and a chart a week later."""
    text, options = broadcast_report.text(tx, broadcast, office), broadcast_report.choices(broadcast, office)
    broadcast_bar.show(tx, broadcast, office, anew=True, report=(text, options))
    if broadcast.kind.follows or not broadcast.counts.total:
        return  # a reminder to a few is told in a message; its table can be asked for
    for kind in ("chart", "report"):
        tx.papers.want(kind, broadcast.id, broadcast.owner_id)
    tx.papers.want("chart", broadcast.id, broadcast.owner_id, begin=tx.at + REPLY_DAYS * _DAY)
