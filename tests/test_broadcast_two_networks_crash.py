"""A broadcast over Telegram and WhatsApp goes on after kill -9: nobody twice, at neither network."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import office_of
from bot.networks import channels_of
from domain.address import Address
from domain.broadcast import Content, Kind, Outcome, State
from domain.officer import Role
from domain.registration import Actor
from domain.topic import ALL_TOPICS
from handlers import due_broadcasts
from storage.engine import Row
from storage.store import Tx
from tests.approved import approve_late_texts
from tests.postgres_server import fresh_database
from tests.program import TOKEN, Program, by_polling, by_whatsapp
from tests.servers.telegram import TelegramServer
from tests.servers.whatsapp import PHONE_NUMBER_ID, WhatsAppServer

pytestmark = pytest.mark.slow

_EACH = 150
"""People at each network."""
_KILLS = 5
_FIRST = 910_000_001
_PER_SECOND = 150.0


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_killed_again_and_again_it_reaches_everybody_of_both_networks_once(kind: str, tmp_path: Path) -> None:
    chance = random.Random(20261124)
    async with TelegramServer(latency=0.02) as telegram, WhatsAppServer(latency=0.02) as whatsapp:
        approve_late_texts(whatsapp)
        telegram.world.crowds.append(range(_FIRST, _FIRST + _EACH))
        people = [whatsapp.person(f"Warga {number}") for number in range(_EACH)]
        given = {
            **by_polling(telegram.base),
            **by_whatsapp(whatsapp.base),
            "telegram_per_second": _PER_SECOND,
            "whatsapp_per_second": _PER_SECOND,
            "quiet_hours": "off",
            "worship_times": "off",
        }

        def received() -> Counter[str]:
            """How many messages each person of both networks sees."""
            chats = {
                str(number): len(telegram.world.chats[number].ledger) if number in telegram.world.chats else 0
                for number in range(_FIRST, _FIRST + _EACH)
            }
            return +Counter(chats | {person.user_id: len(person.ledger) for person in people})

        with _database(kind) as url:
            program = Program(tmp_path, **given, **({"database_url": url} if url else {}))
            await _scheduled(program, [person.user_id for person in people])
            for kill in range(_KILLS):
                await program.begins()
                async with asyncio.timeout(60):
                    while received().total() < (kill + 1) * _EACH // _KILLS:
                        await telegram.world.bell.heard(0.005)
                await asyncio.sleep(chance.choice((0, 0.003, 0.01, 0.03)))
                await program.kills()
            assert received().total() < 2 * _EACH, "it was over before the last kill"
            rows = await _outcomes_when_done(program)
        seen = received()
        ended = Counter({row["outcome"]: row["n"] for row in rows if row["outcome"] != Outcome.LEFT_OUT})
        assert set(seen.values()) == {1}, "somebody got it twice"
        assert set(ended) <= {Outcome.SENT, Outcome.DELIVERED, Outcome.UNCLEAR}
        assert ended.total() == 2 * _EACH
        assert ended[Outcome.SENT] + ended[Outcome.DELIVERED] <= len(seen), "whoever counts as reached was"
        assert {person.ledger[0].kind for person in people if person.ledger} == {"template"}
        # Whoever is killed while the network asks back at our door answers nothing.
        assert [each for each in whatsapp.violations("error") if each.rule != "verification"] == []


def _database(kind: str) -> AbstractContextManager[str]:
    return fresh_database() if kind == "postgres" else nullcontext("")


async def _scheduled(program: Program, user_ids: list[str]) -> None:
    """People who wrote two days ago, an admin who has gone home, and a broadcast that waits for the program."""
    places = [Address("telegram", TOKEN.partition(":")[0], str(_FIRST + number)) for number in range(_EACH)]
    places += [Address("whatsapp", PHONE_NUMBER_ID, user_id) for user_id in user_ids]
    async with program.opened() as found:
        settings, now = program.as_settings(), found.store.clock
        office = office_of(settings, {}, channels_of(settings))

        def people(tx: Tx) -> None:
            for place in places:
                person, _ = tx.people.arrive(place)
                tx.people.keep(person)
                tx.people.set_notices(person.id, ALL_TOPICS)

        def broadcast(tx: Tx) -> None:
            person, _ = tx.people.arrive(Address("telegram", TOKEN.partition(":")[0], "700"))
            admin = tx.staff.enrol(replace(person, known=True), role=Role.ADMIN, areas=(), name="Rahmat")
            draft = tx.broadcasts.draft(admin.id, kind=Kind.ANNOUNCEMENT, content=Content("Besok kantor tutup."))
            tx.broadcasts.begin_scan(draft.id)
            tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=admin.id)

        def go(tx: Tx) -> None:
            [prepared] = tx.broadcasts.in_state(State.PREPARED)
            tx.broadcasts.move(prepared, State.SCHEDULED, by=Actor.ADMIN)

        found.store.clock = lambda: now() - timedelta(days=2)
        await found.store.transact(people)
        found.store.clock = now
        await found.store.transact(broadcast)
        while await found.store.transact(due_broadcasts.advance, office):
            pass
        await found.store.transact(go)


async def _outcomes_when_done(program: Program) -> list[Row]:
    """Let it run until the broadcast is over; stopped kindly to be looked at, however slow the machine is."""
    for _ in range(20):
        async with program:
            await asyncio.sleep(2.0)
            await program.stops()
        async with program.opened() as found:
            state, rows = await found.store.read(_how_it_stands)
        if state is State.DONE:
            return rows
    raise AssertionError(f"it is {state}")


def _how_it_stands(tx: Tx) -> tuple[State, list[Row]]:
    [broadcast] = tx.broadcasts.recent(limit=1)
    return broadcast.state, tx.recipients.by_outcome(broadcast.id)
