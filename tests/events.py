"""Events for tests: one planned for a day and an hour of the area served, and an invitation sent to everybody.

Not for: composing by an admin; that is tested by talking.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from domain.audience import Audience
from domain.broadcast import Broadcast, Content, Kind, State
from domain.event import Event
from domain.registration import Actor
from storage.store import Tx
from tests.broadcasts import LATUHALAT, admin_id, now, sent
from tests.chat import LiveOffice, Villager

PLACE = "Balai Negeri"


async def planned(
    office: LiveOffice, *, days: int = 2, at: time = time(10), place: str = PLACE, village: str | None = LATUHALAT
) -> Event:
    """An event so many days from today, local time."""
    owner, zone = await admin_id(office), office.office.zone
    day = office.office.today(office.clock.now) + timedelta(days=days)
    starts_at = int(datetime.combine(day, at, tzinfo=zone).timestamp() * 1000)

    def unit(tx: Tx) -> Event:
        return tx.events.add(starts_at=starts_at, village=village, place=place, bring="KTP", created_by=owner)

    return await office.store.transact(unit)


async def invited(office: LiveOffice, event: Event, *, audience: Audience | None = None) -> Broadcast:
    """An invitation to it, sent."""
    owner = await admin_id(office)

    def unit(tx: Tx) -> int:
        draft = tx.broadcasts.draft(
            owner,
            kind=Kind.INVITATION,
            content=Content("Undangan sosialisasi."),
            audience=(audience or Audience()).to_bytes().decode(),
            event_id=event.id,
        )
        tx.broadcasts.begin_scan(draft.id)
        return tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=owner).id

    number = await office.store.transact(unit)
    await office.broadcasts_go_on()
    return await sent(office, await now(office, number))


async def clock_at(office: LiveOffice, event: Event, at: time, *, days: int = 0) -> None:
    """Time passes until that hour, so many days from the event's."""
    zone = office.office.zone
    then = datetime.combine(event.day(zone) + timedelta(days=days), at, tzinfo=zone)
    await office.later(seconds=(then - office.clock.now).total_seconds())


async def wants_notices(office: LiveOffice, villager: Villager) -> None:
    """Registered, and glad of invitations."""
    await villager.registers("pengumuman")
    await villager.says("YA")
    await office.settles()


def attendances(office: LiveOffice) -> list[tuple[str | None, str | None, bool]]:
    """(village, answer, present) of everybody."""
    rows = office.rows("SELECT village, answer, present_at FROM attendances ORDER BY address_id")
    return [(village, answer, present is not None) for village, answer, present in rows]


def strangers(office: LiveOffice) -> int:
    return sum(row[0] for row in office.rows("SELECT strangers FROM events"))
