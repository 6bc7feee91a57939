"""How is my case? Every registration of this address in plain words, with its place and an honest waiting time.

Not for: deciding or changing anything.
"""

from __future__ import annotations

from datetime import timedelta
from statistics import median

from conversation.say import N_, Say
from domain.registration import Registration, Status
from handlers.office import Office
from handlers.salutation import first_name
from handlers.visit import Visit
from storage.store import Tx

_LABELS: dict[Status, str] = {
    Status.DRAFT: N_("Not finished"),
    Status.SUBMITTED: N_("Waiting to be checked"),
    Status.IN_REVIEW: N_("Being checked"),
    Status.NEEDS_CORRECTION: N_("Needs a correction"),
    Status.VERIFIED: N_("The data is right"),
    Status.WAITLISTED: N_("Waiting list"),
    Status.FUNDED: N_("Somebody pays already"),
    Status.SENT_TO_BPJS: N_("Sent to BPJS Ketenagakerjaan"),
    Status.ACTIVE: N_("Protected"),
    Status.GRACE: N_("Grace period"),
    Status.EXPIRED: N_("Not active"),
    Status.REJECTED: N_("Cannot be accepted"),
    Status.CANCELLED: N_("Cancelled"),
    Status.DECEASED: N_("Closed"),
    Status.ERASED: N_("Data erased"),
}
# From here on a person is protected; before, every text says that they are not yet.
_PROTECTED = frozenset({Status.ACTIVE, Status.GRACE})
_OVER = frozenset({Status.CANCELLED, Status.ERASED, Status.DECEASED})
# Fewer decisions than this say nothing about how long one takes.
_ENOUGH = 5


def status_label(status: Status, say: Say) -> str:
    """The state in plain words (domain.md section 8)."""
    return say(_LABELS[status])


def waiting_words(tx: Tx, office: Office) -> str:
    """How long a check usually takes, from the latest decisions; what the office promises when there are few."""
    since = int((tx.now - timedelta(days=30)).timestamp() * 1000)
    waits = tx.registrations.recent_waits(since=since)
    if len(waits) < _ENOUGH:
        return office.say("at the latest in {days} working days", days=office.rules.promise_days)
    return office.say("usually within {span}", span=office.say.span(median(waits) / 1000))


def words(visit: Visit) -> str:
    """The answer to STATUS."""
    files = [r for r in visit.tx.registrations.of_person(visit.person.id) if r.status not in _OVER]
    if files:
        return "\n\n".join(_one(visit, registration) for registration in files)
    nobody = visit.say("Nobody is registered through this chat yet.")
    if visit.tx.people.progress(visit.person.id) is not None:
        return nobody
    return nobody + " " + visit.say("To begin, reply **DAFTAR**. It is free.")


def objection_words(visit: Visit, registration: Registration) -> str:
    """What a rejected person may still do: object once, wait for the answer, or ask at the office."""
    state = visit.tx.registrations.objection(registration.id)
    if state is None:
        return visit.say("If you think this is wrong, reply **KEBERATAN**.")
    if state == "open":
        return visit.say("Your objection has arrived already. The answer comes here.")
    return visit.say("Your objection was answered. The office explains more: {contact}.", contact=visit.office.contact)


def _one(visit: Visit, registration: Registration) -> str:
    tx, office, say = visit.tx, visit.office, visit.say
    name = first_name(tx.registrations.answers(registration.id))
    lines = []
    if registration.receipt:
        lines.append(say("Number **{receipt}** {name}", receipt=registration.receipt, name=name).strip())
    elif name:
        lines.append(say("Registration of **{name}**", name=name))
    lines.append(say("State: {state}.", state=status_label(registration.status, say)))
    if registration.status is Status.SUBMITTED:
        before = tx.registrations.before_in_queue(registration)
        if before > 1000:
            lines.append(say("More than 1.000 others come before."))
        elif before:
            lines.append(say("{n} others come before.", n=say.number(before)))
        else:
            lines.append(say("Next in the queue."))
        lines.append(say("A check ends {wait}.", wait=waiting_words(tx, office)))
    if registration.status is Status.VERIFIED:
        lines.append(say("Now we arrange who pays the monthly money."))
    if registration.status is Status.DRAFT:
        lines.append(say("To go on, just answer the last question."))
    if registration.status is Status.NEEDS_CORRECTION:
        lines.append(say("Please answer the open question, or reply **UBAH**."))
    if registration.status is Status.REJECTED:
        lines.append(objection_words(visit, registration))
    if registration.status not in _PROTECTED:
        lines.append(say("**Not yet protected.**"))
    return "\n".join(lines)
