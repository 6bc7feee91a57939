"""The staff: joining by a code, inviting, and what an admin may change about an officer.

Not for: the areas' list (handlers/staff_areas.py) or what becomes of an officer's cases (handlers/suspension.py).
"""

from __future__ import annotations

import re
from dataclasses import replace

from conversation.late import late
from conversation.messages import Choice, Commands, Message
from conversation.words import meanings, normal
from domain.officer import Officer, Role
from domain.registration import Actor
from handlers import staff_areas, suspension
from handlers.hold import moment, officer_at
from handlers.menu import choices, entries, help_text
from handlers.notices import place_names, tell
from handlers.taps import data, numbers
from handlers.visit import Command, Press, Visit
from storage.queue import Desk
from storage.staff import Invite

_CODE = re.compile(r"[A-Za-z2-9]{10}")
# Telegram takes a hundred choices under a message, and a long one goes out in pieces.
_IN_A_LIST = 40
# Numbers of two digits are picks.
_BY_NUMBER = 99
_INVITE = {"invite_officer": Role.OFFICER, "invite_admin": Role.ADMIN}


def join(visit: Visit, code: str) -> bool:
    """Become an officer or admin by a one-time code; False when this is no such code at all."""
    tx, say, person = visit.tx, visit.say, visit.person
    if not _CODE.fullmatch(code):
        return False
    invite = tx.staff.invitation(code)
    if invite is None or invite.state != "open":
        visit.reply(say("This code is not valid, or was used already. Please ask the admin for a new one."))
        return True
    before = tx.staff.at_address(person.id)
    if before is not None and before.active and before.role is Role.ADMIN and invite.role is Role.OFFICER:
        visit.reply(say("You are an admin already; the code stays unused."))
        return True
    if tx.staff.use_invitation(invite, person.id):
        _welcome(visit, invite, before)
    return True


def desk_text(visit: Visit, desk: Desk, words: str) -> bool:
    """Places typed while an area is being chosen; False when none is."""
    if desk.step not in (*_INVITE, "areas"):
        return False
    if "cancel" in meanings(words):
        visit.reply(_stop(visit, desk))
    elif normal(words) in ("selesai", "done"):
        said = _done(visit, desk, desk.picked) if desk.picked else visit.say("Please choose an area first.")
        if said:
            visit.reply(said)
    else:
        try:
            codes = staff_areas.by_number(visit, words) or staff_areas.read(words, visit.office)
        except staff_areas.Unclear as unclear:
            staff_areas.unclear(visit, desk, str(unclear))
        else:
            picked = tuple(sorted({*desk.picked, *codes}))
            staff_areas.keep(visit, desk, picked)
            if visit.limits.edits:
                chosen = staff_areas.so_far(visit, picked)
                visit.reply(chosen, (Choice(visit.say("Finished"), data("s", "done")),))
    return True


def _welcome(visit: Visit, invite: Invite, before: Officer | None) -> None:
    tx, say, person = visit.tx, visit.say, visit.person
    tx.people.keep(person)
    name = visit.incoming.first_name.strip()[:40] or (before.name if before else "")
    name = name or say("Officer {n}", n=len(tx.staff.all()) + 1)
    officer = tx.staff.enrol(person, role=invite.role, areas=invite.areas, name=name)
    tx.audit.record("joined", actor=_actor(officer), actor_id=officer.id, detail=f"{officer.role} {officer.id}")
    visit.send(Commands(entries(officer.role, visit.office)))
    head = (
        say("Welcome. You are an **admin** for {area} now.", area=place_names(officer.areas, visit.office))
        if officer.role is Role.ADMIN
        else say("Welcome. You are an **officer** for {area} now.", area=place_names(officer.areas, visit.office))
    )
    visit.reply(f"{head}\n\n{help_text(officer.role, visit.office)}", choices(officer.role, visit.office))


def _names_role(rest: str) -> bool:
    return rest.split()[0].lower() in ("petugas", "admin")


def _invite(visit: Visit, words: str) -> None:
    """/undang: asks role and area, or takes both at once ("/undang petugas Latuhalat")."""
    say = visit.say
    role, _, places = words.strip().partition(" ")
    step = {"petugas": "invite_officer", "admin": "invite_admin"}.get(role.lower())
    if step is None:
        options = (
            Choice(say("An officer"), data("s", "invite", "officer")),
            Choice(say("An admin"), data("s", "invite", "admin")),
        )
        visit.reply(say("Whom do you invite?"), options)
    elif not places.strip():
        staff_areas.ask(visit, step)
    else:
        try:
            codes = staff_areas.read(places, visit.office)
        except staff_areas.Unclear as unclear:
            visit.reply(str(unclear))
            return
        _send_invitation(visit, _INVITE[step], codes)


def _send_invitation(visit: Visit, role: Role, areas: tuple[str, ...]) -> None:
    """The code and its links, to be handed on by the admin."""
    tx, say, admin = visit.tx, visit.say, officer_at(visit)
    until = tx.at + visit.office.rules.invite_hours * 3_600_000
    code = tx.staff.invite(role=role, areas=areas, expires_at=until, created_by=admin.id)
    tx.audit.record("invited", actor=Actor.ADMIN, actor_id=admin.id, detail=role)
    what = say("an admin") if role is Role.ADMIN else say("an officer")
    lines = [
        say("Invitation for {role}, {area}.", role=what, area=place_names(areas, visit.office)),
        say("It works once, until {time}. Hand it on in private.", time=say.time(moment(until))),
        *(link(code) for link in visit.office.links.values()),
        f"GABUNG {code}",
    ]
    visit.reply("\n".join(lines))


def _list(visit: Visit, words: str = "") -> None:
    """/petugas: everybody with role, area and state; one choice each. /petugas 41: the one of that number."""
    everybody = list(enumerate(visit.tx.staff.all(), start=1))
    if named := [one for index, one in everybody if str(index) == words.strip()]:
        _who(visit, named[0])
        return
    # A number picks from the newest message only, so all of them stand in one.
    in_a_list = _BY_NUMBER if visit.limits.numbers else _IN_A_LIST
    for start in range(0, len(everybody), in_a_list):
        some = everybody[start : start + in_a_list]
        lines = [f"{index}. {_line(visit, one)}" for index, one in some]
        options = [Choice(f"{index}. {one.name}"[:60], data("s", "who", one.id)) for index, one in some]
        visit.reply("\n".join([visit.say("**Officers and admins**"), *lines]), options, stacked=True)


def _line(visit: Visit, one: Officer) -> str:
    say = visit.say
    role = say("admin") if one.role is Role.ADMIN else say("officer")
    line = f"{one.name}: {role}, {place_names(one.areas, visit.office)}"
    return line if one.active else say("{line}, suspended", line=line)


def _who(visit: Visit, one: Officer) -> str:
    say = visit.say
    labels = [("hold", say("Suspend"))] if one.active else [("again", say("Reinstate"))]
    labels += [("area", say("Change area")), ("out", say("Remove"))]
    options = [Choice(label, data("s", word, one.id)) for word, label in labels]
    visit.reply(_line(visit, one), options)
    return ""


def _suspend(visit: Visit, one: Officer) -> str:
    if not one.active:
        return visit.say("{name} is suspended already.", name=one.name)
    return _stop_working(visit, one, "suspended")


def _remove(visit: Visit, one: Officer) -> str:
    return _stop_working(visit, one, "removed")


def _stop_working(visit: Visit, one: Officer, state: str) -> str:
    if one.active and one.role is Role.ADMIN and visit.tx.staff.is_last_admin(one.id):
        return visit.say("This is the last admin. Please invite another admin first.")
    suspension.stop(visit.tx, one, visit.office, by=officer_at(visit).id, state=state)
    text = visit.say("{name} is suspended.", name=one.name)
    if state == "removed":
        text = visit.say("{name} is removed.", name=one.name)
    if one.id != officer_at(visit).id:
        visit.reply(text)
    return ""


def _reinstate(visit: Visit, one: Officer) -> str:
    tx, say = visit.tx, visit.say
    if one.active:
        return say("{name} is active already.", name=one.name)
    tx.staff.set_state(one.id, "active")
    tx.audit.record("reinstated", actor=Actor.ADMIN, actor_id=officer_at(visit).id, detail=str(one.id))
    person = tx.people.get(one.address_id)
    if person is not None:
        tx.outbox.put(person, Commands(entries(one.role, visit.office)))
        text = say("You can work in the queue again: /antrean")
        tx.outbox.put(person, Message(text, late=late("office_news")))
    visit.reply(say("{name} is active again.", name=one.name))
    return ""


def _ask_area(visit: Visit, one: Officer) -> str:
    staff_areas.ask(visit, "areas", subject=one.id)
    return ""


def _done(visit: Visit, desk: Desk, areas: tuple[str, ...]) -> str:
    """The area is chosen: invite with it, or give it to the officer."""
    staff_areas.close(visit, desk)
    if desk.step in _INVITE:
        _send_invitation(visit, _INVITE[desk.step], areas)
        return ""
    tx, say = visit.tx, visit.say
    one = tx.staff.get(desk.subject or 0, lock=True)
    if one is None:
        return say("This choice is out of date.")
    tx.staff.set_areas(one.id, areas)
    tx.audit.record("area_changed", actor=Actor.ADMIN, actor_id=officer_at(visit).id, detail=str(one.id))
    named = place_names(areas, visit.office)
    person = tx.people.get(one.address_id)
    if person is not None and one.active and one.id != officer_at(visit).id:
        text = say("Your area is now: {area}.", area=named)
        tx.outbox.put(person, Message(text, late=late("office_news")), lane=1)
        # Its cases were told to others, or to nobody.
        tell(tx, replace(one, areas=areas), visit.office)
    visit.reply(say("{name} looks after {area} now.", name=one.name, area=named))
    return ""


def _stop(visit: Visit, desk: Desk) -> str:
    staff_areas.close(visit, desk)
    return visit.say("Nothing was changed.")


_PEOPLE = {"who": _who, "hold": _suspend, "again": _reinstate, "area": _ask_area, "out": _remove}


def _tap(visit: Visit, parts: list[str]) -> str:
    word, rest = (parts[0] if parts else ""), parts[1:]
    if word == "invite" and rest in (["officer"], ["admin"]):
        staff_areas.ask(visit, f"invite_{rest[0]}")
        return ""
    given = numbers(rest, 1)
    if word in _PEOPLE and given:
        one = visit.tx.staff.get(given[0], lock=True)
        # Who was removed comes back by an invitation, not by an old choice.
        there = one is not None and any(each.id == one.id for each in visit.tx.staff.all())
        return _PEOPLE[word](visit, one) if one and there else visit.say("This choice is out of date.")
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if desk is None or desk.step not in (*_INVITE, "areas"):
        return visit.say("This choice is out of date.")
    if word == "pick" and given:
        return staff_areas.toggle(visit, desk, given[0])
    if word == "all":
        return _done(visit, desk, ())
    if word == "done" and desk.picked:
        return _done(visit, desk, desk.picked)
    return _stop(visit, desk) if word == "stop" else visit.say("Please choose an area first.")


def _actor(officer: Officer) -> Actor:
    return Actor.ADMIN if officer.role is Role.ADMIN else Actor.OFFICER


COMMANDS: dict[str, Command] = {
    "undang": Command(Role.ADMIN, _invite, _names_role),
    "petugas": Command(Role.ADMIN, _list, str.isdigit),
}
TAPS: dict[str, Press] = {"s": Press(Role.ADMIN, _tap)}
