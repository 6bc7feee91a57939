"""An event in words: when, where, what to bring; the same in an answer, a reminder, a notice and on the poster.

Not for: what is asked or counted (handlers/attendance.py, handlers/events.py).
"""

from __future__ import annotations

from datetime import date

from conversation.say import N_
from domain.errors import Invalid
from domain.event import Answer, Event
from handlers.notices import place_name
from handlers.office import Office

_WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)

ANSWERS: dict[Answer, str] = {Answer.COMES: N_("comes"), Answer.DECLINES: N_("cannot come")}

# What admins are told whose date and hour cannot be taken (domain/event_time.py).
WHEN_REFUSED: dict[str, str] = {
    "when_not_understood": N_("Please write day and hour. Example: 25-11-2026 10.00"),
    "when_no_time": N_("The hour is missing. Please write both. Example: 25-11-2026 10.00"),
    "when_unclear_hour": N_("Is that by day or at night? Please write the hour as 14.00."),
    "when_past": N_("That time is over already. Please write a later one."),
    "when_far": N_("That is more than two years ahead. Please look at the year again."),
    "when_other_zone": N_("Here it is {here}, not {zone}. Please write the hour in {here}."),
}


def when_refused(invalid: Invalid, office: Office) -> str:
    """Why a date and hour cannot be taken, and what to do."""
    here = office.places.area.zone_label
    return office.say(WHEN_REFUSED[invalid.code], here=here, zone=invalid.facts.get("zone", ""))


def day_of(day: date, office: Office) -> str:
    """Rabu, 25 November 2026."""
    return f"{office.say(_WEEKDAYS[day.weekday()])}, {office.say.date(day)}"


def event_day(event: Event, office: Office) -> str:
    """The day it is on, with its weekday."""
    return day_of(event.day(office.zone), office)


def when(event: Event, office: Office) -> str:
    """Rabu, 25 November 2026, 10.00 WIT: in the zone of the area served."""
    weekday = office.say(_WEEKDAYS[event.day(office.zone).weekday()])
    return f"{weekday}, {office.say.time(event.start)}"


def where(event: Event, office: Office) -> str:
    """Balai Desa, Negeri Latuhalat."""
    village = place_name(event.village, office) if event.village else ""
    return ", ".join(part for part in (event.place, village) if part)


def details(event: Event, office: Office) -> str:
    """When, where and what to bring, one line each."""
    say = office.say
    lines = [say("Day: **{when}**", when=when(event, office)), say("Place: {where}", where=where(event, office))]
    if event.bring:
        lines.append(say("Please bring: {things}", things=event.bring))
    return "\n".join(lines)
