"""A broadcast goes on by itself after kill -9: nobody twice, nobody missed but what is listed as unclear."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import office_of
from domain.address import Address
from domain.broadcast import Content, Kind, Outcome, State
from domain.officer import Role
from domain.registration import Actor
from domain.topic import ALL_TOPICS
from handlers import due_broadcasts
from storage.engine import Row
from storage.store import Tx
from tests.postgres_server import fresh_database
from tests.program import TOKEN, Program
from tests.servers.telegram import TelegramServer

pytestmark = pytest.mark.slow

_PEOPLE = 400
_KILLS = 6
_FIRST = 910_000_001
# Ten times Telegram's pace, so that minutes become seconds; the server's own limit is the same.
_PER_SECOND = 300.0


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_killed_again_and_again_it_reaches_everybody_once(kind: str, tmp_path: Path) -> None:
    chance = random.Random(20261123)
    async with TelegramServer(
        rate_limits=True, overall_per_second=_PER_SECOND, overall_burst=30.0, latency=0.02
    ) as server:
        server.world.crowds.append(range(_FIRST, _FIRST + _PEOPLE))
        given = {
            "telegram_token": TOKEN,
            "telegram_api_url": server.base,
            "telegram_per_second": _PER_SECOND,
            "quiet_hours": "off",
            "worship_times": "off",
        }
        with _database(kind) as url:
            program = Program(tmp_path, **given, **({"database_url": url} if url else {}))
            await _scheduled(program)
            for kill in range(_KILLS):
                await program.begins()
                # Not by the clock: after so many messages of it have gone out.
                await _until_sent(server, (kill + 1) * _PEOPLE // (2 * _KILLS))
                await asyncio.sleep(chance.choice((0, 0.003, 0.01, 0.03)))
                await program.kills()
            assert sum(_received(server).values()) < _PEOPLE, "it was over before the last kill"
            rows = await _outcomes_when_done(program, server)
        received = _received(server)
        ended = {row["outcome"]: row["n"] for row in rows if row["outcome"] != Outcome.LEFT_OUT}
        assert set(received.values()) == {1}, "somebody got it twice"
        assert set(ended) <= {Outcome.SENT, Outcome.UNCLEAR}
        assert ended[Outcome.SENT] + ended.get(Outcome.UNCLEAR, 0) == _PEOPLE
        # Whoever counts as reached was; whoever got nothing is listed as unclear.
        assert ended[Outcome.SENT] <= len(received) <= _PEOPLE
        assert ended.get(Outcome.UNCLEAR, 0) <= _KILLS * _PER_SECOND


def _database(kind: str) -> AbstractContextManager[str]:
    return fresh_database() if kind == "postgres" else nullcontext("")


async def _scheduled(program: Program) -> None:
    """People, an admin who has gone home, and a broadcast that waits for the program."""
    async with program.opened() as found:
        office = office_of(program.as_settings(), {})

        def people(tx: Tx) -> None:
            for chat_id in range(_FIRST, _FIRST + _PEOPLE):
                person, _ = tx.people.arrive(Address("telegram", TOKEN.partition(":")[0], str(chat_id)))
                tx.people.keep(person)
                tx.people.set_notices(person.id, ALL_TOPICS)

        def broadcast(tx: Tx) -> None:
            person, _ = tx.people.arrive(Address("telegram", TOKEN.partition(":")[0], "700"))
            admin = tx.staff.enrol(replace(person, known=True), role=Role.ADMIN, areas=(), name="Rahmat")
            draft = tx.broadcasts.draft(admin.id, kind=Kind.ANNOUNCEMENT, content=Content("Besok kantor tutup."))
            tx.broadcasts.begin_scan(draft.id)
            tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=admin.id)

        await found.store.transact(people)
        await found.store.transact(broadcast)
        while await found.store.transact(due_broadcasts.advance, office):
            pass

        def go(tx: Tx) -> None:
            [prepared] = tx.broadcasts.in_state(State.PREPARED)
            tx.broadcasts.move(prepared, State.SCHEDULED, by=Actor.ADMIN)

        await found.store.transact(go)


def _received(server: TelegramServer) -> Counter[int]:
    """How many messages each person of the crowd sees."""
    return Counter(
        {
            chat_id: len(chat.ledger)
            for chat_id, chat in server.world.chats.items()
            if _FIRST <= chat_id < _FIRST + _PEOPLE and chat.ledger
        }
    )


async def _until_sent(server: TelegramServer, count: int) -> None:
    async with asyncio.timeout(60):
        while sum(_received(server).values()) < count:
            await server.world.bell.heard(0.02)


async def _outcomes_when_done(program: Program, server: TelegramServer) -> list[Row]:
    """Let it run until the broadcast is over; stopped kindly to be looked at, however slow the machine is."""
    for _ in range(10):
        async with program:
            await _grows_quiet(server)
            await program.stops()
        async with program.opened() as found:
            state, rows = await found.store.read(_how_it_stands)
        if state is State.DONE:
            return rows
    raise AssertionError(f"it is {state}")


def _how_it_stands(tx: Tx) -> tuple[State, list[Row]]:
    [broadcast] = tx.broadcasts.recent(limit=1)
    return broadcast.state, tx.recipients.by_outcome(broadcast.id)


async def _grows_quiet(server: TelegramServer) -> None:
    async with asyncio.timeout(60):
        before = -1
        while (after := sum(_received(server).values())) != before:
            before = after
            await asyncio.sleep(2.0)
