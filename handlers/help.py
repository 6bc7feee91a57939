"""What a lost person is told: the words that work, the office and its hours, a human.

Not for: the commands of a role (handlers/menu.py).
"""

from __future__ import annotations

from conversation.messages import Choice
from domain.officer import Officer
from handlers import queue
from handlers.menu import choices, help_text
from handlers.sensitive import mentions_nik, own_message_must_go
from handlers.visit import Visit


def words(visit: Visit) -> str:
    """The answer to BANTUAN."""
    office = visit.office
    lines = [
        visit.say(
            "You can type:\n**DAFTAR** to register\n**STATUS** to see how far it is\n**UBAH** to change\n**KEMBALI** to"
            " go back\n**DATA SAYA** to see the data\n**HAPUS** to erase it\n**PETUGAS** to ask a human\n**BATAL** to"
            " stop"
        )
    ]
    if len(office.links) > 1:
        lines.append(visit.say("**SAMBUNG** to go on in another chat"))
    return "\n".join([*lines, "", visit.say("Office: {address}, {hours}.", address=office.address, hours=office.hours)])


def to_officer(visit: Visit, officer: Officer) -> None:
    """MENU and BANTUAN of an officer or admin; a greeting too, for they register somebody only when they say so."""
    visit.reply(help_text(officer.role, visit.office), choices(officer.role, visit.office))


def contact(visit: Visit) -> str:
    """PETUGAS: where a human is, at once."""
    office = visit.office
    return visit.say(
        "Officers of {office} help you: {contact}. Open {hours}, {address}. It is free.",
        office=office.name,
        contact=office.contact,
        hours=office.hours,
        address=office.address,
    )


def not_understood(visit: Visit) -> None:
    """Something came that fits nothing, and no question is open."""
    if visit.officer is not None:
        if mentions_nik(visit.incoming.text):
            own_message_must_go(visit)
        visit.reply(visit.say("Sorry, we do not understand this. All commands: /bantuan"))
        return
    visit.reply(
        visit.say("Sorry, we do not understand yet. Reply **STATUS**, **DAFTAR** or **BANTUAN**."),
        (
            Choice(visit.say("How far is it?"), "w:status"),
            Choice(visit.say("Register"), "w:register"),
            Choice(visit.say("Help"), "w:help"),
        ),
    )


def ask_office(visit: Visit, text: str) -> str:
    """Leave a question for the office, no case of the queue, but answered in this chat; what to tell the person."""
    tx = visit.tx
    files = tx.registrations.of_person(visit.person.id)
    number = tx.enquiries.ask(visit.person, area=next((r.area for r in files if r.area), None), text=text)
    queue.asked(tx, number, visit.office)
    return visit.say("Your question has arrived. An officer answers here, in this chat.")
