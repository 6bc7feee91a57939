"""What an admin is asked about a broadcast, one question at a time: kept so that it can be answered by typing too.

Not for: what is asked, or what the answers lead to (the other handlers/broadcast_*.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from conversation.messages import Choice, Edit
from domain.broadcast import Broadcast, State
from handlers.broadcast_bar import STATES
from handlers.hold import officer_at
from handlers.visit import Visit
from storage.queue import Desk

CARD, WHEN, COUNT, REASON, SURE, WHICH = "b_card", "b_when", "b_count", "b_reason", "b_sure", "b_which"
"""Which question is open: the card's choices, a time, a number of people, a reason, yes or no, or which broadcast."""
STEPS = frozenset({CARD, WHEN, COUNT, REASON, SURE, WHICH})


def ask(
    visit: Visit, step: str, broadcast: Broadcast | None, text: str, choices: Sequence[Choice], *, means: str = ""
) -> None:
    """Ask, in the place of whatever was asked before. `means`: the choice that a typed answer stands for."""
    over(visit)
    prompt = visit.reply(text, choices, stacked=len(choices) > 2)
    keep(visit, step, broadcast, (*(each.data for each in choices), *([means] if means else [])), prompt=prompt)


def keep(
    visit: Visit, step: str, broadcast: Broadcast | None, choices: Sequence[str], *, prompt: int | None = None
) -> None:
    """From now on these choices may be typed."""
    subject, version = (broadcast.id, broadcast.version) if broadcast is not None else (None, 0)
    visit.tx.queue.open_desk(officer_at(visit).id, Desk(step, subject, version, tuple(choices), prompt))


def is_open(visit: Visit) -> Desk | None:
    """The question that waits for an answer now."""
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if desk is None or desk.step not in STEPS or visit.tx.at - desk.at > visit.office.rules.lease * 1000:
        return None
    return desk


def over(visit: Visit) -> None:
    """The question is answered, or not asked any more: it shows no choices."""
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if desk is None or desk.step not in STEPS:
        return
    if desk.prompt is not None:
        visit.send(Edit(desk.prompt))
    visit.tx.queue.close_desk(officer_at(visit).id)


def as_it_stands(visit: Visit, broadcast: Broadcast) -> str:
    """What an old choice is answered with: the state, and who was first."""
    say, state = visit.say, visit.say(STATES[broadcast.state])
    if broadcast.moved_by is not None and broadcast.moved_by != officer_at(visit).id:
        name = visit.tx.staff.name(broadcast.moved_by)
        return say("{name} was first. Broadcast {number}: {state}.", name=name, number=broadcast.number, state=state)
    return say("Broadcast {number}: {state}.", number=broadcast.number, state=state)


def owned(visit: Visit, broadcast: Broadcast) -> Broadcast:
    """The broadcast with somebody who answers for it: whoever acts now, where the one who did is no admin any more."""
    if is_active_admin(visit, broadcast.owner_id):
        return broadcast
    return broadcast.taken_over(officer_at(visit).id)


def is_active_admin(visit: Visit, officer_id: int) -> bool:
    one = visit.tx.staff.get(officer_id)
    return one is not None and one.active and one.is_admin


def is_mine(visit: Visit, broadcast: Broadcast) -> bool:
    """Whether this admin answers for it."""
    return broadcast.owner_id == officer_at(visit).id


def not_mine(visit: Visit, broadcast: Broadcast) -> str:
    """Until it is sent, a broadcast is its author's."""
    name = visit.tx.staff.name(broadcast.owner_id)
    if broadcast.state in (State.DRAFT, State.PREPARING, State.PREPARED):
        return visit.say("{name} is still working on broadcast {number}.", name=name, number=broadcast.number)
    return visit.say("Only {name} decides this about broadcast {number}.", name=name, number=broadcast.number)
