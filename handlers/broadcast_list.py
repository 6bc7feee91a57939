"""The list of broadcasts: what is open or was lately, and what can be begun.

Not for: composing (broadcast_compose.py) or steering (broadcast_control.py).
"""

from __future__ import annotations

from conversation.messages import Choice
from domain.broadcast import Broadcast, Kind
from handlers import broadcast_bar
from handlers.hold import officer_at
from handlers.taps import data
from handlers.visit import Visit
from storage.queue import Desk

_SHOWN = 8
STEP = "bc_list"
NEW: dict[str, Kind] = {
    "buat pengumuman": Kind.ANNOUNCEMENT,
    "pengumuman": Kind.ANNOUNCEMENT,
    "undang ke acara": Kind.INVITATION,
    "undang": Kind.INVITATION,
    "undangan": Kind.INVITATION,
    "acara": Kind.INVITATION,
}
"""What can be typed instead of pressing; a number is a broadcast's, where there is one of it."""


def show(visit: Visit) -> None:
    """What is open or was lately, and what can be begun."""
    say, found = visit.say, visit.tx.broadcasts.recent(limit=_SHOWN)
    lines = [f"{each.number}. {line(visit, each)}" for each in found]
    options = [
        Choice(say("Broadcast {number}", number=each.number), data("bc", "open", each.id), number=each.number)
        for each in found
    ]
    options += [
        Choice(say("New announcement"), data("bc", "new", str(Kind.ANNOUNCEMENT))),
        Choice(say("Invite to an event"), data("bc", "new", str(Kind.INVITATION))),
    ]
    if lines:
        text = "\n".join([say("**Broadcasts**"), *lines, say("To open one, reply with its number.")])
    else:
        text = say("There are no broadcasts yet.")
    prompt = visit.reply(text, options, stacked=True)
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if desk is None or desk.step == STEP or visit.tx.at - desk.at > visit.office.rules.lease * 1000:
        # Whoever looks at the list in the middle of something is still in the middle of it.
        visit.tx.queue.open_desk(officer_at(visit).id, Desk(STEP, prompt=prompt))


def is_open(visit: Visit) -> bool:
    """Whether the list was shown last, so that a number or a word is about it."""
    desk = visit.tx.queue.desk(officer_at(visit).id)
    return desk is not None and desk.step == STEP and visit.tx.at - desk.at <= visit.office.rules.lease * 1000


def named(visit: Visit, words: str) -> Broadcast | None:
    """The broadcast with this number: "3", "siaran 3"."""
    digits = words.removeprefix("siaran").strip()
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
        return None
    return visit.tx.broadcasts.numbered(int(digits))


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
