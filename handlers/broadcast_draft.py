"""How a draft ends: its list of people is made, it is copied to be changed, or thrown away.

Not for: the questions before (broadcast_compose.py) or what follows (broadcast_control.py).
"""

from __future__ import annotations

from dataclasses import replace

from domain.broadcast import OPEN, Broadcast, Content, Kind, State
from domain.registration import Actor
from handlers import broadcast_audience_menu, broadcast_content, broadcast_event
from handlers.broadcast_end import stop
from handlers.broadcast_told import left_out_lines
from handlers.hold import officer_at
from handlers.visit import Visit


def frozen(visit: Visit, draft: Broadcast) -> str:
    """The list of people is made now; from here on broadcast_control.py has the word. Else the question to go back to.

    Why is said then.
    """
    tx, admin, say = visit.tx, officer_at(visit), visit.say
    if draft.kind is Kind.INVITATION:
        if (moved := broadcast_event.moved(visit, draft)) is not None:
            draft = tx.broadcasts.save(draft, moved)
            visit.reply(say("The event was changed meanwhile. Please look at the invitation once more."))
            return "look" if draft.content.text else "text"
        if not broadcast_event.is_known(visit, draft, "when"):
            visit.reply(say("That time is over already. Please write a later one."))
            return "when"
    grave = broadcast_content.grave(visit, draft)
    if grave:
        visit.reply(grave)
        return "text"
    found = broadcast_audience_menu.estimated(visit, draft)
    if not (found.total or found.more):
        visit.reply("\n".join([say("Nobody would get it."), *left_out_lines(found.left_out, visit.office)]))
        return "who"
    if draft.kind is Kind.INVITATION:
        draft = broadcast_event.planned(visit, draft)
    tx.queue.close_desk(admin.id)
    tx.broadcasts.begin_scan(draft.id)
    tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=admin.id)
    visit.reply(say("The list of people is being made. A moment, please."))
    return ""


def begun(visit: Visit, kind: Kind) -> Broadcast:
    """A new draft; one without any answer is as good as new."""
    owner = officer_at(visit).id
    empty = (one for one in _drafts(visit) if one.kind is kind and one.content == Content())
    return next(empty, None) or visit.tx.broadcasts.draft(owner, kind=kind)


def copied(visit: Visit, source: Broadcast) -> Broadcast | str:
    """The same anew, to be changed; what was not sent yet ends with it. Else a word why not."""
    admin = officer_at(visit)
    if source.kind.follows:
        return visit.say("This one was made by itself and cannot be changed.")
    if source.state in OPEN and source.owner_id != admin.id:
        return visit.say("A colleague is working on this one.")
    if source.state is State.DRAFT:
        return source
    if source.state in (State.PREPARING, State.PREPARED, State.AWAITING):
        stop(visit.tx, source, visit.office, by=Actor.ADMIN, actor_id=admin.id, code="copied")
    elif source.state in OPEN:
        return visit.say("This one is on its way. Please stop it first.")
    event = visit.tx.events.get(source.event_id) if source.event_id is not None else None
    if event is not None:
        # It may have been moved since; one that is over or cancelled is none any more.
        source = broadcast_event.retold(visit, source, broadcast_event.told(event))
        if event.cancelled or event.starts_at <= visit.tx.at:
            source = replace(source, event_id=None)
    same = (one for one in _drafts(visit) if _alike(one, source))
    return next(same, None) or visit.tx.broadcasts.draft(
        admin.id, kind=source.kind, content=source.content, audience=source.audience, event_id=source.event_id
    )


def _drafts(visit: Visit) -> list[Broadcast]:
    return [one for one in visit.tx.broadcasts.of_owner(officer_at(visit).id) if one.state is State.DRAFT]


def _alike(one: Broadcast, other: Broadcast) -> bool:
    """Whether one is a copy of the other that nothing was changed in."""
    same = (one.kind, one.content, one.event_id) == (other.kind, other.content, other.event_id)
    return same and one.audience == other.audience


def dropped(visit: Visit, draft: Broadcast) -> str:
    """BATAL: nothing of it is sent."""
    visit.tx.queue.close_desk(officer_at(visit).id)
    ended = visit.tx.broadcasts.move(
        replace(draft, content=Content()), State.STOPPED, by=Actor.ADMIN, actor_id=officer_at(visit).id, code="dropped"
    )
    broadcast_content.forget_file(visit, draft, ended)
    return visit.say("Draft {number} is thrown away. Nothing is sent.", number=draft.number)
