"""A broadcast under way in the hands of the admins: pause, go on, stop for good, send again to those not reached.

Any admin may hold it back; whoever acts where its admin is one no longer answers for it from then on.
Not for: the first word that sends it (handlers/broadcast_approval.py).
"""

from __future__ import annotations

from dataclasses import replace

from conversation.messages import Choice, Kind
from domain.broadcast import AGAIN, LIVE, Broadcast, Outcome, State
from domain.registration import Actor
from handlers import broadcast_approval, broadcast_ask, broadcast_bar, broadcast_end
from handlers.hold import officer_at
from handlers.taps import data
from handlers.visit import Visit

_UNSENT = frozenset({State.DRAFT, State.PREPARING, State.PREPARED})


def pause(visit: Visit, broadcast: Broadcast) -> str:
    """Nothing more goes out from this moment on but what is with the network."""
    if broadcast.state not in (State.SCHEDULED, State.RUNNING):
        return broadcast_ask.as_it_stands(visit, broadcast)
    owned = broadcast_ask.owned(visit, broadcast)
    paused = visit.tx.broadcasts.move(owned, State.PAUSED, by=Actor.ADMIN, actor_id=officer_at(visit).id, code="admin")
    _tell(visit, paused, visit.say("{name} has paused it.", name=officer_at(visit).name))
    return ""


def resume(visit: Visit, broadcast: Broadcast) -> str:
    """It goes on where it was, in its time."""
    if broadcast.state is State.AWAITING and _nobody_else(visit, broadcast):
        lead = broadcast_bar.head(broadcast, visit.office)
        broadcast_approval.ask_for_number(visit, broadcast, lead)
        return ""
    if broadcast.state is not State.PAUSED:
        return broadcast_ask.as_it_stands(visit, broadcast)
    owned = replace(broadcast_ask.owned(visit, broadcast), failures=0)
    going = visit.tx.broadcasts.move(owned, State.SCHEDULED, by=Actor.ADMIN, actor_id=officer_at(visit).id)
    _tell(visit, going, visit.say("{name} lets it go on.", name=officer_at(visit).name))
    return ""


def _nobody_else(visit: Visit, broadcast: Broadcast) -> bool:
    return broadcast_ask.is_mine(visit, broadcast) and not broadcast_approval.others(visit, broadcast)


def ask_stop(visit: Visit, broadcast: Broadcast) -> str:
    """Asked once, for nothing brings it back."""
    if not may_stop(visit, broadcast):
        return _why_not(visit, broadcast)
    if broadcast.state in LIVE:
        question = visit.say("Stop broadcast {number}? What was sent cannot be taken back.", number=broadcast.number)
    else:
        question = visit.say("Stop broadcast {number}? Nothing was sent yet.", number=broadcast.number)
    options = (
        Choice(visit.say("Yes, stop it"), data("b", "stopped", broadcast.id)),
        Choice(visit.say("Do not stop it"), data("b", "no", broadcast.id)),
    )
    broadcast_ask.ask(visit, broadcast_ask.SURE, broadcast, question, options)
    return ""


def stop(visit: Visit, broadcast: Broadcast) -> str:
    """What waits is taken back, and the numbers are told."""
    if not may_stop(visit, broadcast):
        return _why_not(visit, broadcast)
    broadcast_ask.over(visit)
    tx, me = visit.tx, officer_at(visit)
    if broadcast.state in LIVE:
        owned = broadcast_ask.owned(visit, broadcast)
        stopped = broadcast_end.stop(tx, owned, visit.office, by=Actor.ADMIN, actor_id=me.id, code="admin")
        if not broadcast_ask.is_mine(visit, stopped):
            visit.reply(broadcast_bar.bar_text(tx, stopped, visit.office))
        return ""
    # Sent to once more: what was sent before stays as it was.
    end = State.DONE if broadcast.again else State.STOPPED
    code = "" if broadcast.again else "admin"
    ended = tx.broadcasts.move(replace(broadcast, again=""), end, by=Actor.ADMIN, actor_id=me.id, code=code)
    broadcast_bar.show(tx, ended, visit.office, anew=True)
    return ""


def may_stop(visit: Visit, broadcast: Broadcast) -> bool:
    """Any admin stops what is being sent; what is not yet, only its author, for others refuse it."""
    if broadcast.state in LIVE:
        return True
    mine = broadcast_ask.is_mine(visit, broadcast)
    return mine and (broadcast.state in _UNSENT or broadcast.state is State.AWAITING)


def _why_not(visit: Visit, broadcast: Broadcast) -> str:
    if broadcast.state in _UNSENT or broadcast.state is State.AWAITING:
        return broadcast_ask.not_mine(visit, broadcast)
    return broadcast_ask.as_it_stands(visit, broadcast)


def ask_again(visit: Visit, broadcast: Broadcast, outcome: str) -> str:
    """Once more to those who were not reached: asked like a broadcast of its own."""
    if outcome not in AGAIN:
        return visit.say("This choice is out of date.")
    if broadcast.state is not State.DONE:
        return broadcast_ask.as_it_stands(visit, broadcast)
    broadcast = broadcast_ask.owned(visit, broadcast)
    if not broadcast_ask.is_mine(visit, broadcast):
        return broadcast_ask.not_mine(visit, broadcast)
    if not broadcast_approval.people(broadcast, outcome):
        return visit.say("There is nobody left to send it to again.")
    # The old plan is over: once more means now, and to all of them.
    plan = replace(broadcast, start_at=None, first_batch=None)
    broadcast_approval.ask(visit, visit.tx.broadcasts.save(broadcast, plan), Outcome(outcome))
    return ""


def _tell(visit: Visit, broadcast: Broadcast, lead: str) -> None:
    """Whoever answers for it sees it in the bar; somebody else who pressed sees it too."""
    office = visit.office
    if broadcast_ask.is_mine(visit, broadcast):
        in_place = visit.incoming.kind is Kind.TAP and visit.limits.edits
        broadcast_bar.show(visit.tx, broadcast, office, anew=not in_place)
        return
    broadcast_bar.show(visit.tx, broadcast, office, anew=True, lead=lead)
    text = broadcast_bar.bar_text(visit.tx, broadcast, office)
    visit.reply(text, broadcast_bar.choices(broadcast, office))
