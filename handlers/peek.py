"""Photo and NIK on a page of ours, where a message could not be taken back: the link to it, and its one opening.

Not for: how the page looks or who gets through its door (bot/page.py), or a message with a NIK (verification.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from conversation.messages import Message
from domain.registration import Registration, Status
from handlers import card
from handlers.hold import lease_end, officer_at
from handlers.labels import length
from handlers.office import Office
from handlers.sensitive import latest
from handlers.visit import Visit
from storage.store import Tx

PATH = "/lihat/"


@dataclass(frozen=True)
class Sight:
    """What the page shows. `facts` are texts with a {value} and that value; `photo` and `letter` name files."""

    receipt: str
    facts: tuple[tuple[str, str], ...] = field(repr=False)
    photo: str = ""
    letter: str = ""


@dataclass(frozen=True)
class NotShown:
    """Why nothing is shown, as a short plain word for the log."""

    code: str


def send_link(visit: Visit, case: Registration) -> str:
    """Send the link to the page of a case this officer holds; the acknowledgement."""
    tx, say, office, officer = visit.tx, visit.say, visit.office, officer_at(visit)
    deletes = office.limits_of(visit.person.address.channel).deletes
    if not office.page:
        if deletes:
            return say("The page for photo and NIK is not set up. Please tap **Look at KTP**.")
        return say(
            "Photo and NIK can be shown here only on a page of the office, and that page is not set up. Please tell the"
            " admin. In Telegram you can see them."
        )
    token = tx.peeks.issue(case, officer.id, until=tx.at + office.rules.page_time * 1000)
    text = say(
        "Photo and NIK of {receipt}:\n{link}\n\nOpen it yourself, within {span}. It opens once, in one browser only."
        " Do not pass it on.\n\nThen decide here:",
        receipt=case.receipt,
        link=f"{office.page}{PATH}{token}",
        span=length(office.rules.page_time, say),
    )
    sent = visit.send(Message(text, card.decision_choices(case, office), protected=True))
    if deletes:
        tx.sights.must_go(officer.id, visit.person.id, until=latest(visit), registration_id=case.id, outbox_id=sent)
    return ""


def open_once(tx: Tx, token: str, office: Office) -> Sight | NotShown:
    """Use a link up and record the view, if its officer still holds this version of the case; else say why not."""
    peek = tx.peeks.find(token)
    if peek is None:
        return NotShown("unknown")
    # Officer before registration: the order in which everybody locks them.
    officer = tx.staff.get(peek["officer_id"], lock=True)
    case = tx.registrations.get(peek["registration_id"], lock=True)
    if officer is None or not officer.active:
        return NotShown("not_active")
    if (
        case is None
        or case.status is not Status.IN_REVIEW
        or case.officer_id != officer.id
        or case.address_id == officer.address_id
    ):
        return NotShown("not_held")
    if case.version != peek["version"]:
        return NotShown("changed")
    if not tx.peeks.use(peek["id"]):
        return NotShown("used" if peek["used_at"] is not None else "expired")
    tx.queue.extend(case.id, officer.id, until=lease_end(tx, office))
    tx.sights.record(case, officer.id, "ktp")
    photo = tx.registrations.photo(case.id) if case.has_photo else None
    letter = tx.registrations.photo(case.id, "evidence")
    return Sight(
        receipt=case.receipt or "-",
        facts=tuple(card.ktp_facts(tx, case, office)),
        photo=photo.name if photo else "",
        letter=letter.name if letter else "",
    )
