"""What Meta puts into one webhook: many messages of many people, repeated, mixed up, forged, with statuses between.

Every message counts once and in its person's order, and 200 comes only after the commit; the program is a process of
its own. What single payloads mean is in test_whatsapp_updates.py.
"""

from __future__ import annotations

import asyncio
import random
import resource
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import office_of
from handlers import due
from storage.statement import Statement
from tests.books import Books, plain
from tests.pictures import ktp_photo
from tests.program import Program, by_whatsapp
from tests.servers.whatsapp import APP_SECRET, PHONE_NUMBER_ID, WhatsAppServer
from tests.servers.whatsapp_bodies import Notice, sign, written
from tests.servers.whatsapp_people import Person
from tests.talks import PHOTO, Talk, Told, invented_nik, wait_for

pytestmark = pytest.mark.slow

WITHIN = 30.0
# Redeliveries are known for fourteen days, and Meta gives up after seven.
_DAYS_LATER = 13
_OLDER = Statement("UPDATE seen SET at = at - :by")


@dataclass(frozen=True)
class Said:
    """One message of a script: which of its person's it is, and the second that WhatsApp writes on it."""

    person: Person
    number: int
    text: str
    second: int
    id: str


@dataclass
class Meta:
    """Brings bodies of our own making to the program's door."""

    server: WhatsAppServer
    program: Program
    http: aiohttp.ClientSession
    brought: list[bytes] = field(default_factory=list)

    def notice(self, said: Said, *, number_id: str = PHONE_NUMBER_ID) -> Notice:
        account, world = said.person.account, self.server.world
        account.wrote_at, world.owners[said.id] = world.now(), account
        value = self.server.notices.told(account, said.id, "text", {"text": {"body": said.text}})
        value["messages"][0]["timestamp"] = str(said.second)
        value["metadata"]["phone_number_id"] = number_id
        return Notice("messages", value)

    def statuses(self) -> list[Notice]:
        """All that was told so far of our messages."""
        return [notice for body in self.server.webhooks.history for notice in body.notices if notice.tells("statuses")]

    async def brings(self, notices: list[Notice], *, spread: str = "messages", secret: str = APP_SECRET) -> int:
        """The status of the answer; 0 for none."""
        raw = written(notices, spread, escapes=True)
        status = await self.posts(raw, secret)
        if secret == APP_SECRET:
            self.brought.append(raw)
        return status

    async def posts(self, raw: bytes, secret: str = APP_SECRET) -> int:
        headers = {"X-Hub-Signature-256": sign(raw, secret), "Content-Type": "application/json"}
        try:
            async with self.http.post(f"{self.program.web}/whatsapp", data=raw, headers=headers) as answer:
                return answer.status
        except aiohttp.ClientError:
            return 0


@pytest.fixture
async def meta(tmp_path: Path) -> AsyncIterator[Meta]:
    connector = aiohttp.TCPConnector(force_close=True)  # no connection outlives the program
    async with WhatsAppServer() as server, aiohttp.ClientSession(connector=connector) as http:
        async with Program(tmp_path, **by_whatsapp(server.base)) as program:
            await is_ready(program)
            yield Meta(server, program, http)
        assert [each for each in server.violations if each.severity in ("error", "warn")] == []


async def is_ready(program: Program) -> None:
    """Its door is open: Meta has been there."""
    await program.logs("channel_ready", times=program.starts_made)


def script(meta: Meta, person: Person, number: int, chance: random.Random) -> list[Said]:
    """What somebody says up to the photo, waiting for no answer: often several within a second."""
    texts = [text for text, _ in told(number).steps()]
    second = int(meta.server.world.now())
    lines = []
    for place, text in enumerate(texts[: texts.index(PHOTO)]):
        second += chance.choice((0, 0, 1, 2, 7))
        lines.append(Said(person, place, text, second, meta.server.world.message_id(person.account)))
    return lines


def told(number: int) -> Told:
    return Told(invented_nik(number))


def in_bodies(scripts: list[list[Said]], chance: random.Random) -> list[list[Said]]:
    """Each script in its order, all mixed, in bodies of 1 to 20; bursts of one person, as people write."""
    waiting, merged = [list(lines) for lines in scripts], []
    while waiting:
        lines = chance.choice(waiting)
        for _ in range(min(len(lines), chance.randint(1, 5))):
            merged.append(lines.pop(0))
        waiting = [each for each in waiting if each]
    bodies: list[list[Said]] = []
    while merged:
        sizes = list(range(1, 21))
        chance.shuffle(sizes)
        for size in sizes:
            bodies.append(merged[:size])
            merged = merged[size:]
    return [body for body in bodies if body]


def mixed_up(body: list[Said], chance: random.Random) -> list[Said]:
    """In any order, but what one person said within a second keeps its own, which nothing else tells."""
    shuffled = chance.sample(body, len(body))
    groups: dict[tuple[str, int], list[Said]] = defaultdict(list)
    for each in sorted(shuffled, key=lambda each: each.number):
        groups[each.person.name, each.second].append(each)
    return [groups[each.person.name, each.second].pop(0) for each in shuffled]


async def comes(meta: Meta, bodies: list[list[Said]], chance: random.Random) -> None:
    """The bodies one after another, with everything between them that Meta and others may bring."""
    before: list[Said] = []
    for place, body in enumerate(bodies):
        if chance.random() < 0.3:
            later = [meta.notice(each) for each in bodies[min(place + 1, len(bodies) - 1)]]
            assert await meta.brings(later, secret="bukan-rahasia") == 401
        before += body
        repeats = chance.sample(before, min(len(before), chance.randint(0, 3)))
        notices = [meta.notice(each) for each in mixed_up(body + repeats, chance)]
        spread = chance.choice(("messages", "changes", "entries"))
        known = meta.statuses()
        mixed_in = chance.sample(known, min(len(known), 4))
        if spread != "messages":
            # Another number of ours that is not this program's: what is said there is none of its business.
            mixed_in += [meta.notice(each, number_id="999000999000999") for each in repeats]
            mixed_in.append(Notice("message_template_status_update", {"event": "APPROVED"}))
        for each in mixed_in:
            notices.insert(chance.randint(1, len(notices)), each)
        assert await meta.brings(notices, spread=spread) == 200
        if chance.random() < 0.3:
            again = chance.sample(meta.brought, min(len(meta.brought), 3))
            assert set(await asyncio.gather(*map(meta.posts, again))) == {200}


def read_by(person: Person) -> list[str]:
    return [plain(message.text) for message in person.ledger]


@pytest.mark.parametrize("seed", range(2))
async def test_every_message_of_every_body_counts_once_and_in_its_persons_order(meta: Meta, seed: int) -> None:
    chance, server = random.Random(seed), meta.server
    calm = Talk(server.person("Sari"), told(0))
    await calm.registers(until=PHOTO)
    crowd = [server.person(f"Pekerja {number}") for number in range(1, 22)]
    scripts = [script(meta, person, number, chance) for number, person in enumerate(crowd, 1)]
    await comes(meta, in_bodies(scripts, chance), chance)
    for person in crowd:
        await wait_for(lambda: len(person.ledger) >= len(calm.person.ledger), person, "the last question", WITHIN)  # noqa: B023
    await server.settles()
    assert await meta.program.stops() == 0

    said = len(crowd) * len(scripts[0]) + calm.done
    async with meta.program.opened() as found:
        books = await Books.of(found.store)
        assert len(books.seen) == said
        assert len(books.registrations) == len(crowd) + 1
        stored = {}
        for row in books.registrations:
            answers = await found.store.read(lambda tx: tx.registrations.answers(row["id"]))  # noqa: B023
            stored[answers["nik"]] = (answers["name"], answers["street"], answers["workplace"], answers["village"])
        sari = told(0)
        same = (sari.name, sari.street, sari.workplace, "81.71.01.2001")
        assert stored == {invented_nik(number): same for number in range(len(crowd) + 1)}
        # Days later, when only the keys of what was seen tell that it was.
        await found.store.engine.transact(lambda db: db.run(_OLDER, by=_DAYS_LATER * 86_400_000))
        await found.store.transact(due.forget, office_of(meta.program.as_settings(), {}))
    await meta.program.starts()
    await is_ready(meta.program)
    assert set(await asyncio.gather(*map(meta.posts, meta.brought))) == {200}
    await server.settles()
    assert await meta.program.stops() == 0
    async with meta.program.opened() as found:
        assert len((await Books.of(found.store)).seen) == said
    assert {tuple(read_by(person)) for person in crowd} == {tuple(read_by(calm.person))}


# 200 only after the commit


def seen_so_far(program: Program) -> int:
    """How many of the messages are committed, while it runs."""
    address = program.settings["database_url"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"file:{address}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT COUNT(*) FROM seen").fetchone()[0])


def a_first_word_of_each(meta: Meta) -> tuple[list[Person], list[Notice]]:
    people = [meta.server.person(f"Pekerja {number}") for number in range(20)]
    chance = random.Random(1)
    return people, [meta.notice(script(meta, person, number, chance)[0]) for number, person in enumerate(people)]


async def everybody_was_greeted_once(meta: Meta, people: list[Person]) -> None:
    """One message of one row each; after a kill the one in flight may have come again."""
    for person in people:
        await person.hears("SETUJU", within=WITHIN)
    await meta.server.settles()
    assert await meta.program.stops() == 0
    assert seen_so_far(meta.program) == len(people)
    async with meta.program.opened() as found:
        assert len((await Books.of(found.store)).outbox) == len(people)
    assert all(len({message.mark for message in person.ledger}) == 1 for person in people)


async def test_a_kill_in_the_middle_of_a_body_loses_nothing_of_it(meta: Meta) -> None:
    people, notices = a_first_word_of_each(meta)
    posting = asyncio.create_task(meta.brings(notices))
    while not posting.done() and seen_so_far(meta.program) < 5:
        await asyncio.wait({posting}, timeout=0.001)
    await meta.program.kills()
    status, seen = await posting, seen_so_far(meta.program)
    assert status == (200 if status else 0)
    assert status != 200 or seen == len(people), "it was confirmed and not committed"
    await meta.program.starts()
    await is_ready(meta.program)
    assert await meta.posts(meta.brought[0]) == 200
    await everybody_was_greeted_once(meta, people)


async def test_a_database_that_fails_in_the_middle_of_a_body_confirms_nothing_and_loses_nothing(meta: Meta) -> None:
    people, notices = a_first_word_of_each(meta)
    pid, journal = meta.program.pid, Path(meta.program.settings["database_url"].removeprefix("sqlite:///") + "-wal")
    room = journal.stat().st_size + 60_000
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    assert await meta.brings(notices) == 503
    assert seen_so_far(meta.program) < len(people)
    assert await meta.posts(meta.brought[0]) == 503
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert await meta.posts(meta.brought[0]) == 200
    await everybody_was_greeted_once(meta, people)


# Files


async def test_of_nothing_that_people_send_a_copy_stays_at_meta(meta: Meta) -> None:
    server, sari = meta.server, Talk(meta.server.person("Sari"), told(1))
    budi = server.person("Budi")
    await sari.registers(until=PHOTO)
    server.batch(5)
    # What is parked and fetched, what waits behind it, and what nobody asked for.
    sends: list[Any] = [sari.person.sends_photo(ktp_photo()), sari.person.sends_voice(), sari.person.sends_sticker()]
    sends += [budi.sends_photo(), budi.sends_document(b"%PDF-1.7", "surat.pdf", mime="application/pdf")]
    for each in sends:
        await each
    await sari.person.hears("keluarga", within=WITHIN)
    await budi.hears("SETUJU", within=WITHIN)
    async with asyncio.timeout(WITHIN):
        while server.media:
            await server.world.bell.heard(0.1)
    assert len(server.calls("media_download")) == 1
    assert await meta.program.stops() == 0
    async with meta.program.opened() as found:
        books = await Books.of(found.store)
        assert [row["question"] for row in books.media] == ["photo"]
        assert set(found.store.media.names()) == {row["name"] for row in books.media}
