"""The list of broadcasts: what is open or was lately, and what can be begun.

Not for: composing (broadcast_compose.py) or steering (broadcast_control.py).
"""

from __future__ import annotations

from conversation.messages import Choice
from domain.broadcast import Broadcast, Kind
from handlers import broadcast_bar
from handlers.taps import data
from handlers.visit import Visit

_SHOWN = 8


def show(visit: Visit, _: str = "") -> None:
    """/siaran: what is open or was lately, and what can be begun."""
    say, found = visit.say, visit.tx.broadcasts.recent(limit=_SHOWN)
    lines = [f"{each.number}. {line(visit, each)}" for each in found]
    options = [Choice(say("Broadcast {number}", number=each.number), data("bc", "open", each.id)) for each in found]
    options += [
        Choice(say("New announcement"), data("bc", "new", str(Kind.ANNOUNCEMENT))),
        Choice(say("Invite to an event"), data("bc", "new", str(Kind.INVITATION))),
    ]
    head = say("**Broadcasts**") if lines else say("There are no broadcasts yet.")
    visit.reply("\n".join([head, *lines]), options, stacked=True)


def line(visit: Visit, broadcast: Broadcast) -> str:
    say, counts = visit.say, broadcast.counts
    what = say(
        "{kind}, {state}",
        kind=say(broadcast_bar.KINDS[broadcast.kind]),
        state=say(broadcast_bar.STATES[broadcast.state]),
    )
    if not counts.total:
        return what
    return say("{what}, {n} people", what=what, n=say.number(counts.total))
