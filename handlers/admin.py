"""The admin's desk: objections, the summary of today, and what failed.

Not for: the staff (handlers/staff.py) or officers' commands, which an admin may use too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

from conversation.messages import Choice
from conversation.registration_form import REGISTRATION
from domain.officer import Role
from domain.registration import Actor, Registration, Status
from handlers import notices, outcome, waiting
from handlers.hold import moment, officer_at
from handlers.labels import REASONS, length, reason_labels
from handlers.status import status_label
from handlers.taps import data, numbers
from handlers.visit import Command, Press, Visit

_OBJECTIONS = 5
_FAULTS = 7


def _objections(visit: Visit, _: str = "") -> None:
    """/keberatan: the open ones, the oldest first, each with its choices."""
    tx, say = visit.tx, visit.say
    shown = 0
    rows = tx.queue.open_objections(limit=_OBJECTIONS + 1)
    for row in rows[:_OBJECTIONS]:
        case = tx.registrations.get(row["id"])
        if case is not None and case.status is Status.REJECTED:
            visit.reply(_objection_text(visit, case, row["at"]), _objection_choices(visit, case))
            shown += 1
    if not shown:
        visit.reply(say("There are no open objections."))
    elif len(rows) > _OBJECTIONS:
        visit.reply(say("There are more objections. They come when these are answered."))


def _objection_text(visit: Visit, case: Registration, at: int) -> str:
    tx, say = visit.tx, visit.say
    rejected = [row for row in tx.registrations.changes(case.id) if row["to_status"] == Status.REJECTED]
    codes = [code for code in (rejected[-1]["reason"] if rejected else "").split(",") if code in REASONS]
    lines = [
        say("**Objection** of {time}: {receipt}", time=say.time(moment(at)), receipt=case.receipt),
        say("Not accepted because: {reasons}", reasons=reason_labels(codes, say) or "-"),
        *(say("Note: {note}", note=note) for _, note, _ in tx.registrations.notes(case.id)[-2:]),
    ]
    return "\n".join(lines)


def _objection_choices(visit: Visit, case: Registration) -> tuple[Choice, ...]:
    say = visit.say
    return (
        Choice(say("Check it again"), data("o", "yes", case.id)),
        Choice(say("The decision stays"), data("o", "no", case.id)),
        Choice(say("History of {receipt}", receipt=case.receipt), data("h", case.id)),
    )


def _objection_tap(visit: Visit, parts: list[str]) -> str:
    if parts == ["list"]:
        _objections(visit)
        return ""
    given = numbers(parts[1:], 1)
    found = visit.tx.registrations.get(given[0]) if given else None
    if found is None or parts[0] not in ("yes", "no"):
        return visit.say("This choice is out of date.")
    return _answer_objection(visit, found, granted=parts[0] == "yes")


def _answer_objection(visit: Visit, found: Registration, *, granted: bool) -> str:
    tx, say, admin = visit.tx, visit.say, officer_at(visit)
    if found.address_id == visit.person.id:
        return say("This registration came from your own chat. A colleague must check it.")
    if _decided_by(visit, found) == admin.id and tx.staff.admins(own=visit.person.id):
        return say("This was your own decision. Another admin answers the objection.")
    tx.people.lock(found.address_id)
    case = tx.registrations.get(found.id, lock=True)
    if case is None or case.status is not Status.REJECTED:
        return say("This objection is closed already.")
    if not tx.queue.close_objection(case.id, admin.id, granted=granted):
        return say("This objection is closed already.")
    tx.audit.record(
        "objection_granted" if granted else "objection_refused",
        actor=Actor.ADMIN,
        actor_id=admin.id,
        registration_id=case.id,
    )
    if granted:
        case = _back_to_queue(visit, case)
        visit.reply(say("{receipt} is back in the queue.", receipt=case.receipt))
    else:
        visit.reply(say("The decision on {receipt} stays. The worker is told.", receipt=case.receipt))
    outcome.objection_answered(tx, case, granted=granted, office=visit.office)
    return ""


def _decided_by(visit: Visit, case: Registration) -> int | None:
    """Who rejected it last."""
    rejected = [row for row in visit.tx.registrations.changes(case.id) if row["to_status"] == Status.REJECTED]
    return rejected[-1]["actor_id"] if rejected else None


def _back_to_queue(visit: Visit, case: Registration) -> Registration:
    """First in line; beside another registration of the same NIK, if there is one by now."""
    tx = visit.tx
    nik = tx.registrations.answers(case.id).get("nik", "")
    others = [other for other in tx.registrations.holding(nik) if other.id != case.id and other.duplicate_of is None]
    beside = case.duplicate_of or (others[0].id if others else None)
    case = tx.registrations.save(case, replace(case, priority=0, queued_at=tx.at, duplicate_of=beside))
    case = tx.registrations.move(
        case, Status.SUBMITTED, by=Actor.ADMIN, actor_id=officer_at(visit).id, reason="objection_granted"
    )
    notices.case_waits(tx, case, visit.office)
    return case


def _summary(visit: Visit, _: str) -> None:
    """/ringkas: today in numbers."""
    tx, say, office = visit.tx, visit.say, visit.office
    midnight = datetime.combine(office.today(tx.now), time(), tzinfo=office.zone)
    report = tx.reports.day(int(midnight.astimezone(UTC).timestamp() * 1000))
    decided = ", ".join(
        f"{status_label(Status(status), say)} {say.number(n)}" for status, n in sorted(report.decided.items())
    )
    median = length(report.median_ms / 1000, say) if report.median_ms is not None else "-"
    lines = [
        say("**Today, {day}**", day=say.date(office.today(tx.now))),
        say("Sent in: {n}", n=say.number(report.sent_in)),
        say(
            "Waiting: {n}, being checked: {m}",
            n=say.number(report.waiting.get(Status.SUBMITTED, 0)),
            m=say.number(report.waiting.get(Status.IN_REVIEW, 0)),
        ),
        say("Decided: {n}", n=say.number(sum(report.decided.values()))) + (f" ({decided})" if decided else ""),
        say("Median time to the decision: {span}", span=median),
    ]
    parts = ["\n".join(lines), waiting.words(tx, office), _drop_off(visit), _unstaffed(visit)]
    visit.reply("\n\n".join(part for part in parts if part))


def _drop_off(visit: Visit) -> str:
    """How many forms stand open at each question."""
    say = visit.say
    labels = {question.key: question.label for question in REGISTRATION.questions if question.label}
    lines = [
        f"{say(labels[question]) if question in labels else question}: {say.number(n)}"
        for question, n in visit.tx.people.open_questions()
    ]
    return "\n".join([say("**Unfinished forms, by question**"), *(lines or [say("none")])])


def _unstaffed(visit: Visit) -> str:
    """Districts and villages whose cases reach no officer, and so fall to the admins."""
    say, places = visit.say, visit.office.places
    staffed = set(visit.tx.staff.staffed_codes())
    names: list[str] = []
    for district in () if visit.tx.staff.cover_everything() else places.districts:
        if district.code in staffed:
            continue
        villages = places.villages_of(district)
        left = [village.label for village in villages if village.code not in staffed]
        if len(left) == len(villages):
            names.append(f"Kec. {district.name}")
        else:
            names.extend(left)
    lines = names or [say("none")]
    return "\n".join([say("**Areas without an officer**"), *lines])


def _faults(visit: Visit, _: str = "") -> None:
    """/gangguan: failed messages and dead letters, without content."""
    tx, say = visit.tx, visit.say
    lines: list[str] = []
    options: list[Choice] = []
    for word, label, rows in (
        ("in", say("Came in, not handled"), tx.inbox.failed(limit=_FAULTS)),
        ("out", say("Not delivered"), tx.outbox.dead_letters(limit=_FAULTS)),
    ):
        for row in rows:
            number = len(lines) + 1
            lines.append(f"{number}. {label}: {row['code'] or '-'}, {say.time(moment(row['created_at']))}")
            options.append(Choice(say("Try {number} again", number=number), data("g", word, row["id"])))
    failed = "\n".join([say("**What failed**"), *lines]) if lines else say("Nothing has failed.")
    visit.reply("\n\n".join(part for part in (failed, waiting.words(tx, visit.office)) if part), options)


def _fault_tap(visit: Visit, parts: list[str]) -> str:
    tx, say, given = visit.tx, visit.say, numbers(parts[1:], 1)
    if not given or parts[0] not in ("in", "out"):
        return say("This choice is out of date.")
    again = tx.inbox.try_again(given[0]) if parts[0] == "in" else tx.outbox.try_again(given[0])
    if not again:
        return say("This was tried again already.")
    tx.audit.record("tried_again", actor=Actor.ADMIN, actor_id=officer_at(visit).id, detail=parts[0])
    return say("It is tried again now.")


COMMANDS: dict[str, Command] = {
    "keberatan": Command(Role.ADMIN, _objections),
    "ringkas": Command(Role.ADMIN, _summary),
    "gangguan": Command(Role.ADMIN, _faults),
}
TAPS: dict[str, Press] = {
    "o": Press(Role.ADMIN, _objection_tap),
    "g": Press(Role.ADMIN, _fault_tap),
}
