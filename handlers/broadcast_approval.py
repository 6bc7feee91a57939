"""The last word before a broadcast goes out: the author's own, a second admin's, or the number of people typed.

Above a number of people nobody sends alone what a colleague could look at first. The database refuses too that
anybody approves what they wrote. Not for: the plan (handlers/broadcast_when.py) or what happens while it runs.
"""

from __future__ import annotations

from dataclasses import replace

from conversation.late import late
from conversation.messages import Choice, Message
from conversation.say import N_
from conversation.words import meanings, normal
from domain.broadcast import Broadcast, Counts, State
from domain.officer import Officer
from domain.registration import Actor
from handlers import broadcast_ask, broadcast_bar, broadcast_card, broadcast_told
from handlers.broadcast_late import previews
from handlers.broadcast_networks import lacking_words
from handlers.broadcast_plan import plan_words
from handlers.hold import officer_at
from handlers.taps import data
from handlers.visit import Visit

_LONGEST_REASON = 300

AGAIN_WORDS: dict[str, tuple[str, ...]] = {
    "failed": (N_("Only those get it who could not be reached before."),),
    "unclear": (
        N_("Only those get it of whom it is unclear whether it came."),
        N_("⚠️ Some of them may get it twice."),
    ),
}


def people(broadcast: Broadcast, again: str = "") -> int:
    """To how many it goes: to all, or once more to those of one outcome."""
    counts: Counts = broadcast.counts
    return {"": counts.total, "failed": counts.failed, "unclear": counts.unclear}[again or broadcast.again]


def ask(visit: Visit, broadcast: Broadcast, again: str = "") -> None:
    """Say what would happen and ask for the last word. Only who answers for it is asked."""
    say = visit.say
    if wrong := lacking_words(visit.tx, broadcast, visit.office):
        visit.reply(wrong)
        return
    n = people(broadcast, again)
    wanted = replace(broadcast, again=again or broadcast.again)
    lines = [plan_words(visit.tx, wanted, visit.office, people=n)]
    lines += [say(each) for each in AGAIN_WORDS.get(again, ())]
    not_yet = Choice(say("Not yet"), data("b", "no", broadcast.id))
    yes = data("b", "yes", again or "all", broadcast.id, broadcast.version)
    if n <= visit.office.rules.approval_above:
        options = (Choice(say("Yes, send"), yes), not_yet)
        broadcast_ask.ask(visit, broadcast_ask.SURE, broadcast, "\n".join(lines), options)
    elif others(visit, broadcast):
        limit = say.number(visit.office.rules.approval_above)
        lines.append(say("These are more than {limit} people, so another admin must approve.", limit=limit))
        options = (Choice(say("Ask for approval"), yes), not_yet)
        broadcast_ask.ask(visit, broadcast_ask.SURE, broadcast, "\n".join(lines), options)
    else:
        ask_for_number(visit, broadcast, "\n".join(lines), again)


def ask_for_number(visit: Visit, broadcast: Broadcast, lead: str, again: str = "") -> None:
    """Nobody else is there to look at it: typing the number shows that it was read."""
    question = visit.say("No other admin can approve it. To send it, type the number of people.")
    not_yet = Choice(visit.say("Not yet"), data("b", "no", broadcast.id))
    order = data("b", "yes", again or "all", broadcast.id, broadcast.version)
    broadcast_ask.ask(visit, broadcast_ask.COUNT, broadcast, f"{lead}\n{question}", (not_yet,), means=order)


def others(visit: Visit, broadcast: Broadcast) -> list[Officer]:
    """Who could approve: every admin who can be reached and neither wrote it nor answers for it."""
    found = visit.tx.staff.admins(own=visit.person.id)
    return [one for one in found if one.id not in (broadcast.created_by, broadcast.owner_id)]


def order(visit: Visit, broadcast: Broadcast, again: str, *, typed: int | None = None) -> str:
    """The author's word: it goes out, or to the others for approval, as things stand at this moment."""
    tx, me = visit.tx, officer_at(visit)
    if wrong := lacking_words(tx, broadcast, visit.office):
        visit.reply(wrong)
        return ""
    n = people(broadcast, again)
    wanted = replace(broadcast, again=again or broadcast.again)
    if n > visit.office.rules.approval_above:
        if others(visit, broadcast):
            if broadcast.state is State.AWAITING:
                return broadcast_ask.as_it_stands(visit, broadcast)
            broadcast_ask.over(visit)
            _await(visit, wanted)
            return ""
        if typed != n:
            return visit.say("The number is not right. It goes to {n} people.", n=visit.say.number(n))
        tx.audit.record(
            "broadcast_confirmed_alone", actor=Actor.ADMIN, actor_id=me.id, detail=f"{broadcast.number} {n}"
        )
    broadcast_ask.over(visit)
    schedule(visit, wanted)
    return ""


def schedule(visit: Visit, broadcast: Broadcast, lead: str = "") -> Broadcast:
    """From here on the clock sends it."""
    tx = visit.tx
    ready = replace(broadcast, failures=0)
    moved = tx.broadcasts.move(ready, State.SCHEDULED, by=Actor.ADMIN, actor_id=officer_at(visit).id)
    if moved.again:
        tx.broadcasts.rewind(moved.id)
    broadcast_bar.show(tx, moved, visit.office, anew=True, lead=lead)
    return moved


def _await(visit: Visit, broadcast: Broadcast) -> None:
    """Every other admin sees the message itself, for whom it is, and may approve or refuse."""
    tx, say, office = visit.tx, visit.say, visit.office
    awaiting = tx.broadcasts.move(broadcast, State.AWAITING, by=Actor.ADMIN, actor_id=officer_at(visit).id)
    asked = others(visit, awaiting)
    options = (
        Choice(say("Approve"), data("b", "ok", awaiting.id)),
        Choice(say("Refuse"), data("b", "refuse", awaiting.id)),
    )
    lines = [
        say("**{name} asks you to approve a broadcast.** This is how people see it.", name=officer_at(visit).name),
        say("For: {audience}.", audience=broadcast_card.audience_words(tx, awaiting, office)),
        *([] if awaiting.again else [broadcast_told.people(awaiting, office)]),
        plan_words(tx, awaiting, office, people=people(awaiting)),
        *(say(each) for each in AGAIN_WORDS.get(awaiting.again, ())),
        say("Reply **SETUJUI** or **TOLAK**."),
    ]
    for one in asked:
        person = tx.people.get(one.address_id)
        if person is not None:
            for shown in previews(broadcast_card.preview(awaiting, office), office):
                tx.outbox.put(person, replace(shown, late=late("office_news")), lane=1)
            tx.outbox.put(person, Message("\n".join(lines), options, late=late("office_news")), lane=1)
    names = ", ".join(one.name for one in asked)
    broadcast_bar.show(tx, awaiting, office, anew=True, lead=say("Asked for approval: {names}.", names=names))


def may_decide(visit: Visit, broadcast: Broadcast) -> str:
    """Why this admin may not approve or refuse it; empty when they may."""
    if broadcast.state is not State.AWAITING:
        return broadcast_ask.as_it_stands(visit, broadcast)
    if officer_at(visit).id in (broadcast.created_by, broadcast.owner_id):
        return visit.say("This is your own broadcast. Another admin must approve it.")
    return ""


def approve(visit: Visit, broadcast: Broadcast) -> str:
    """It goes out; the author is told by whom."""
    if why_not := may_decide(visit, broadcast):
        return why_not
    if wrong := lacking_words(visit.tx, broadcast, visit.office):
        visit.reply(wrong)
        return ""
    me = officer_at(visit)
    approved = replace(broadcast_ask.owned(visit, broadcast), approved_by=me.id)
    lead = visit.say("{name} has approved it.", name=me.name)
    moved = schedule(visit, approved, lead=lead)
    if not broadcast_ask.is_mine(visit, moved):
        visit.reply(visit.say("Broadcast {number} is approved.", number=moved.number))
    return ""


def ask_why(visit: Visit, broadcast: Broadcast) -> str:
    """Before it is refused: a reason for the author, or none."""
    if why_not := may_decide(visit, broadcast):
        return why_not
    question = visit.say("Why is broadcast {number} refused? Write it for the author.", number=broadcast.number)
    options = (
        Choice(visit.say("Without a reason"), data("b", "refused", broadcast.id)),
        Choice(visit.say("Do not refuse"), data("b", "no", broadcast.id)),
    )
    broadcast_ask.ask(visit, broadcast_ask.REASON, broadcast, question, options)
    return ""


def refuse(visit: Visit, broadcast: Broadcast, reason: str = "") -> str:
    """It ends here, and the author may write it anew. What was sent before stays as it was."""
    if why_not := may_decide(visit, broadcast):
        return why_not
    broadcast_ask.over(visit)
    tx, say, me = visit.tx, visit.say, officer_at(visit)
    end = State.DONE if broadcast.again else State.STOPPED
    refused = tx.broadcasts.move(
        replace(broadcast, again=""), end, by=Actor.ADMIN, actor_id=me.id, code="" if broadcast.again else "refused"
    )
    lines = [say("{name} has refused it.", name=me.name)]
    if reason:
        lines.append(say("Reason: {reason}", reason=" ".join(reason.split())[:_LONGEST_REASON]))
    broadcast_bar.show(tx, refused, visit.office, anew=True, lead="\n".join(lines))
    visit.reply(say("Broadcast {number} is refused. The author is told.", number=refused.number))
    return ""


def number_typed(visit: Visit, broadcast: Broadcast, again: str, words: str) -> bool:
    """The number of people that sends it; False where something else was written."""
    digits = normal(words).removesuffix(" orang").replace(".", "").replace(" ", "")
    if not digits.isdecimal() or not digits.isascii():
        if meanings(words):
            return False
        visit.reply(visit.say("Please type the number of people only, or reply BATAL."))
        return True
    if said := order(visit, broadcast, again, typed=int(digits[:12])):
        visit.reply(said)
    return True
