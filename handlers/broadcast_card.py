"""The card of a broadcast whose list of people is made: whom it reaches, who is left out, what can be done now.

Not for: choosing the time (handlers/broadcast_when.py) or composing it.
"""

from __future__ import annotations

from dataclasses import replace

from conversation.late import late
from conversation.messages import Choice, Edit, Message
from domain.audience import Audience
from domain.broadcast import Broadcast, State
from domain.registration import Actor
from handlers import broadcast_ask, broadcast_bar
from handlers.audience_words import sentence
from handlers.broadcast_late import previews
from handlers.broadcast_text import message, needs_village
from handlers.hold import officer_at
from handlers.office import Office
from handlers.taps import data
from handlers.visit import Visit
from storage.queue import Desk
from storage.store import Tx


def audience_words(tx: Tx, broadcast: Broadcast, office: Office) -> str:
    """Who is meant, as a sentence without a full stop."""
    audience = Audience.from_bytes(broadcast.audience.encode())
    named = {}
    for condition in audience.conditions:
        for value in condition.values if condition.kind in ("coming", "declined", "invited") else ():
            event = tx.events.get(int(value))
            if event is not None:
                named[value] = event.place
    return sentence(audience, office, office.say, named)


def text(tx: Tx, broadcast: Broadcast, office: Office, people: str) -> str:
    """The card. `people`: how many it goes to, and who is left out."""
    meant = office.say("For: {audience}.", audience=audience_words(tx, broadcast, office))
    return "\n".join([broadcast_bar.head(broadcast, office), meant, people])


def choices(broadcast: Broadcast, office: Office) -> tuple[Choice, ...]:
    """What can be done with it; what nobody would get cannot be sent."""
    say, first = office.say, office.rules.first_batch
    found = []
    if broadcast.counts.total:
        found.append(Choice(say("Send now"), data("b", "now", broadcast.id)))
        found.append(Choice(say("Choose a time"), data("b", "at", broadcast.id)))
    if broadcast.counts.total > first > 0:
        found.append(Choice(say("Send to {n} people first", n=say.number(first)), data("b", "first", broadcast.id)))
    return (
        *found,
        Choice(say("Preview"), data("b", "view", broadcast.id)),
        Choice(say("Change"), data("bc", "copy", broadcast.id)),
        Choice(say("Throw away"), data("b", "drop", broadcast.id)),
    )


def show(tx: Tx, broadcast: Broadcast, office: Office, people: str) -> None:
    """Give the card to the author. Typed answers are taken where they are in the middle of nothing else."""
    owner = tx.staff.get(broadcast.owner_id)
    person = tx.people.get(owner.address_id) if owner is not None and owner.active else None
    if owner is None or person is None:
        return
    options = choices(broadcast, office)
    if broadcast.bar is not None:
        tx.outbox.put(person, Edit(broadcast.bar), lane=1)
    words = text(tx, broadcast, office, people)
    card = tx.outbox.put(person, Message(words, options, stacked=True, late=late("office_news")), lane=1)
    tx.broadcasts.show_bar(broadcast, card, mark=0)
    desk = tx.queue.desk(owner.id)
    if desk is None or desk.step in broadcast_ask.STEPS or tx.at - desk.at > office.rules.lease * 1000:
        # The card itself is the message whose choices go when it is sent.
        picked = tuple(each.data for each in options)
        tx.queue.open_desk(owner.id, Desk(broadcast_ask.CARD, broadcast.id, broadcast.version, picked))


def samples(shown: Message, head: str) -> tuple[Choice, ...]:
    """The choices of a message that is only looked at: each has data of its own, or a network refuses them."""
    return tuple(Choice(each.label, data(head, "sample", place)) for place, each in enumerate(shown.choices))


def preview(broadcast: Broadcast, office: Office) -> Message:
    """Exactly what a worker gets, said to nobody in particular; its choices do nothing."""
    village = office.places.villages[0].code if needs_village(broadcast.content.text) else None
    shown = message(broadcast, office, name="Bapak/Ibu", village=village)
    return replace(shown, choices=samples(shown, "b"))


def view(visit: Visit, broadcast: Broadcast) -> str:
    """The message itself as people may see it, and nothing else about it."""
    for shown in previews(preview(broadcast, visit.office), visit.office):
        visit.send(shown)
    if broadcast.state is State.PREPARED and broadcast_ask.is_mine(visit, broadcast):
        broadcast_ask.keep(
            visit, broadcast_ask.CARD, broadcast, [each.data for each in choices(broadcast, visit.office)]
        )
    return ""


def drop(visit: Visit, broadcast: Broadcast) -> str:
    """Throw it away; nothing was sent."""
    broadcast_ask.over(visit)
    if broadcast.bar is not None:
        visit.send(Edit(broadcast.bar))
    actor = officer_at(visit).id
    dropped = visit.tx.broadcasts.move(broadcast, State.STOPPED, by=Actor.ADMIN, actor_id=actor, code="dropped")
    visit.reply(visit.say("Broadcast {number} is thrown away. Nobody got it.", number=dropped.number))
    return ""
