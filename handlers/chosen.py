"""What UBAH, BATAL and HAPUS begin for one registration, and the question which one where there are several.

Not for: reading the words (handlers/worker.py) or what the answers lead to (handlers/endings.py).
"""

from __future__ import annotations

from collections.abc import Callable

from conversation.progress import Doubt
from domain.registration import Registration, Status
from handlers import outcome, privacy
from handlers.filing import CHANGEABLE
from handlers.salutation import first_name
from handlers.status import status_label
from handlers.visit import Visit
from handlers.walk import begin


def change(visit: Visit, registration: Registration) -> None:
    """UBAH after the receipt."""
    if registration.status in CHANGEABLE:
        begin(visit, "change", registration_id=registration.id, detour=("change",))
    elif registration.status is Status.NEEDS_CORRECTION:
        outcome.ask_again(visit.tx, visit.person, registration, visit.office)
    else:
        begin(visit, "note", registration_id=registration.id)


def withdraw(visit: Visit, registration: Registration) -> None:
    """BATAL after the receipt: asked once."""
    begin(
        visit,
        "withdraw",
        registration_id=registration.id,
        lead=visit.say("Registration number **{receipt}**.", receipt=registration.receipt),
    )


def ask_to_erase(visit: Visit, registration: Registration) -> None:
    if len(privacy.erasable(visit)) == 1:
        begin(visit, "erase")
        return
    _, label = _label(visit, registration)
    lead = visit.say("Only this registration: **{label}**.", label=label)
    begin(visit, "erase_one", registration_id=registration.id, lead=lead)


def ask_to_erase_all(visit: Visit) -> None:
    """HAPUS for everybody who registered through this chat: each is named once more."""
    names = ", ".join(label for _, label in (_label(visit, each) for each in privacy.erasable(visit)))
    begin(visit, "erase", lead=visit.say("All registrations of this chat: {names}.", names=names))


CHOSEN: dict[str, Callable[[Visit, Registration], None]] = {
    "change": change,
    "cancel": withdraw,
    "erase": ask_to_erase,
}


def choose(visit: Visit, what: str, files: list[Registration]) -> None:
    """The one registration meant, or the question which of several."""
    if not files and what == "erase":
        begin(visit, "erase")
    elif not files and what == "cancel":
        visit.reply(visit.say("There is no registration to cancel. To register, reply **DAFTAR**."))
    elif not files:
        visit.reply(visit.say("There is nothing to change here now. To register, reply **DAFTAR**."))
    elif len(files) == 1:
        CHOSEN[what](visit, files[0])
    else:
        begin(visit, "which", carry=what, doubt=Doubt("which", what, tuple(_label(visit, each) for each in files)))


def _label(visit: Visit, file: Registration) -> tuple[str, str]:
    name = first_name(visit.tx.registrations.answers(file.id))
    return str(file.id), f"{file.receipt or status_label(file.status, visit.say)} {name}".strip()


def files_in(visit: Visit, states: frozenset[Status]) -> list[Registration]:
    return [each for each in visit.tx.registrations.of_person(visit.person.id) if each.status in states]
