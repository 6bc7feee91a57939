"""How a draft ends: its list of people is made, it is copied to be changed, or thrown away.

Not for: the questions before (broadcast_compose.py) or what follows (broadcast_control.py).
"""

from __future__ import annotations

from dataclasses import replace

from domain.broadcast import OPEN, Broadcast, Content, Kind, State
from domain.registration import Actor
from handlers import broadcast_content, broadcast_event
from handlers.broadcast_end import stop
from handlers.hold import officer_at
from handlers.visit import Visit


def frozen(visit: Visit, draft: Broadcast) -> bool:
    """The list of people is made now; from here on broadcast_control.py has the word. False: the text must change."""
    tx, admin = visit.tx, officer_at(visit)
    grave = broadcast_content.grave(visit, draft)
    if grave:
        visit.reply(grave)
        return False
    if draft.kind is Kind.INVITATION:
        draft = broadcast_event.planned(visit, draft)
    tx.queue.close_desk(admin.id)
    tx.broadcasts.begin_scan(draft.id)
    tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=admin.id)
    visit.reply(visit.say("The list of people is being made. A moment, please."))
    return True


def copied(visit: Visit, source: Broadcast) -> Broadcast | str:
    """The same anew, to be changed; what was not sent yet ends with it. Else a word why not."""
    admin = officer_at(visit)
    if source.kind.follows:
        return visit.say("This one was made by itself and cannot be changed.")
    if source.state in OPEN and source.owner_id != admin.id:
        return visit.say("A colleague is working on this one.")
    if source.state in (State.PREPARED, State.AWAITING):
        stop(visit.tx, source, visit.office, by=Actor.ADMIN, actor_id=admin.id, code="copied")
    elif source.state in OPEN:
        return visit.say("This one is on its way. Please stop it first.")
    event = visit.tx.events.get(source.event_id) if source.event_id is not None else None
    content = replace(source.content, event=broadcast_event.told(event) if event else ())
    return visit.tx.broadcasts.draft(
        admin.id, kind=source.kind, content=content, audience=source.audience, event_id=source.event_id
    )


def dropped(visit: Visit, draft: Broadcast) -> str:
    """BATAL: nothing of it is sent."""
    visit.tx.queue.close_desk(officer_at(visit).id)
    ended = visit.tx.broadcasts.move(
        replace(draft, content=Content()), State.STOPPED, by=Actor.ADMIN, actor_id=officer_at(visit).id, code="dropped"
    )
    broadcast_content.forget_file(visit, draft, ended)
    return visit.say("Draft {number} is thrown away. Nothing is sent.", number=draft.number)
