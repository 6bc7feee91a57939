"""Looking up registrations of one's own area: by receipt number, NIK or whole words of the name; and their history.

Not for: working on a case. Every hit shown is one logged view, and searches are limited per hour.
"""

from __future__ import annotations

from conversation.messages import Choice
from conversation.registration_form import REGISTRATION
from conversation.summary import village_words
from domain.errors import Invalid
from domain.nik import Nik
from domain.officer import Role
from domain.receipt import parse_receipt
from domain.registration import Actor, Registration, Status
from handlers.card import masked
from handlers.hold import moment, officer_at
from handlers.labels import CHATS, REASONS, VIEWS, reason_labels
from handlers.receipts import by_receipt, is_like_a_receipt
from handlers.sensitive import mentions_nik, own_message_must_go
from handlers.status import status_label
from handlers.taps import data, numbers
from handlers.visit import Command, Press, Visit

_SHOWN = 5
_EVENTS = 40

# Their answers are names of files, which say nothing.
_PICTURES = frozenset({"photo", "evidence"})


def _search(visit: Visit, words: str) -> None:
    """/cari: what is found, without NIK."""
    tx, say, officer = visit.tx, visit.say, officer_at(visit)
    if mentions_nik(words):
        own_message_must_go(visit)
    if not words.strip():
        visit.reply(say("Search for what? Write a receipt number, a NIK or words of the name."))
        return
    if not _allowed(visit):
        return
    found = _found(visit, words)
    if isinstance(found, str):
        visit.reply(found)
        return
    hits = [case for case in map(tx.registrations.get, found) if case and officer.covers(case.area)]
    hits = [case for case in hits if case.status is not Status.ERASED]
    if not hits:
        visit.reply(say("Nothing was found in your area."))
        return
    lines, options = [], []
    for case in hits[:_SHOWN]:
        tx.sights.record(case, officer.id, "search")
        lines.append(_line(visit, case))
        options += _options(visit, case)
    if len(hits) > _SHOWN:
        lines.append(say("There are more. Please write more words of the name."))
    visit.reply("\n".join(lines), options, stacked=True)


def _found(visit: Visit, words: str) -> list[int] | str:
    """Registration ids, or a sentence when the number cannot be one."""
    tx, say = visit.tx, visit.say
    if mentions_nik(words):
        try:
            return tx.search.with_nik(Nik.take_unusual(words).digits)
        except Invalid:
            return say("This is no NIK. It has 16 digits.")
    try:
        case = tx.registrations.by_receipt(parse_receipt(words, visit.office.letters))
        return [case.id] if case else []
    except Invalid as slip:
        if slip.code == "receipt_check_digit":
            return say("A digit of this receipt number is wrong. Please compare it again.")
    return tx.search.with_words(words, officer_at(visit).areas, limit=_SHOWN + 1)


def _allowed(visit: Visit) -> bool:
    limit = visit.office.rules.searches_per_hour
    if visit.tx.staff.count_search(officer_at(visit).id) <= limit:
        return True
    visit.reply(visit.say("You have searched {n} times this hour. Please go on later.", n=limit))
    return False


def _line(visit: Visit, case: Registration) -> str:
    answers = visit.tx.registrations.answers(case.id)
    return visit.say(
        "**{receipt}**: {name}, {village}. {status}.",
        receipt=case.receipt or "-",
        name=answers.get("name") or "-",
        village=village_words(answers, visit.office.places),
        status=status_label(case.status, visit.say),
    )


def _options(visit: Visit, case: Registration) -> list[Choice]:
    say = visit.say
    options = [Choice(say("History of {receipt}", receipt=case.receipt), data("h", case.id))]
    if case.status is Status.SUBMITTED and case.address_id != visit.person.id:
        options.insert(0, Choice(say("Take {receipt}", receipt=case.receipt), data("q", "show", case.id)))
    return options


def _history(visit: Visit, words: str) -> None:
    """/riwayat: who saw, who changed, old and new."""
    named = by_receipt(visit, words)
    said = named if isinstance(named, str) else _show_history(visit, named)
    if said:
        visit.reply(said)


def _show_history(visit: Visit, case: Registration) -> str:
    tx, say, officer = visit.tx, visit.say, officer_at(visit)
    if not officer.covers(case.area):
        return say("This registration is outside your area.")
    if not _allowed(visit):
        return ""
    tx.sights.record(case, officer.id, "history")
    events = sorted(
        [*_moves(visit, case), *_changes(visit, case), *_views(visit, case), *_chats(visit, case)],
        key=lambda event: event[0],
    )
    lines = [f"{say.time(moment(at))}: {text}" for at, text in events[-_EVENTS:]]
    visit.reply("\n".join([say("**History of {receipt}**", receipt=case.receipt), *lines]))
    return ""


def _moves(visit: Visit, case: Registration) -> list[tuple[int, str]]:
    say = visit.say
    events = []
    for row in visit.tx.registrations.changes(case.id):
        who, status = _who(visit, row["actor"], row["actor_id"]), status_label(Status(row["to_status"]), say)
        reasons = reason_labels([code for code in row["reason"].split(",") if code in REASONS], say)
        if reasons:
            text = say("{who}: {status} ({reasons})", who=who, status=status, reasons=reasons)
        else:
            text = say("{who}: {status}", who=who, status=status)
        events.append((row["at"], text))
    return events


def _changes(visit: Visit, case: Registration) -> list[tuple[int, str]]:
    """Answers that had another value before, the NIK masked."""
    labels = {question.key: question.label for question in REGISTRATION.questions if question.label}
    before: dict[str, str] = {}
    events = []
    for one in visit.tx.registrations.answer_versions(case.id):
        old, new = before.get(one.question), one.value
        before[one.question] = new
        if old is None or old == new or one.question not in labels:
            continue
        label = visit.say(labels[one.question])
        if one.question in _PICTURES:
            text = visit.say("{question}: replaced", question=label)
        else:
            text = visit.say(
                "{question}: {old} → {new}",
                question=label,
                old=masked(one.question, old) or "-",
                new=masked(one.question, new) or "-",
            )
        events.append((one.at, text))
    return events


def _views(visit: Visit, case: Registration) -> list[tuple[int, str]]:
    tx, say = visit.tx, visit.say
    events = []
    for row in tx.sights.of(case.id, limit=_EVENTS):
        text = VIEWS[row["kind"]]
        events.append((row["at"], say(text, name=tx.staff.name(row["officer_id"]))))
    return events


def _chats(visit: Visit, case: Registration) -> list[tuple[int, str]]:
    """From where else the registration is used, without saying which address."""
    told = [(row["at"], CHATS.get(row["action"], "")) for row in visit.tx.audit.of(case.id)]
    return [(at, visit.say(text)) for at, text in told if text]


def _who(visit: Visit, actor: str, actor_id: int | None) -> str:
    say = visit.say
    if actor in (Actor.OFFICER, Actor.ADMIN) and actor_id is not None:
        return visit.tx.staff.name(actor_id)
    return say("the worker") if actor == Actor.WORKER else say("the program")


def _tap(visit: Visit, parts: list[str]) -> str:
    given = numbers(parts, 1)
    case = visit.tx.registrations.get(given[0]) if given else None
    return _show_history(visit, case) if case else visit.say("This choice is out of date.")


COMMANDS: dict[str, Command] = {
    "cari": Command(Role.OFFICER, _search, bool),
    "riwayat": Command(Role.OFFICER, _history, is_like_a_receipt),
}
TAPS: dict[str, Press] = {"h": Press(Role.OFFICER, _tap)}
