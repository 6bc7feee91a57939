"""When a broadcast goes out, and to how many first: what an admin chooses on the card, or writes.

Not for: what is said about the plan (handlers/broadcast_plan.py) or the last word (handlers/broadcast_approval.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from conversation.messages import Choice
from conversation.words import meanings, normal
from domain.broadcast import Broadcast
from domain.errors import Invalid
from domain.event_time import read_when
from handlers import broadcast_approval, broadcast_ask
from handlers.event_text import when_refused
from handlers.taps import data
from handlers.visit import Visit

_FIRST = re.compile(r"(?:kirim(?: ke)? )?(\d[\d.]*) (?:orang )?(?:dulu|dahulu|pertama)")

# A list of people that old says little about who they are by then.
_FARTHEST = timedelta(days=183)


def now(visit: Visit, broadcast: Broadcast) -> str:
    """To everybody, at once."""
    return _planned(visit, broadcast, replace(broadcast, start_at=None, first_batch=None))


def ask(visit: Visit, broadcast: Broadcast) -> str:
    """Ask for the time."""
    zone = visit.tx.now.astimezone(visit.office.zone).tzname()
    question = visit.say("When shall broadcast {number} go out? Write day and hour.", number=broadcast.number)
    example = visit.say("Example: besok 09.00, Sabtu jam 8, or 28-11-2026 16.30 ({zone}).", zone=zone)
    options = (Choice(visit.say("Not yet"), data("b", "no", broadcast.id)),)
    broadcast_ask.ask(visit, broadcast_ask.WHEN, broadcast, f"{question}\n{example}", options)
    return ""


def typed(visit: Visit, broadcast: Broadcast, words: str) -> bool:
    """A time that was written; False where it was no answer to that question."""
    if normal(words) in ("sekarang", "kirim sekarang"):
        now(visit, broadcast)
        return True
    try:
        at = read_when(words, now=visit.tx.now, zone=visit.office.zone, farthest=_FARTHEST)
    except Invalid as unread:
        if meanings(words):
            return False
        if unread.code == "when_far":
            visit.reply(visit.say("That is too far ahead. At most {days} days are possible.", days=_FARTHEST.days))
        else:
            visit.reply(when_refused(unread, visit.office))
        return True
    _planned(visit, broadcast, replace(broadcast, start_at=int(at.timestamp() * 1000)))
    return True


def first(visit: Visit, broadcast: Broadcast, n: int | None = None) -> str:
    """Only to so many people before the admin has looked at the result."""
    n = visit.office.rules.first_batch if n is None else n
    if not 0 < n < broadcast.counts.total:
        total = visit.say.number(broadcast.counts.total)
        return visit.say("It goes to {total} people. Please write a smaller number.", total=total)
    return _planned(visit, broadcast, replace(broadcast, first_batch=n))


def first_typed(words: str) -> int | None:
    """ "50 dulu", "kirim ke 20 orang dulu": how many; None for other words."""
    found = _FIRST.fullmatch(normal(words))
    return int(found[1].replace(".", "")) if found else None


def _planned(visit: Visit, broadcast: Broadcast, plan: Broadcast) -> str:
    """Keep the plan, then ask for the last word on it."""
    broadcast_approval.ask(visit, visit.tx.broadcasts.save(broadcast, plan))
    return ""
