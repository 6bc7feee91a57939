"""The permission at the start, and which notices are welcome: stored with text version, time and channel.

Not for: the wording (conversation/forms.py) or the other rights over the data (handlers/privacy.py).
"""

from __future__ import annotations

from conversation import engine
from conversation.forms import CONSENT_VERSION, NOTICES_VERSION, TOPICS
from conversation.progress import Progress
from conversation.say import Say
from domain.registration import Actor
from domain.topic import ALL_TOPICS, Topic
from handlers import presence
from handlers.visit import Visit
from handlers.walk import aside, begin

_BECAUSE_OF_IT = 72 * 3_600_000
"""A STOP this soon (ms) after a broadcast counts as its answer."""


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
        answer=1,
    )
    tx.audit.record("consented", actor=Actor.WORKER, actor_id=person.id, registration_id=registration.id)
    presence.begun(visit, registration.id, carry=progress.carry)
    begin(visit, "registration", registration_id=registration.id, lead=visit.say("Thank you."))


def set_notices(visit: Visit, topics: Topic) -> None:
    """Store which topics are welcome from now on, like a consent. Every change of them goes through here.

    `visit.person.notices` still tells what was welcome before. What is lost soon after a broadcast about it is lost
    because of that broadcast, as far as anybody can tell.
    """
    if lost := (visit.person.notices or Topic(0)) & ~topics:
        visit.tx.recipients.note_opt_out(visit.person.id, lost, since=visit.tx.at - _BECAUSE_OF_IT)
    visit.tx.people.set_notices(visit.person.id, topics)
    visit.tx.registrations.consent(
        visit.person.id,
        kind="notices",
        registration_id=None,
        version=NOTICES_VERSION,
        channel=visit.person.address.channel,
        answer=int(topics),
    )


def stop(visit: Visit, progress: Progress | None) -> None:
    """STOP: everything is stopped at once; only then one of the two is offered, to be answered or not."""
    person, say = visit.person, visit.say
    if not person.known:
        aside(visit, progress, say("All right, Bapak/Ibu. We send no invitations or announcements here."))
        return
    offered = progress is None or progress.form == "topics"
    if person.notices == Topic(0):
        # The offer after the first STOP still stands, if it was not answered.
        aside(visit, None if offered else progress, _stopped_already(say))
        return
    set_notices(visit, Topic(0))
    if offered:
        begin(visit, "topics", lead=_stopped(say))
        return
    offer = say("Do you still want one of the two? Reply **UNDANGAN** or **PENGUMUMAN**.")
    aside(visit, progress, f"{_stopped(say)}\n\n{offer}")


def stop_one(visit: Visit, progress: Progress | None, topic: Topic) -> None:
    """STOP UNDANGAN, STOP PENGUMUMAN: the other topic stays as it is."""
    before = visit.person.notices
    if not visit.person.known or not before:
        stop(visit, progress)
        return
    left = before & ~topic
    if left != before:
        set_notices(visit, left)
    aside(visit, progress, _welcome(left, visit.say))


def bring_back(visit: Visit, progress: Progress | None, topics: Topic) -> None:
    """MULAI brings back all topics; UNDANGAN and PENGUMUMAN one that was stopped."""
    topics |= visit.person.notices or Topic(0)
    set_notices(visit, topics)
    aside(visit, progress, _welcome(topics, visit.say))


def has_stopped(visit: Visit, topics: Topic) -> bool:
    """Whether the person was asked once and does not get all of these now."""
    return visit.person.notices is not None and topics not in visit.person.notices


def topic_kept(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    """The answer to the offer after STOP."""
    if turn.event == "finished":
        bring_back(visit, None, TOPICS[turn.values["topics"] or ""])
    else:
        visit.reply(visit.say("All right. Everything stays stopped. Want it again? Reply **MULAI**."))


def _stopped(say: Say) -> str:
    return say(
        "All right, Bapak/Ibu. Invitations and announcements have stopped. News about your own registration still"
        " comes. Want everything again? Reply **MULAI**."
    )


def _stopped_already(say: Say) -> str:
    return say(
        "Invitations and announcements have stopped already, Bapak/Ibu. News about your own registration still comes."
        " Want everything again? Reply **MULAI**."
    )


def _welcome(topics: Topic, say: Say) -> str:
    """What comes from now on."""
    if topics == ALL_TOPICS:
        return say(
            "Invitations and announcements come again. To stop: **STOP**. To stop only one: **STOP UNDANGAN** or"
            " **STOP PENGUMUMAN**."
        )
    if topics == Topic.EVENTS:
        return say("All right. Invitations to meetings come, announcements do not. To stop everything: **STOP**.")
    if topics == Topic.ANNOUNCEMENTS:
        return say("All right. Announcements come, invitations to meetings do not. To stop everything: **STOP**.")
    return _stopped(say)
