"""/acara: the events to come and lately over, with who comes, who was there and what was born of each.

An admin gets the poster and the list, moves an event or cancels it. Not for: planning one together with its invitation
(handlers/broadcast_compose.py) or what people answer (handlers/attendance.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from conversation.messages import Choice
from conversation.words import normal
from domain.broadcast import Kind, State
from domain.event import Event
from domain.officer import Role
from domain.registration import Actor
from handlers import event_change, event_news, paper_orders
from handlers.event_papers import VillageCount, counts, total, village_name
from handlers.event_text import details, when, where
from handlers.hold import officer_at
from handlers.taps import data, numbers
from handlers.visit import Command, Press, Visit

_LATELY = 30 * 86_400_000
_LISTED = 12
# A message stays readable; the list of the event has every village.
_VILLAGES = 25
_WORD = re.compile(r"[a-z]{3}[0-9]{2}")


def _names_event(rest: str) -> bool:
    word, _, what = normal(rest).partition(" ")
    return _WORD.fullmatch(word) is not None and (not what or what in _TYPED)


def _command(visit: Visit, words: str) -> None:
    """/acara, or the word of one event, perhaps with what shall be done."""
    word, _, what = normal(words).partition(" ")
    event = visit.tx.events.by_word(word) if word else None
    if not word:
        _list(visit)
    elif event is None:
        visit.reply(visit.say("There is no event with this word. All events: /acara"))
    elif said := _TYPED.get(what, _show)(visit, event):
        visit.reply(said)


def _list(visit: Visit) -> None:
    tx, say = visit.tx, visit.say
    found = tx.events.since(tx.at - _LATELY, limit=100)
    coming = [event for event in found if event.starts_at > tx.at]
    shown = [*coming, *reversed([event for event in found if event.starts_at <= tx.at])][:_LISTED]
    if not shown:
        visit.reply(say("There are no events. An invitation plans one: /siaran"))
        return
    lines = [f"{place}. {_line(visit, event)}" for place, event in enumerate(shown, 1)]
    options = [
        Choice(f"{place}. {event.place}"[:40], data("a", "show", event.id)) for place, event in enumerate(shown, 1)
    ]
    visit.reply("\n".join([say("**Events**"), *lines]), options, stacked=True)


def _line(visit: Visit, event: Event) -> str:
    say, whole = visit.say, total(counts(visit.tx, event.id))
    head = f"{when(event, visit.office)}, {where(event, visit.office)}"
    if event.cancelled:
        return say("{event}: cancelled", event=head)
    if event.starts_at > visit.tx.at:
        return say("{event}: {n} come, {m} cannot", event=head, n=say.number(whole.comes), m=say.number(whole.declines))
    there = say.number(whole.present + event.strangers)
    return say("{event}: {n} were there, {m} registered", event=head, n=there, m=say.number(whole.sent_in))


def _show(visit: Visit, event: Event) -> str:
    """One event with its numbers and what can be done."""
    say, rows = visit.say, counts(visit.tx, event.id)
    parts = [details(event, visit.office)]
    if event.cancelled:
        parts.append(say("It is **cancelled**."))
    parts.append(say("The word on the poster: **{word}**", word=event.word))
    shown = [_numbers(visit, village_name(row.village, visit.office), row) for row in rows[:_VILLAGES]]
    if len(rows) > _VILLAGES:
        shown.append(say("And {n} more villages: see the list.", n=len(rows) - _VILLAGES))
    if len(rows) != 1:
        shown.append(_numbers(visit, say("**All**"), total(rows)))
    parts.append("\n".join(shown))
    if event.strangers:
        parts.append(say("Present without having agreed to anything: {n}", n=say.number(event.strangers)))
    visit.reply("\n\n".join(parts), _choices(visit, event), stacked=True)
    return ""


def _numbers(visit: Visit, name: str, row: VillageCount) -> str:
    say = visit.say
    return say(
        "{village}: {comes} come, {declines} cannot, {present} were there, {begun} registered ({sent_in} sent in)",
        village=name,
        comes=say.number(row.comes),
        declines=say.number(row.declines),
        present=say.number(row.present),
        begun=say.number(row.begun + row.sent_in),
        sent_in=say.number(row.sent_in),
    )


def _choices(visit: Visit, event: Event) -> Sequence[Choice]:
    say = visit.say
    options = [Choice(say("Attendance list"), data("p", "event", event.id))]
    if not event.cancelled and event.starts_at > visit.tx.at:
        options += [
            Choice(say("Change time or place"), data("a", "change", event.id)),
            Choice(say("Cancel the event"), data("a", "cancel", event.id)),
        ]
    return options if event.cancelled else (Choice(say("Poster"), data("p", "poster", event.id)), *options)


def _wanted(kind: str) -> Callable[[Visit, Event], str]:
    return lambda visit, event: paper_orders.TAPS["p"].run(visit, [kind, data(event.id)])


def _ask_cancel(visit: Visit, event: Event) -> str:
    say = visit.say
    if said := event_change.not_to_come(visit, event):
        return said
    whole = total(counts(visit.tx, event.id))
    question = say(
        "Shall the event on {when} be **cancelled**? {n} people come. All who were invited are told.",
        when=when(event, visit.office),
        n=say.number(whole.comes),
    )
    options = (
        Choice(say("Yes, cancel it"), data("a", "drop", event.id)),
        Choice(say("No"), data("a", "no", event.id)),
    )
    visit.reply(question, options)
    return ""


def _cancel(visit: Visit, event: Event) -> str:
    tx, say, office, admin = visit.tx, visit.say, visit.office, officer_at(visit)
    if said := event_change.not_to_come(visit, event):
        return said
    if not tx.events.cancel(event.id):
        return say("It is cancelled already.")
    tx.audit.record("event_cancelled", actor=Actor.ADMIN, actor_id=admin.id, detail=event.word)
    event_news.end(tx, event, office, actor_id=admin.id, code="event_cancelled", drafts=True)
    parts = [say("The event on {when} is cancelled.", when=when(event, office))]
    if tx.events.has_invited(event.id):
        event_news.cancellation(tx, event, office, admin.id)
        parts.append(say("All who were invited and did not decline are told."))
        parts += event_change.told_late(visit, event)
    else:
        parts.append(say("Nobody was invited yet."))
    visit.reply(" ".join(parts))
    return ""


def _keep(visit: Visit, _: Event) -> str:
    return visit.say("Nothing was changed.")


_PRESSED: dict[str, Callable[[Visit, Event], str]] = {
    "show": _show,
    "change": event_change.ask_when,
    "cancel": _ask_cancel,
    "drop": _cancel,
    "no": _keep,
}
_TYPED: dict[str, Callable[[Visit, Event], str]] = {
    "poster": _wanted("poster"),
    "daftar": _wanted("event"),
    "ubah": event_change.ask_when,
    "batal": _ask_cancel,
    "batalkan": _ask_cancel,
}


def _tap(visit: Visit, parts: list[str]) -> str:
    given = numbers(parts[1:], 1)
    if given is None:
        return visit.say("This choice is out of date.")
    if parts[0] in ("send", "unsent"):
        return _news(visit, given[0], wanted=parts[0] == "send")
    event = visit.tx.events.get(given[0])
    if event is None or parts[0] not in _PRESSED:
        return visit.say("This choice is out of date.")
    return _PRESSED[parts[0]](visit, event)


def _news(visit: Visit, broadcast_id: int, *, wanted: bool) -> str:
    """The news of a change: told, or not."""
    tx, admin = visit.tx, officer_at(visit)
    draft = tx.broadcasts.get(broadcast_id, lock=True)
    if draft is None or draft.kind is not Kind.CHANGE or draft.state is not State.DRAFT:
        return visit.say("This choice is out of date.")
    if wanted:
        event_news.send(tx, draft, by=Actor.ADMIN, actor_id=admin.id)
        visit.reply(visit.say("All who were invited and did not decline are told."))
    else:
        tx.broadcasts.move(draft, State.STOPPED, by=Actor.ADMIN, actor_id=admin.id, code="not_sent")
        visit.reply(visit.say("The change stays. Nobody is told of it."))
    return ""


COMMANDS: dict[str, Command] = {"acara": Command(Role.ADMIN, _command, _names_event)}
TAPS: dict[str, Press] = {"a": Press(Role.ADMIN, _tap)}
