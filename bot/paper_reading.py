"""Reads what stands in a file that an admin asked for: in slices, beside the writers, so that nobody waits for it.

However many people a broadcast went to, no more of them are in memory than the file shows.
Not for: which words it says (handlers/) or making it (bot/papers.py).
"""

from __future__ import annotations

from domain.broadcast import Broadcast
from domain.event import Event
from domain.officer import Officer
from handlers import broadcast_report, event_papers, unreached
from handlers.broadcast_figures import Figures
from handlers.office import Office
from handlers.paper_orders import Letter, Order
from storage.engine import Row
from storage.store import Store, Tx

PAGE = 2_000
"""Recipients counted at a time."""
_HOMES = 25
"""People whose data are opened at a time."""


async def read(store: Store, office: Office, order: Order, officer: Officer) -> Letter | None:
    """What is asked for; None where it is gone."""
    if order.kind in ("poster", "event"):
        return await _of_event(store, office, order, officer)
    broadcast = await store.read(_broadcast, order.subject_id)
    if broadcast is None:
        return None
    if order.kind == "visits":
        return await _visits(store, office, broadcast, officer)
    figures = await _figures(store, broadcast.id)
    number = broadcast.number
    if order.kind == "chart":
        text = broadcast_report.caption(broadcast, figures, office, at=int(store.clock().timestamp() * 1000))
        return Letter(broadcast_report.chart(broadcast, figures, office), text)
    text = office.say("The table of broadcast {number}, without anybody's data.", number=number)
    return Letter(broadcast_report.workbook(broadcast, figures, office), text, f"siaran-{number}.xlsx")


async def _figures(store: Store, broadcast_id: int) -> Figures:
    figures, after = Figures(), 0
    while True:
        upto, rows = await store.read(_tally, broadcast_id, after)
        if upto is None:
            return figures
        figures.add(rows)
        after = upto


async def _visits(store: Store, office: Office, broadcast: Broadcast, officer: Officer) -> Letter:
    missed: list[unreached.Missed] = []
    after = total = unknown = 0
    while True:
        upto, rows = await store.read(_unreached, broadcast.id, after)
        if upto is None:
            break
        found, nameless = unreached.of_page(rows, officer, office)
        missed = unreached.first(missed, found)
        total, unknown, after = total + len(found), unknown + nameless, upto
    homes: list[unreached.Home] = []
    for start in range(0, len(missed), _HOMES):
        homes += await store.read(unreached.homes, missed[start : start + _HOMES], officer, office)
    text = unreached.text(broadcast, len(homes), total, unknown, office)
    paper = unreached.workbook(broadcast, homes, office)
    number = broadcast.number
    return Letter(paper, text, f"kunjungan-siaran-{number}.xlsx", people=len(homes), about=str(number))


async def _of_event(store: Store, office: Office, order: Order, officer: Officer) -> Letter | None:
    event = await store.read(_event, order.subject_id)
    if event is None:
        return None
    if order.kind == "poster":
        text = office.say("The poster of the event, to be printed on A4.")
        return Letter(event_papers.poster(event, office), text, f"poster-{event.word}.pdf")
    by_village = await store.read(event_papers.counts, event.id)
    rows = [row for row in await store.read(_guests, event.id) if officer.covers(row["village"])]
    guests: list[event_papers.Guest] = []
    for start in range(0, len(rows), _HOMES):
        guests += await store.read(event_papers.guests, rows[start : start + _HOMES], office)
    text = event_papers.text(event, len(guests), office)
    paper = event_papers.workbook(event, by_village, guests, office)
    return Letter(paper, text, f"acara-{event.word}.xlsx", people=len(guests), about=event.word)


def _event(tx: Tx, event_id: int) -> Event | None:
    return tx.events.get(event_id)


def _guests(tx: Tx, event_id: int) -> list[Row]:
    return tx.events.guests(event_id, limit=event_papers.MOST_GUESTS)


def _broadcast(tx: Tx, broadcast_id: int) -> Broadcast | None:
    return tx.broadcasts.get(broadcast_id)


def _tally(tx: Tx, broadcast_id: int, after: int) -> tuple[int | None, list[Row]]:
    return tx.recipients.tally(broadcast_id, after=after, limit=PAGE)


def _unreached(tx: Tx, broadcast_id: int, after: int) -> tuple[int | None, list[Row]]:
    return tx.recipients.unreached(broadcast_id, after=after, limit=PAGE)
