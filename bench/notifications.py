"""What a network that tells everything three times costs: messages with their notifications, and a late broadcast.

Not for: what is made of the figures (report.py) or the other end (graph.py).
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import bots, fill
from bench.broadcast import ready_to_go
from bench.dialogue import STEPS, says
from bench.graph import Graph, message_body
from bench.load import FIRST_CHAT, Load, Talk
from domain.address import Address
from domain.broadcast import Outcome

PER_SECOND = 80.0
_CROWD = 1_500_000_000
_LATENCY = 0.05
_QUIET = {"LINDUNG_QUIET_HOURS": "off", "LINDUNG_WORSHIP_TIMES": "off"}


@dataclass
class Steady:
    """So many messages a second for some time, `told` notifications beside them. `core`: share of one; waits in ms."""

    messages: int = 0
    told: int = 0
    seconds: float = 0.0
    core: float = 0.0
    refused: int = 0
    message_cpu: float = 0.0
    told_cpu: float = 0.0
    rss: float = 0.0
    answers: list[float] = field(default_factory=list, repr=False)
    notified: list[float] = field(default_factory=list, repr=False)


@dataclass
class LateSending:
    """A broadcast by late text to people whose time for free text is over."""

    people: int
    seconds: float = 0.0
    share: float = 0.0
    by_template: int = 0
    doubles: int = 0
    missed: int = 0
    delivered: int = 0
    cpu: float = 0.0
    core: float = 0.0
    rss: float = 0.0


class WhatsAppLoad(Load):
    """The same dialogues in the other network's words."""

    def _update(self, talk: Talk) -> bytes:
        return message_body(FIRST_CHAT + talk.number, next(self._update_ids), says(talk.number, talk.step))


async def flood(filled: Path, *, window: int, seconds: float) -> Steady:
    """As fast as it goes: `window` messages in flight, each told of three times."""
    result = Steady()
    async with _running(filled) as (graph, own):
        with bots.lindung_on_whatsapp(own, graph.url) as bot:
            graph.posts_to(bot, lines=window)
            load = WhatsAppLoad(graph, bot, fill.people(1000), newcomers_from=10_001)
            await load.first_answer(10_000)
            graph.waits.clear()
            told, cpu, began = graph.told, bot.cpu_seconds(), time.monotonic()
            figures = await load.run(window=window, warm_up=0.0, seconds=seconds)
            result.seconds = time.monotonic() - began
            result.messages, result.told = figures.updates, graph.told - told
            result.core = (bot.cpu_seconds() - cpu) / result.seconds
            result.answers, result.notified = figures.waits, list(graph.waits)
            result.refused = graph.refused + figures.wrong
            await graph.rests()
    return result


async def steady(filled: Path, *, seconds: float) -> Steady:
    """Eighty messages a second, first untold, then told of: what is more then is what notifications cost."""
    alone = await _steady(filled, seconds=seconds, tells=False)
    result = await _steady(filled, seconds=seconds, tells=True)
    result.message_cpu = alone.core * alone.seconds * 1000 / alone.messages
    extra = result.core - alone.core * (result.messages / result.seconds) / (alone.messages / alone.seconds)
    result.told_cpu = extra * result.seconds * 1000 / result.told
    return result


async def _steady(filled: Path, *, seconds: float, tells: bool) -> Steady:
    result = Steady()
    async with _running(filled, tells=tells) as (graph, own):
        with bots.lindung_on_whatsapp(own, graph.url) as bot:
            graph.posts_to(bot)
            load = WhatsAppLoad(graph, bot, [], newcomers_from=10_001)
            await load.first_answer(10_000)
            people = deque(fill.people(1000))
            work: list[asyncio.Task[None]] = []
            graph.waits.clear()
            told, cpu, began = graph.told, bot.cpu_seconds(), time.monotonic()
            doors = deque(bot.door() for _ in range(200))
            while (since := time.monotonic() - began) < seconds:
                if len(work) >= since * PER_SECOND:
                    await asyncio.sleep(0.002)
                    continue
                talk = people.popleft()
                if talk.step >= STEPS:
                    talk = Talk(talk.number + 100_000, 0)
                work.append(asyncio.create_task(_say(load, talk, doors, result.answers)))
                people.append(talk)
            result.seconds = time.monotonic() - began
            result.core = (bot.cpu_seconds() - cpu) / result.seconds
            result.told, result.rss = graph.told - told, bot.rss_mb()
            await asyncio.gather(*work)
            await graph.rests()
            result.messages = len(work)
            result.notified, result.refused = list(graph.waits), graph.refused
    return result


async def _say(load: WhatsAppLoad, talk: Talk, doors: deque[object], answers: list[float]) -> None:
    door = doors.popleft()
    answers.append(await load.say(talk, door) * 1000)  # type: ignore[arg-type]
    doors.append(door)


async def prepared(folder: Path, people: int) -> None:
    """A database with so many people who have been silent for two days, and a broadcast ready to go."""
    await fill.fill_lindung(folder, 10, at=fill.on_whatsapp)
    await ready_to_go(folder, people, _at)
    database = sqlite3.connect(folder / "data" / "lindung.db")
    database.execute("UPDATE addresses SET last_in_at = last_in_at - 2 * 86400000")
    database.commit()
    database.close()


def _at(number: int) -> Address:
    return Address("whatsapp", bots.NUMBER_ID, f"ID.{_CROWD + number}", str(_CROWD + number))


async def late_broadcast(filled: Path, people: int) -> LateSending:
    """From the first message to the last, each told of three times."""
    result = LateSending(people)
    async with _running(filled, crowd=range(_CROWD, _CROWD + people)) as (graph, own):
        with bots.lindung_on_whatsapp(own, graph.url, more=_QUIET) as bot:
            while not graph.received:
                bot.must_run()
                await asyncio.sleep(0.01)
            graph.posts_to(bot)
            began, cpu, first = time.monotonic(), bot.cpu_seconds(), len(graph.received)
            while len(graph.received) < people:
                bot.must_run()
                await asyncio.sleep(0.02)
            result.seconds = time.monotonic() - began
            used = bot.cpu_seconds() - cpu
            result.share = (people - first) / (PER_SECOND * result.seconds)
            result.cpu, result.core = used * 1000 / people, used / result.seconds
            await graph.rests()
            await asyncio.sleep(2.0)
            result.rss = bot.rss_mb()
        rows = _outcomes(own)
        result.delivered = rows.get(Outcome.DELIVERED, 0)
        result.by_template = graph.by_template
        result.doubles = sum(n - 1 for n in graph.received.values())
        result.missed = people - rows.get(Outcome.SENT, 0) - result.delivered
    return result


def _outcomes(own: Path) -> dict[str, int]:
    database = sqlite3.connect(f"file:{own}/data/lindung.db?mode=ro", uri=True)
    try:
        return dict(database.execute("SELECT outcome, COUNT(*) FROM recipients GROUP BY outcome").fetchall())
    finally:
        database.close()


@asynccontextmanager
async def _running(filled: Path, *, tells: bool = True, crowd: range = range(0)) -> AsyncIterator[tuple[Graph, Path]]:
    """A copy of the filled folder and a network."""
    own = Path(shutil.copytree(filled, filled.with_name("running")))
    try:
        async with Graph(latency=_LATENCY, tells=tells, crowd=crowd) as graph:
            yield graph, own
    finally:
        shutil.rmtree(own)
