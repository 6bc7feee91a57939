"""The permission at the start, and whether notices are welcome: stored with text version, time and channel.

Not for: the wording (conversation/forms.py) or the other rights over the data (handlers/privacy.py).
"""

from __future__ import annotations

from conversation import engine
from conversation.forms import CONSENT_VERSION, NOTICES_VERSION
from conversation.progress import Progress
from domain.registration import Actor
from handlers.visit import Visit
from handlers.walk import begin


def start(visit: Visit, *, carry: str = "self", lead: str = "") -> None:
    """Ask for consent; nothing is stored before the yes."""
    begin(visit, "consent", carry=carry, lead=lead)


def answered(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    tx, person = visit.tx, visit.person
    if turn.event == "refused":
        visit.reply(
            visit.say(
                "All right, Bapak/Ibu. We keep no data. If you change your mind, send **DAFTAR**. You can also come to"
                " {office}, {address}.",
                office=visit.office.name,
                address=visit.office.address,
            )
        )
        if not person.known:
            tx.people.forget(person.id)
        return
    tx.people.keep(person)
    registration = tx.registrations.draft(person.id, for_other=progress.carry == "other")
    tx.registrations.consent(
        person.id,
        kind="registration",
        registration_id=registration.id,
        version=CONSENT_VERSION,
        channel=person.address.channel,
        yes=True,
    )
    tx.audit.record("consented", actor=Actor.WORKER, actor_id=person.id, registration_id=registration.id)
    begin(visit, "registration", registration_id=registration.id, lead=visit.say("Thank you."))


def set_notices(visit: Visit, welcome: bool) -> None:
    """Store whether notices are welcome, like a consent."""
    visit.tx.people.set_notices(visit.person.id, welcome)
    visit.tx.registrations.consent(
        visit.person.id,
        kind="notices",
        registration_id=None,
        version=NOTICES_VERSION,
        channel=visit.person.address.channel,
        yes=welcome,
    )


def stop_notices(visit: Visit) -> str:
    """STOP: no more notices; what to tell the person."""
    if visit.person.known:
        set_notices(visit, False)
    return visit.say(
        "All right, Bapak/Ibu. We send no more announcements. News about your own registration still comes. Want"
        " them again? Reply **MULAI**."
    )


def notices_again(visit: Visit) -> str:
    """MULAI after STOP: notices come again; what to tell the person."""
    set_notices(visit, True)
    return visit.say("Announcements come again. To stop them: **STOP**.")
