"""The crash test over WhatsApp: killed again and again, with answers of the network lost besides.

What we send carries the number of its row, so each copy that a person saw is known: a second one is allowed only where
a kill lies between the two. A lost answer alone doubles nothing, for the network tells what became of the message.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from pathlib import Path

import pytest

from channels.whatsapp_read import known_as
from domain.address import Address
from domain.mark import OfRow, read_mark
from tests.books import Books, Shown, nothing_is_left_over
from tests.deadly_day import PATIENCE, Day, accounted_for
from tests.postgres_server import fresh_database
from tests.program import Program, by_whatsapp
from tests.servers.officer_browser import OfficerBrowser
from tests.servers.telegram_things import Bell
from tests.servers.whatsapp import PHONE_NUMBER_ID, WhatsAppServer
from tests.servers.whatsapp_people import Person
from tests.talks import RECEIPT, Talk, Told, invented_nik
from tests.whatsapp_officer import OfficerOnWhatsApp

pytestmark = pytest.mark.slow

# What a kill between a call and its mark makes us ask a second time, and a call that dies with who made it.
_AT_A_KILL = {"no_object", "verification"}


class OnWhatsApp:
    """WhatsApp's stand-in and its people, for a deadly day."""

    loud = ("messages", "messages", "messages", "read")
    quiet = ("media_url", "media_download", "media_delete", "subscribed_apps")

    def __init__(self, server: WhatsAppServer, browsers: AsyncExitStack) -> None:
        self.server = server
        self.officers: dict[str, OfficerOnWhatsApp] = {}
        self._browsers = browsers

    @property
    def bell(self) -> Bell:
        return self.server.world.bell

    def now(self) -> float:
        return self.server.world.now()

    def calls(self, method: str) -> int:
        return self.server.world.counts[method]

    def done(self) -> int:
        return len(self.server.webhooks.history)

    def said(self) -> int:
        return sum(len(account.ledger) for account in self.server.world.accounts.values())

    def person(self, name: str) -> Person:
        return self.server.person(name)

    async def joins(self, officer: Person, code: str) -> None:
        browser = await self._browsers.enter_async_context(OfficerBrowser())
        self.officers[officer.name] = OfficerOnWhatsApp(officer, browser, writes=len(self.officers) % 2 == 1)
        await officer.says(f"/start {code}")

    async def decides_one(self, officer: Person, desk: asyncio.Lock | None = None) -> str:
        return await self.officers[officer.name].decides_one(within=PATIENCE, desk=desk)

    async def settles(self) -> None:
        await self.server.settles(within=PATIENCE)

    def address(self, person: Person) -> Address:
        return Address("whatsapp", PHONE_NUMBER_ID, person.user_id)

    def shown(self, books: Books, person: Person) -> list[Shown]:
        return [Shown(_row(message.mark), known_as(message.id), message.text, message.at) for message in person.ledger]


def _row(mark: str) -> int:
    found = read_mark(mark)
    assert isinstance(found, OfRow)
    return found.outbox_id


@pytest.fixture
async def browsers() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


def database(kind: str) -> AbstractContextManager[str]:
    return fresh_database() if kind == "postgres" else nullcontext("")


def loses_answers(server: WhatsAppServer, chance: random.Random, *, one_in: int, times: int) -> None:
    """From now on, about one in so many messages is taken and the answer that says so is lost."""
    at = 0
    for _ in range(times):
        at += chance.randint(1, 2 * one_in - 1)
        server.fault("messages", "lost", skip=at)


@pytest.mark.parametrize(("kind", "kills", "at_once"), [("sqlite", 25, 5), ("postgres", 8, 3)])
async def test_killed_again_and_again_it_loses_nothing_and_does_nothing_twice(
    kind: str, kills: int, at_once: int, tmp_path: Path, browsers: AsyncExitStack
) -> None:
    chance = random.Random(f"{kind} {kills}")
    with database(kind) as url:
        async with WhatsAppServer(latency=0.005, patience=PATIENCE) as server:
            settings = {**by_whatsapp(server.base), "undo_seconds": 1, **({"database_url": url} if url else {})}
            program = Program(tmp_path, **settings)
            network = OnWhatsApp(server, browsers)
            loses_answers(server, chance, one_in=12, times=200)
            day = Day(network, program, kills, chance, at_once=at_once)
            try:
                officers = await day.live()
            finally:
                await program.kills()
            assert day.kills == kills
            assert len(day.talks) > at_once
            nothing_was_held_against_us(server, kills)
            assert server.webhooks.undelivered() == 0
            assert not [line for line in program.logged() if line["level"] in ("error", "critical")], program.tail()

            async with program.opened() as found:
                store, books = found.store, await Books.of(found.store)
                read = await accounted_for(day, store, books, officers)
                seen = _the_officers_saw_each_case_once(read, day.talks, list(network.officers.values()))
                views = Counter(row["action"] for row in books.audit)["viewed_ktp"]
                # A page whose bytes were lost at a kill counts as seen all the same.
                assert seen <= views <= seen + kills
                nothing_is_left_over(books, updates=len(said_by_people(server)))
                assert set(store.media.names()) == {row["name"] for row in books.media}
                assert len(books.media) == len(day.talks)
            assert server.media == {}, "Meta still has a copy of a photo"


def nothing_was_held_against_us(server: WhatsAppServer, kills: int) -> None:
    """But for what only a kill explains, at most once for each."""
    found = [each for each in server.violations if each.severity in ("error", "warn")]
    assert not [each for each in found if each.rule not in _AT_A_KILL], found
    assert all(count <= kills for count in Counter(each.rule for each in found).values()), found


def said_by_people(server: WhatsAppServer) -> list[str]:
    """The ids of all that people did."""
    notices = [notice for body in server.webhooks.history for notice in body.notices]
    return [message["id"] for notice in notices for message in notice.value.get("messages", ())]


def _the_officers_saw_each_case_once(
    read: list[list[str]], talks: list[Talk], officers: list[OfficerOnWhatsApp]
) -> int:
    """One card and one word about the decision for each case, a link for each time it was asked for, and the page.

    How many pages they saw.
    """
    texts = Counter[tuple[str, str]]()
    for text in (text for texts in read for text in texts):
        if found := RECEIPT.search(text):
            kind = "link" if "/lihat/" in text else "card" if text.startswith("Kasus") else "decided"
            texts[found[0], kind] += 1
    asked, seen = (sum((getattr(each, name) for each in officers), Counter[str]()) for name in ("asked", "seen"))
    receipts = {talk.receipt for talk in talks}
    wanted = Counter({(receipt, kind): 1 for receipt in receipts for kind in ("card", "decided")})
    assert texts == wanted + Counter({(receipt, "link"): count for receipt, count in asked.items()})
    assert seen == Counter(receipts)
    return seen.total()


async def test_no_lost_answer_doubles_anything_while_the_network_tells_what_became_of_it(
    tmp_path: Path, browsers: AsyncExitStack
) -> None:
    async with WhatsAppServer() as server, Program(tmp_path, **by_whatsapp(server.base), undo_seconds=0) as program:
        network = OnWhatsApp(server, browsers)
        dewi = network.person("Dewi")
        await network.joins(dewi, await program.invites())
        await dewi.hears("Selamat bergabung")
        server.fault("messages", "lost", times=None)
        sari = Talk(network.person("Sari"), Told(invented_nik(1)))
        await sari.registers(within=PATIENCE)
        assert await network.decides_one(dewi) == sari.receipt
        await sari.is_told("Kabar baik")
        # Long enough for whatever was still to be tried again.
        await program.logs("message_delayed", times=10)
        await server.settles()
        for person in (dewi, network.person("Sari")):
            assert [mark for mark, n in Counter(each.mark for each in person.ledger).items() if n > 1] == []
        assert server.violations == []
        assert await program.stops() == 0
