"""The program is killed again and again while people register and an officer decides: nothing lost, nothing doubled.

Every message that anybody saw is accounted for: by a row of the outbox that says so, or as the one message in flight
at a kill. What people said is compared with what is stored, answer by answer; what they read, with a calm day's talk.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from domain.registration import Status
from storage.engine import Connection, Row
from storage.statement import Statement
from storage.store import Tx
from storage.vault import Vault
from tests.postgres_server import fresh_database
from tests.program import TOKEN, Program, by_polling, by_webhook
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_chat import Chatting
from tests.servers.telegram_people import Person
from tests.servers.telegram_things import Seen
from tests.talks import RECEIPT, Talk, Told, decides_one, invented_nik

pytestmark = pytest.mark.slow

_PATIENCE = 45.0
_AT_ONCE = 8
_VERIFIED = "Kabar baik"
# Moments at which a kill hurts most: just when the Bot API has done something and we do not know it yet.
_CALLS = ("sendMessage", "sendMessage", "sendPhoto", "editMessageReplyMarkup", "answerCallbackQuery", "deleteMessage")
_QUIET_CALLS = ("getUpdates", "getFile", "file_download")


@dataclass
class Day:
    """A day at the office with a program that dies all the time."""

    server: TelegramServer
    program: Program
    kills_wanted: int
    chance: random.Random
    talks: list[Talk] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)
    kills: int = 0
    # Held from BENAR to the end of a talk and while the officer takes a case: so nobody is told of a decision in
    # the middle of another question, and every talk reads the same.
    desk: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def dies_and_comes_back(self) -> None:
        """Kill it until it was killed often enough, then let it be."""
        while self.kills < self.kills_wanted:
            await self._one_life()
            await self.program.kills()
            # What the Bot API was in the middle of still happens, and belongs to the life that is over.
            await asyncio.sleep(0.05)
            self.kills += 1
        self.begun.append(time.monotonic())
        await self.program.starts()

    async def _one_life(self) -> None:
        self.begun.append(time.monotonic())
        await self.program.begins()
        end = self.chance.random()
        if end < 0.15:
            await asyncio.sleep(self.chance.uniform(0, 0.3))
            return
        await self.program.serves()
        if end < 0.4:
            await asyncio.sleep(self.chance.uniform(0, 0.4))
        elif end < 0.55:
            said = len(self.server.updates.history)
            await self._until(lambda: len(self.server.updates.history) > said)
            await asyncio.sleep(self.chance.uniform(0, 0.03))
        else:
            await asyncio.sleep(self.chance.uniform(0, 0.1))
            method = self.chance.choice(_CALLS if end < 0.85 else _QUIET_CALLS)
            called = self.server.world.counts[method]
            await self._until(lambda: self.server.world.counts[method] > called)
            await asyncio.sleep(self.chance.choice((0, 0, 0.002, 0.004, 0.008)))

    async def _until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 0.5
        while not true() and (left := deadline - time.monotonic()) > 0:
            await self.server.world.bell.heard(min(left, 0.02))

    async def grows_quiet(self) -> None:
        """Wait until the bot has had nothing to say for longer than its pace makes anybody wait."""
        while True:
            said = self._said()
            await asyncio.sleep(1.6)
            if self._said() == said:
                return

    def _said(self) -> int:
        return sum(len(chat.ledger) for chat in self.server.world.chats.values())

    async def registers(self, talk: Talk) -> None:
        """One worker from /start to the end, but for the officer's word."""
        self.talks.append(talk)
        await talk.registers(until="BENAR", within=_PATIENCE)
        async with self.desk:
            await talk.registers(within=_PATIENCE)

    async def workers_come(self) -> None:
        """One worker after the other, until it was killed often enough."""
        while True:
            number = len(self.talks) + 1
            await self.registers(Talk(self.server.person(f"Pekerja {number}"), Told(invented_nik(number))))
            if self.kills >= self.kills_wanted:
                return

    async def officer_works(self, officer: Person, ready: asyncio.Event) -> None:
        """Decide whatever there is, until the workers are done."""
        while True:
            over = ready.is_set()
            receipt = await decides_one(officer, within=_PATIENCE, desk=self.desk)
            if not receipt and over:
                return
            if not receipt:
                await asyncio.sleep(0.3)


async def live(day: Day) -> list[Person]:
    """A calm registration and decision first, to compare with; then the deadly day. Gives the officers."""
    await day.program.starts()
    day.begun.append(time.monotonic())
    officers = [day.server.person(name) for name in ("Dewi", "Tina", "Rahmat")]
    for officer in officers:
        await officer.starts(await day.program.invites())
        await officer.hears("Selamat bergabung")
    await day.registers(Talk(day.server.person("Pekerja 0"), Told(invented_nik(0))))
    assert await decides_one(officers[0])
    await day.talks[0].is_told(_VERIFIED)
    await day.program.kills()

    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(day.dies_and_comes_back())
        deciding = [group.create_task(day.officer_works(officer, ready)) for officer in officers]
        await asyncio.gather(*(group.create_task(day.workers_come()) for _ in range(_AT_ONCE)))
        ready.set()
        await asyncio.gather(*deciding)
    for talk in day.talks:
        await talk.is_told(_VERIFIED, within=_PATIENCE)
    await day.grows_quiet()
    assert await day.program.stops() == 0
    return officers


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
        day = Day(server, program, kills, random.Random(f"{way.__name__} {kills}"))
        try:
            officers = await live(day)
        finally:
            await program.kills()
        assert day.kills == kills
        assert len(day.talks) > _AT_ONCE
        assert not server.violations("error")
        assert server.updates.undelivered() == 0
        assert not [line for line in program.logged() if line["level"] in ("error", "critical")], program.tail()

        async with program.opened() as found:
            store = found.store
            books = await store.engine.read(lambda db: Books(store.vault, db))
            for talk in day.talks:
                _all_is_stored(books, talk, await store.read(_answers, books.person(talk.person)))
                _it_reads_like_a_calm_talk(books, talk, day.talks[0])
            for chat in (*officers, *(talk.person for talk in day.talks)):
                _every_message_is_accounted_for(books, chat, day.begun)
            _the_officers_saw_each_case_once(books, officers, day.talks)
            _nothing_is_left_over(books, updates=len(server.updates.history))
            assert set(store.media.names()) == {row["name"] for row in books.media}
            assert len(books.media) == len(day.talks)


class Books:
    """Everything that stands in the database, row by row."""

    def __init__(self, vault: Vault, db: Connection) -> None:
        self._digest = vault.digest

        def rows(table: str) -> list[Row]:
            return db.all(Statement(f"SELECT * FROM {table}"))  # noqa: S608 (the names below)

        self.addresses = {bytes(row["address_digest"]): row["id"] for row in rows("addresses")}
        self.registrations = rows("registrations")
        self.changes = rows("status_changes")
        self.outbox = sorted(rows("outbox"), key=lambda row: row["id"])
        self.audit, self.media, self.seen = rows("audit"), rows("media"), rows("seen")
        self.inbox, self.pending, self.progress = rows("inbox"), rows("pending_decisions"), rows("progress")
        self.sensitive, self.desks = rows("sensitive"), rows("desks")

    def person(self, chat: Chatting) -> int:
        """The row of the person in this chat."""
        return int(self.addresses[self._digest("address", f"telegram\0{TOKEN.split(':')[0]}\0{chat.id}")])

    def sent(self, chat: Chatting) -> list[int]:
        """The network's ids of the messages to this chat, in the order they were written for it."""
        mine = [row for row in self.outbox if row["address_id"] == self.person(chat)]
        assert {row["state"] for row in mine} == {"sent"}
        return [int(row["sent_id"]) for row in mine if row["sent_id"] is not None]


def _answers(tx: Tx, person_id: int) -> dict[str, str]:
    (registration,) = tx.registrations.of_person(person_id)
    return tx.registrations.answers(registration.id)


def _all_is_stored(books: Books, talk: Talk, answers: dict[str, str]) -> None:
    """One registration with every answer as it was given, one decision, one way through the states."""
    person = books.person(talk.person)
    (case,) = [row for row in books.registrations if row["address_id"] == person]
    assert (case["status"], case["receipt"], case["version"]) == (Status.VERIFIED, talk.receipt, 1)
    assert case["duplicate_of"] is None
    same = ("nik", "name", "birth_place", "street", "workplace", "heir")
    assert {key: answers[key] for key in same} == {key: getattr(talk.told, key) for key in same}
    assert (answers["village"], answers["occupation"]) == ("81.71.01.2001", "NEL")
    assert answers["phone"].endswith("81234500001")
    moves = [row["to_status"] for row in books.changes if row["registration_id"] == case["id"]]
    assert moves == [Status.SUBMITTED, Status.IN_REVIEW, Status.VERIFIED]
    lines = Counter(row["action"] for row in books.audit if row["registration_id"] == case["id"])
    assert (lines["consented"], lines["decided_approve"]) == (1, 1)
    assert [row["question"] for row in books.media if row["registration_id"] == case["id"]] == ["photo"]


def _nothing_is_left_over(books: Books, *, updates: int) -> None:
    """No decision waits, nothing waits to be fetched or sent, and each update was seen."""
    for left_over in (books.pending, books.inbox, books.progress, books.sensitive, books.desks):
        assert not left_over
    assert {row["state"] for row in books.outbox} == {"sent"}
    assert len(books.seen) == updates


# What people saw


def _shown(chat: Chatting) -> list[Seen]:
    return [seen for seen in chat.ledger if seen.kind == "message"]


def _every_message_is_accounted_for(books: Books, chat: Chatting, begun: list[float]) -> None:
    """What the outbox says was sent was shown, in order; what was shown besides was in flight at a kill."""
    sent, shown = books.sent(chat), _shown(chat)
    assert sent == sorted(set(sent)), f"{chat} got messages out of order"
    missing = set(sent) - {seen.message_id for seen in shown}
    assert not missing, f"{chat} never saw {missing}"
    for place, seen in enumerate(shown):
        if seen.message_id in sent:
            continue
        life = bisect_right(begun, seen.at)
        following = shown[place + 1] if place + 1 < len(shown) else None
        assert following is not None, f"{chat} saw {seen.text!r}, of which nobody knows"
        assert bisect_right(begun, following.at) > life, f"{seen.text!r} was not the one in flight at a kill"
        assert following.text == seen.text, f"{seen.text!r} was sent, and not sent again after the kill"


def _without_repeats(books: Books, chat: Chatting) -> list[str]:
    sent = set(books.sent(chat))
    return [seen.text for seen in _shown(chat) if seen.message_id in sent]


def _it_reads_like_a_calm_talk(books: Books, talk: Talk, calm: Talk) -> None:
    """Each message once and in the same order; only numbers, the hour's greeting and the waiting time may differ."""
    said, wanted = ([_plain(text) for text in _without_repeats(books, each.person)] for each in (talk, calm))
    assert said == wanted
    notices = [text for text in _without_repeats(books, talk.person) if talk.receipt in text]
    assert len(notices) == 2, "the receipt and the word that it was verified"


def _plain(text: str) -> str:
    text = re.sub(r"Selamat (pagi|siang|sore|malam)", "Salam", text)
    text = re.sub(r"(Petugas akan memeriksa)[^.]*", r"\1", text)
    return re.sub(r"\d+", "#", text)


def _the_officers_saw_each_case_once(books: Books, officers: list[Person], talks: list[Talk]) -> None:
    """One card, one KTP and one word about the decision for each case; no KTP that we know of is left."""
    texts = Counter[tuple[str, str]]()
    for officer in officers:
        for text in _without_repeats(books, officer):
            found, head = RECEIPT.search(text), text.split(" ", 1)[0]
            if found and "NIK: " in text:
                texts[found[0], "ktp"] += 1
            elif found:
                texts[found[0], "card" if head == "Kasus" else "decided"] += 1
        known = set(books.sent(officer))
        assert not [message for message in officer.sees() if "NIK: " in message.text and message.message_id in known]
    kinds = ("card", "ktp", "decided")
    assert texts == Counter({(talk.receipt, kind): 1 for talk in talks for kind in kinds})
