"""The program is killed again and again while people register and an officer decides: nothing lost, nothing doubled.

Every message that anybody saw is accounted for: by a row of the outbox that says so, or as the one message in flight
at a kill. What people said is compared with what is stored, answer by answer; what they read, with a calm day's talk.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domain.address import Address
from tests.books import Books, Shown, nothing_is_left_over
from tests.deadly_day import AT_ONCE, PATIENCE, Day, accounted_for
from tests.postgres_server import fresh_database
from tests.program import TOKEN, Program, by_polling, by_webhook
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import Person
from tests.servers.telegram_things import Bell
from tests.talks import RECEIPT, Talk, decides_one

pytestmark = pytest.mark.slow


class OnTelegram:
    """Telegram's stand-in and its people, for a deadly day."""

    loud = ("sendMessage", "sendMessage", "sendPhoto", "editMessageReplyMarkup", "answerCallbackQuery", "deleteMessage")
    quiet = ("getUpdates", "getFile", "file_download")

    def __init__(self, server: TelegramServer) -> None:
        self.server = server

    @property
    def bell(self) -> Bell:
        return self.server.world.bell

    def now(self) -> float:
        return time.monotonic()

    def calls(self, method: str) -> int:
        return self.server.world.counts[method]

    def done(self) -> int:
        return len(self.server.updates.history)

    def said(self) -> int:
        return sum(len(chat.ledger) for chat in self.server.world.chats.values())

    def person(self, name: str) -> Person:
        return self.server.person(name)

    async def joins(self, officer: Person, code: str) -> None:
        await officer.starts(code)

    async def decides_one(self, officer: Person, desk: asyncio.Lock | None = None) -> str:
        return await decides_one(officer, within=PATIENCE, desk=desk)

    async def settles(self) -> None:
        """Nothing to wait for: what it brought comes out in what it says."""

    def address(self, person: Person) -> Address:
        return Address("telegram", TOKEN.partition(":")[0], str(person.id))

    def shown(self, books: Books, person: Person) -> list[Shown]:
        """What no row names was in flight at a kill: the same follows, and its row is that one's."""
        rows = {ref: row for row, ref in books.sent(self.address(person)).items()}
        found: list[Shown] = []
        for seen in reversed([seen for seen in person.ledger if seen.kind == "message"]):
            ref = str(seen.message_id)
            row = rows.get(ref) or (found[-1].row if found else None)
            assert row is not None, f"{person} saw {seen.text!r}, of which nobody knows"
            found.append(Shown(row, ref, seen.text, seen.at))
        return found[::-1]


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | None]:
    """None for the program's own SQLite file, or the address of an empty PostgreSQL database."""
    if request.param == "sqlite":
        yield None
    else:
        with fresh_database() as address:
            yield address


@pytest.mark.parametrize(
    ("url", "way", "kills"),
    [("sqlite", by_polling, 50), ("sqlite", by_webhook, 50), ("postgres", by_polling, 15)],
    ids=["polling", "webhook", "postgres"],
    indirect=["url"],
)
async def test_killed_again_and_again_it_loses_nothing_and_does_nothing_twice(
    url: str | None, way: Callable[[str], dict[str, object]], kills: int, tmp_path: Path
) -> None:
    async with TelegramServer(latency=0.005) as server:
        settings = {**way(server.base), "undo_seconds": 1}
        program = Program(tmp_path, **settings, **({"database_url": url} if url else {}))
        network = OnTelegram(server)
        day = Day(network, program, kills, random.Random(f"{way.__name__} {kills}"))
        try:
            officers = await day.live()
        finally:
            await program.kills()
        assert day.kills == kills
        assert len(day.talks) > AT_ONCE
        assert not server.violations("error")
        assert server.updates.undelivered() == 0
        assert not [line for line in program.logged() if line["level"] in ("error", "critical")], program.tail()

        async with program.opened() as found:
            store, books = found.store, await Books.of(found.store)
            read = await accounted_for(day, store, books, officers)
            _the_officers_saw_each_case_once(read, day.talks)
            _no_ktp_is_left(network, books, officers)
            nothing_is_left_over(books, updates=len(server.updates.history))
            assert set(store.media.names()) == {row["name"] for row in books.media}
            assert len(books.media) == len(day.talks)


def _the_officers_saw_each_case_once(read: list[list[str]], talks: list[Talk]) -> None:
    """One card, one KTP and one word about the decision for each case."""
    texts = Counter[tuple[str, str]]()
    for text in (text for texts in read for text in texts):
        found, head = RECEIPT.search(text), text.split(" ", 1)[0]
        if found and "NIK: " in text:
            texts[found[0], "ktp"] += 1
        elif found:
            texts[found[0], "card" if head == "Kasus" else "decided"] += 1
    kinds = ("card", "ktp", "decided")
    assert texts == Counter({(talk.receipt, kind): 1 for talk in talks for kind in kinds})


def _no_ktp_is_left(network: OnTelegram, books: Books, officers: list[Person]) -> None:
    """Of those that we know of."""
    for officer in officers:
        known = set(books.sent(network.address(officer)).values())
        assert not [each for each in officer.sees() if "NIK: " in each.text and str(each.message_id) in known]
