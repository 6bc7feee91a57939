"""A day at the office with a program that is killed again and again, while people register and officers decide.

The network is given: its people, its calls, its clock. Not for: how the books are read afterwards (tests/books.py).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.address import Address
from storage.store import Store
from tests.books import (
    Books,
    Shown,
    all_is_stored,
    every_message_is_accounted_for,
    once_each,
    reads_like_a_calm_talk,
)
from tests.program import Program
from tests.servers.telegram_things import Bell
from tests.talks import Speaker, Talk, Told, invented_nik

PATIENCE = 45.0
AT_ONCE = 8
_VERIFIED = "Kabar baik"


class Network(Protocol):
    """A network's stand-in with its people.

    A kill hurts most when the network has just done something and we do not know it yet: `loud` are the calls that
    people notice, `quiet` those that they do not.
    """

    loud: Sequence[str]
    quiet: Sequence[str]

    @property
    def bell(self) -> Bell: ...

    def now(self) -> float:
        """The clock of what people saw."""

    def calls(self, method: str) -> int:
        """How often it was asked that."""

    def done(self) -> int:
        """How much people have done."""

    def said(self) -> int:
        """How much people were shown."""

    def person(self, name: str) -> Any: ...

    async def joins(self, officer: Any, code: str) -> None: ...

    async def decides_one(self, officer: Any, desk: asyncio.Lock | None = None) -> str:
        """Take the next case (under the lock `desk`) and approve it; its receipt, empty when nothing waits."""

    async def settles(self) -> None:
        """Wait until everything people did has come through."""

    def address(self, person: Any) -> Address: ...

    def shown(self, books: Books, person: Any) -> list[Shown]:
        """Every message the person saw, in order."""


@dataclass
class Day:
    """One day. `begun` are the moments at which the program was started."""

    network: Network
    program: Program
    kills_wanted: int
    chance: random.Random
    at_once: int = AT_ONCE
    talks: list[Talk] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)
    kills: int = 0
    # Held from BENAR to the end of a talk and while the officer takes a case: so nobody is told of a decision in
    # the middle of another question, and every talk reads the same.
    desk: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def live(self) -> list[Any]:
        """A calm registration and decision first, to compare with; then the deadly day. Gives the officers."""
        await self.program.starts()
        self.begun.append(self.network.now())
        officers = [self.network.person(name) for name in ("Dewi", "Tina", "Rahmat")]
        for officer in officers:
            await self.network.joins(officer, await self.program.invites())
            await officer.hears("Selamat bergabung")
        await self._registers()
        assert await self.network.decides_one(officers[0])
        await self.talks[0].is_told(_VERIFIED)
        await self.program.kills()

        ready = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._dies_and_comes_back())
            deciding = [group.create_task(self._officer_works(officer, ready)) for officer in officers]
            await asyncio.gather(*(group.create_task(self._workers_come()) for _ in range(self.at_once)))
            ready.set()
            await asyncio.gather(*deciding)
        for talk in self.talks:
            await talk.is_told(_VERIFIED, within=PATIENCE)
        await self._grows_quiet()
        assert await self.program.stops() == 0
        return officers

    async def _dies_and_comes_back(self) -> None:
        """Kill it until it was killed often enough, then let it be."""
        while self.kills < self.kills_wanted:
            await self._one_life()
            await self.program.kills()
            # What the network was in the middle of still happens, and belongs to the life that is over.
            await asyncio.sleep(0.05)
            self.kills += 1
        self.begun.append(self.network.now())
        await self.program.starts()

    async def _one_life(self) -> None:
        self.begun.append(self.network.now())
        await self.program.begins()
        end = self.chance.random()
        if end < 0.15:
            await asyncio.sleep(self.chance.uniform(0, 0.3))
            return
        await self.program.serves()
        if end < 0.4:
            await asyncio.sleep(self.chance.uniform(0, 0.4))
        elif end < 0.55:
            done = self.network.done()
            await self._until(lambda: self.network.done() > done)
            await asyncio.sleep(self.chance.uniform(0, 0.03))
        else:
            await asyncio.sleep(self.chance.uniform(0, 0.1))
            method = self.chance.choice(self.network.loud if end < 0.85 else self.network.quiet)
            called = self.network.calls(method)
            await self._until(lambda: self.network.calls(method) > called)
            await asyncio.sleep(self.chance.choice((0, 0, 0.002, 0.004, 0.008)))

    async def _until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 0.5
        while not true() and (left := deadline - time.monotonic()) > 0:
            await self.network.bell.heard(min(left, 0.02))

    async def _grows_quiet(self) -> None:
        """Wait until the bot has had nothing to say for longer than its pace makes anybody wait."""
        while True:
            await self.network.settles()
            said = self.network.said()
            await asyncio.sleep(1.6)
            if self.network.said() == said:
                return

    async def _registers(self) -> None:
        """One worker from /start to the end, but for the officer's word."""
        number = len(self.talks)
        talk = Talk(self.network.person(f"Pekerja {number}"), Told(invented_nik(number)))
        self.talks.append(talk)
        await talk.registers(until="BENAR", within=PATIENCE)
        async with self.desk:
            await talk.registers(within=PATIENCE)

    async def _workers_come(self) -> None:
        """One worker after the other, until it was killed often enough."""
        while True:
            await self._registers()
            if self.kills >= self.kills_wanted:
                return

    async def _officer_works(self, officer: Speaker, ready: asyncio.Event) -> None:
        """Decide whatever there is, until the workers are done."""
        while True:
            over = ready.is_set()
            receipt = await self.network.decides_one(officer, self.desk)
            if not receipt and over:
                return
            if not receipt:
                await asyncio.sleep(0.3)


async def accounted_for(day: Day, store: Store, books: Books, officers: list[Any]) -> list[list[str]]:
    """Everything is stored as it was said and shown as it was written; what each of the officers read."""
    network, read = day.network, []
    for person in (*officers, *(talk.person for talk in day.talks)):
        shown = network.shown(books, person)
        every_message_is_accounted_for(person, books.sent(network.address(person)), shown, day.begun)
        read.append(once_each(shown))
    texts = read[len(officers) :]
    for talk, said in zip(day.talks, texts, strict=True):
        await all_is_stored(store, books, talk, network.address(talk.person))
        reads_like_a_calm_talk(talk, said, texts[0])
    return read[: len(officers)]
