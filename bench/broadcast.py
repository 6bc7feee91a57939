"""A broadcast to very many people, against a Bot API that enforces its limits, while workers go on talking.

The network's pace and ours are ten times Telegram's, so that half an hour becomes three minutes. Not for: what is
made of the figures (report.py).
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench import bots, fill
from bench.bots import TOKEN, Bot
from bench.dialogue import STEPS
from bench.load import Load, Talk
from bench.network import BotApi, TooMany
from bot.app import office_of
from bot.open_store import opened
from domain.address import Address
from domain.broadcast import Content, Kind, Outcome, State
from domain.officer import Role
from domain.registration import Actor
from domain.topic import ALL_TOPICS
from handlers import due_broadcasts
from storage.store import Tx

FASTER = 10
PER_SECOND = 30.0 * FASTER
# Telegram takes about a second's worth at once; ours is no more generous for being faster.
_BURST = 30.0
_FIRST = 1_500_000_000
_TALKING = 40
_PAUSE = 2.0
_IN_ONE = 500
_TEXT = "Selamat pagi {sapaan}. Besok ada sosialisasi di {desa}. Bawa KTP. Gratis."
_SETTINGS = {
    "LINDUNG_TELEGRAM_PER_SECOND": str(PER_SECOND),
    "LINDUNG_QUIET_HOURS": "off",
    "LINDUNG_WORSHIP_TIMES": "off",
}


@dataclass
class Sending:
    """What one broadcast came to. `share` is of what the network takes, answers included; waits in ms."""

    people: int
    kills: int
    seconds: float = 0.0
    share: float = 0.0
    too_many: int = 0
    doubles: int = 0
    missed: int = 0
    unclear: int = 0
    cpu: float = 0.0
    core: float = 0.0
    rss: float = 0.0
    during: list[float] = field(default_factory=list, repr=False)
    without: list[float] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class Freezing:
    """Making the list of so many people: seconds, and the most memory the program ever had (MB)."""

    people: int
    seconds: float
    rss: float


class LimitedApi(BotApi):
    """A Bot API with Telegram's limit overall, ten times as fast; it counts what each of the crowd was sent."""

    def __init__(self, crowd: range) -> None:
        super().__init__(latency=0.05)
        self._crowd = crowd
        self.received: Counter[int] = Counter()
        self.refused = 0
        self.sends = 0
        self._level, self._at = _BURST, time.monotonic()

    def call(self, method: str, body: bytes, form: bool) -> bytes:
        if method != "sendMessage":
            return super().call(method, body, form)
        now = time.monotonic()
        self._level = min(_BURST, self._level + (now - self._at) * PER_SECOND)
        self._at = now
        if self._level < 1:
            self.refused += 1
            raise TooMany
        self._level -= 1
        self.sends += 1
        return super().call(method, body, form)

    def _arrived(self, chat_id: int, text: str) -> None:
        if chat_id in self._crowd:
            self.received[chat_id] += 1
        else:
            super()._arrived(chat_id, text)

    async def until(self, count: int, bot: Bot) -> None:
        """Until so many of the crowd were sent something."""
        while len(self.received) < count:
            bot.must_run()
            await asyncio.sleep(0.02)


async def prepared(folder: Path, people: int) -> None:
    """A database with so many who want notices, open conversations beside them, and a broadcast ready to go."""
    await fill.fill_lindung(folder, 400)
    await ready_to_go(folder, people, _at)


async def ready_to_go(folder: Path, people: int, at: Callable[[int], Address]) -> None:
    """So many people who want notices, each at an address of theirs, and a broadcast to all of them."""
    settings = fill.settings_of(folder)
    async with opened(settings) as found:
        for first in range(0, people, _IN_ONE):
            await found.store.transact(_crowd, range(first, min(first + _IN_ONE, people)), at)
        await found.store.transact(_compose, at(-1))
        office = office_of(settings, {})
        while await found.store.transact(due_broadcasts.advance, office):
            pass
        await found.store.transact(_go)


def _at(number: int) -> Address:
    return Address("telegram", TOKEN.partition(":")[0], str(_FIRST + number))


def _crowd(tx: Tx, numbers: range, at: Callable[[int], Address]) -> None:
    for number in numbers:
        person, _ = tx.people.arrive(at(number))
        tx.people.keep(person)
        tx.people.set_notices(person.id, ALL_TOPICS)
        case = tx.registrations.draft(person.id, for_other=False)
        tx.registrations.put_answers(case, {"name": fill.name(number), "gender": "P"})
        tx.registrations.save(case, replace(case, area="81.71.01.2001", district="81.71.01", occupation="NEL"))


def _compose(tx: Tx, address: Address) -> None:
    person, _ = tx.people.arrive(address)
    tx.people.keep(person)
    admin = tx.staff.enrol(replace(person, known=True), role=Role.ADMIN, areas=(), name="Rahmat")
    draft = tx.broadcasts.draft(admin.id, kind=Kind.ANNOUNCEMENT, content=Content(_TEXT))
    tx.broadcasts.begin_scan(draft.id)
    tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=admin.id)


def _go(tx: Tx) -> None:
    [broadcast] = tx.broadcasts.in_state(State.PREPARED)
    tx.broadcasts.move(broadcast, State.SCHEDULED, by=Actor.ADMIN)


async def clean(filled: Path, people: int, *, without: float) -> Sending:
    """From the first message to the last with workers talking all the while; then they talk on, `without` seconds."""
    result = Sending(people, kills=0)
    async with _running(filled, people) as (api, own):
        with bots.lindung(own, api.url, more=_SETTINGS) as bot:
            talks = Talks(api, bot)
            await talks.begin()
            await api.until(1, bot)
            began, cpu, sends = time.monotonic(), bot.cpu_seconds(), api.sends
            talks.waits = result.during
            await api.until(people, bot)
            result.seconds = time.monotonic() - began
            used = bot.cpu_seconds() - cpu
            result.share = (api.sends - sends) / (PER_SECOND * result.seconds)
            result.cpu, result.core = used * 1000 / people, used / result.seconds
            result.rss = bot.rss_mb()
            talks.waits = []
            await asyncio.sleep(3.0)
            talks.waits = result.without
            await asyncio.sleep(without)
            await talks.end()
        _finish(result, api, own)
    return result


async def killed(filled: Path, people: int, kills: int = 3) -> Sending:
    """The same, killed with SIGKILL at equal distances."""
    result = Sending(people, kills)
    async with _running(filled, people) as (api, own):
        began = time.monotonic()
        for life in range(1, kills + 1):
            with bots.lindung(own, api.url, more=_SETTINGS) as bot:
                await api.until(people * life // (kills + 1), bot)
        with bots.lindung(own, api.url, more=_SETTINGS) as bot:
            before = -1
            while len(api.received) != before:
                before = len(api.received)
                bot.must_run()
                await asyncio.sleep(5.0)
            result.rss = bot.rss_mb()
        result.seconds = time.monotonic() - began
        _finish(result, api, own)
    return result


def _finish(result: Sending, api: LimitedApi, own: Path) -> None:
    """What the API saw set against what the database says."""
    rows = dict(_look(own, "SELECT outcome, COUNT(*) FROM recipients GROUP BY outcome"))
    result.unclear = rows.get(Outcome.UNCLEAR, 0)
    result.too_many = api.refused
    result.doubles = sum(n - 1 for n in api.received.values())
    result.missed = result.people - rows.get(Outcome.SENT, 0) - result.unclear


def _look(own: Path, question: str) -> list[Any]:
    database = sqlite3.connect(f"file:{own}/data/lindung.db?mode=ro", uri=True)
    try:
        return database.execute(question).fetchall()
    finally:
        database.close()


class _running:  # noqa: N801 (reads as a phrase: async with _running(...))
    """A copy of the filled folder and an API for its crowd."""

    def __init__(self, filled: Path, people: int) -> None:
        self._filled = filled
        self._api = LimitedApi(range(_FIRST, _FIRST + people))

    async def __aenter__(self) -> tuple[LimitedApi, Path]:
        self._own = Path(shutil.copytree(self._filled, self._filled.with_name("running")))
        await self._api.__aenter__()
        return self._api, self._own

    async def __aexit__(self, *_: object) -> None:
        await self._api.__aexit__()
        shutil.rmtree(self._own)


class Talks:
    """Workers who write a message every two seconds, each in the middle of the form; how long each answer took."""

    def __init__(self, api: LimitedApi, bot: Bot) -> None:
        self._load = Load(api, bot, [], newcomers_from=10_000)
        self._bot = bot
        self._new = itertools.count(10_000)
        self.waits: list[float] = []
        self._work: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        await self._load.first_answer(9_999)
        people = fill.people(_TALKING)
        self._work = [asyncio.create_task(self._talk(talk, at * _PAUSE / _TALKING)) for at, talk in enumerate(people)]

    async def end(self) -> None:
        for task in self._work:
            task.cancel()
        for ended in await asyncio.gather(*self._work, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    async def _talk(self, talk: Talk, delay: float) -> None:
        await asyncio.sleep(delay)
        door = self._bot.door()
        while True:
            began, waits = time.monotonic(), self.waits
            waits.append((await self._load.say(talk, door)) * 1000)
            if talk.step >= STEPS:
                talk = Talk(next(self._new), 0)
            await asyncio.sleep(max(0.0, began + _PAUSE - time.monotonic()))


async def freezing(folder: Path, people: int) -> Freezing:
    """How long the list of so many takes, and what memory: addresses that say nothing, for none is written to."""
    await fill.fill_lindung(folder, 10)
    settings = fill.settings_of(folder)
    async with opened(settings) as found:
        await found.store.transact(_compose, _at(-1))
    database = sqlite3.connect(folder / "data" / "lindung.db")
    database.execute(
        "INSERT INTO addresses (id, channel, address_digest, sealed, created_at, last_in_at, notices)"
        " SELECT n, 'telegram', CAST('a' || n AS BLOB), x'00', 0, 0, 3 FROM"
        " (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?) SELECT n FROM c)",
        (people,),
    )
    database.commit()
    database.close()
    async with LimitedApi(range(0)) as api:
        began = time.monotonic()
        with bots.lindung(folder, api.url, more=_SETTINGS) as bot:
            while _look(folder, "SELECT state FROM broadcasts") != [(State.PREPARED,)]:
                bot.must_run()
                await asyncio.sleep(0.05)
            return Freezing(people, time.monotonic() - began, bot.most_rss_mb())


def p99(waits: Sequence[float]) -> float:
    """The wait that 99 of 100 stayed under."""
    return sorted(waits)[int(len(waits) * 0.99)]
