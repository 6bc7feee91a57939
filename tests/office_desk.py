"""The office in a test: a real store, the real router, and phones that show what the outbox delivers.

Nothing of ours is replaced; only the network is: a chat keeps what was sent, edited and deleted.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.texts import Voice
from conversation.fold import folds_of
from conversation.messages import Choice, Commands, Deletion, Edit, Incoming, Kind, Message, Photo
from domain.address import Address
from domain.limits import Limits
from domain.officer import Role
from domain.registration import Actor, Registration, Status
from domain.rules import Rules
from handlers import due_queue, queue
from handlers.office import Office
from handlers.router import handle
from storage.areas import load_places
from storage.engine import Engine
from storage.files import MediaFolder
from storage.keyfile import Keys
from storage.migrate import migrate
from storage.outbox import Waiting
from storage.postgres import PostgresEngine
from storage.sqlite import SqliteEngine
from storage.store import Store, Tx
from storage.vault import Vault
from tests.postgres_server import fresh_database

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
KEYS = Keys({1: b"\x01" * 32}, 1, b"\x02" * 32)
LATUHALAT = "81.71.01.2001"
NUSANIWE = "81.71.01"
SIRIMAU = "81.71.02"
BARE = Limits(choices=10, numbers=True, edits=False, deletes=False, protects=False, toasts=False)
"""A network that changes nothing it has sent, and whose people answer by number."""
SARI = {
    "nik": "8171014403859901",
    "name": "SARNI TUHUMURY",
    "birth_place": "Ambon",
    "birth_date": "1985-03-04",
    "gender": "P",
    "village": LATUHALAT,
    "street": "RT 001/RW 002",
    "occupation": "NEL",
    "workplace": "laut Latuhalat",
    "phone": "+6281234500001",
    "heir": "Yohana, anak",
}
BUDI = {
    **SARI,
    "nik": "8171011503809902",
    "name": "BUDI PATTIASINA",
    "birth_date": "1980-03-15",
    "gender": "L",
    "occupation": "TAN",
    "phone": "+6281234500002",
}


@dataclass
class Shown:
    """A message as a phone shows it."""

    id: str
    text: str
    choices: tuple[Choice, ...] = ()
    photo: str = ""
    protected: bool = False


@dataclass
class Chat:
    """What one phone shows now, what was ever sent to it, and its menu of commands."""

    shown: list[Shown] = field(default_factory=list)
    ever: list[str] = field(default_factory=list)
    menu: tuple[str, ...] = ()
    taken_back: list[str] = field(default_factory=list)

    def deliver(self, row_id: int, out: object, ref: str | None) -> None:
        if isinstance(out, Message):
            self.shown.append(Shown(str(row_id), out.text, out.choices, out.photo, out.protected))
            self.ever.append(out.text)
        elif isinstance(out, Edit):
            for one in self.shown:
                if one.id == ref:
                    one.text = one.text if out.text is None else out.text
                    one.choices = out.choices
        elif isinstance(out, Deletion):
            gone = ref or out.message_id
            self.taken_back.append(gone)
            self.shown = [one for one in self.shown if one.id != gone]
        elif isinstance(out, Commands):
            self.menu = tuple(word for word, _ in out.entries)


class Someone:
    """A person with a phone."""

    def __init__(self, desk: OfficeDesk, name: str, channel: str, number: str) -> None:
        self.desk = desk
        self.name = name
        self.address = Address(channel, "lindung", name.lower(), number)
        self.chat = desk.chats.setdefault(self.address.id, Chat())

    async def says(self, text: str) -> str:
        """Write something; everything heard in answer, as one text."""
        return await self._does(Incoming(self.desk.key(), self.address, Kind.TEXT, text, first_name=self.name))

    async def taps(self, label: str) -> str:
        """Tap the newest choice with this label; the acknowledgement and everything heard."""
        for shown in reversed(self.chat.shown):
            for choice in shown.choices:
                if label in choice.label:
                    return await self.sends_tap(choice.data)
        raise AssertionError(f"{self.name} sees no choice {label!r}, only {self.choices()}")

    async def sends_tap(self, data: str) -> str:
        """A tap with any data, as a forged one would be."""
        return await self._does(Incoming(self.desk.key(), self.address, Kind.TAP, tap=data, tap_id="t"))

    def choices(self) -> list[str]:
        """The labels of every choice on the screen."""
        return [choice.label for shown in self.chat.shown for choice in shown.choices]

    def data_of(self, label: str) -> str:
        return next(
            choice.data for shown in reversed(self.chat.shown) for choice in shown.choices if label in choice.label
        )

    @property
    def last(self) -> str:
        return self.chat.shown[-1].text

    @property
    def screen(self) -> str:
        return "\n".join(shown.text for shown in self.chat.shown)

    async def joins(self, role: Role = Role.OFFICER, *areas: str) -> None:
        """Become an officer or admin by a code."""
        desk = self.desk
        expires = desk.at + 3_600_000
        code = await desk.store.transact(lambda tx: tx.staff.invite(role=role, areas=areas, expires_at=expires))
        assert "Selamat bergabung" in await self.says(f"/start {code}")

    async def officer_id(self) -> int:
        return await self.desk.store.transact(lambda tx: tx.staff.at_address(self._person(tx)).id)  # type: ignore[union-attr]

    def _person(self, tx: Tx) -> int:
        return tx.people.arrive(self.address)[0].id

    async def _does(self, incoming: Incoming) -> str:
        incoming = replace(incoming, message_id=f"own-{incoming.key}")
        before = len(self.chat.ever)
        with self.desk.speaking(self):
            said = await self.desk.store.transact(handle, incoming, self.desk.office)
            await self.desk.deliver()
        heard = self.chat.ever[before:]
        return "\n".join(([said.text] if said and said.text else []) + heard)


class OfficeDesk:
    """One store with its cast. `now` moves only when `passes` is called."""

    def __init__(self, engine: Engine, media: Path, rules: Rules) -> None:
        self.now = START
        vault = Vault(KEYS)
        self.store = Store(engine, vault, MediaFolder(media, vault), clock=lambda: self.now)
        places = load_places("81.71")
        self.office = Office(
            say=Voice(places.area.zone),
            rules=rules,
            places=places,
            name="Disnaker Kota Ambon",
            address="Jalan Contoh 1",
            hours="08.00-16.00",
            contact="0812-3450-0009",
            letters="AMB",
            links={"test": lambda code="": f"https://example.test/lindung?start={code}"},
        )
        self.chats: dict[str, Chat] = {}
        self.channels: dict[str, None] = {"test": None}
        self._keys = itertools.count(1)
        self._photos = itertools.count(1)
        self._delivering = asyncio.Lock()
        self._speaking: Counter[str] = Counter()

    @property
    def at(self) -> int:
        return int(self.now.timestamp() * 1000)

    def key(self) -> str:
        return f"test:{next(self._keys)}"

    def someone(self, name: str, *, channel: str = "test", number: str = "") -> Someone:
        """Somebody with a phone at a network; names differ on all networks."""
        self.channels.setdefault(channel)
        return Someone(self, name, channel, number)

    @contextmanager
    def speaking(self, who: Someone) -> Iterator[None]:
        """Who speaks may be answered in free text; everybody else may have been silent for days."""
        self._speaking[who.address.id] += 1
        try:
            yield
        finally:
            self._speaking[who.address.id] -= 1

    def moves_to(self, limits: Limits) -> None:
        """From now on everybody's network can do this much."""
        self.office = replace(self.office, limits={"test": limits})
        self.store.folds = folds_of(self.office.limits, self.office.say)

    async def passes(self, **span: float) -> None:
        """Time goes by, and what falls due happens."""
        self.now += timedelta(**span)
        await self.due()

    async def due(self) -> None:
        for step in due_queue.OFTEN:
            while await self.store.transact(step, self.office):
                pass
        await self.deliver()

    async def deliver(self) -> None:
        """What the delivery loop does: rows in order per person, each to its chat, as far as the network can."""
        limits = self.office.limits_of("test")
        async with self._delivering:
            while rows := await self.store.transact(self._due):
                fixed = (*(() if limits.edits else (Edit,)), *(() if limits.deletes else (Deletion,)))
                for row in (row for row in rows if not isinstance(row.out, fixed)):
                    answers = self._speaking[row.to] > 0 or not isinstance(row.out, Message)
                    assert answers or row.out.late, "who has not just written is told by a late text, or called by one"
                    self.chats[row.to].deliver(row.id, row.out, row.ref)
                sent = [(row.id, str(row.id)) for row in rows]
                await self.store.transact(lambda tx, sent=sent: tx.outbox.sent(sent))

    def _due(self, tx: Tx) -> list[Waiting]:
        return [row for channel in self.channels for row in tx.outbox.due(channel, limit=50)]

    async def registers(
        self,
        worker: Someone,
        answers: dict[str, str] | None = None,
        *,
        photo: bool = True,
        flaws: tuple[str, ...] = (),
        **changes: object,
    ) -> Registration:
        """Send in a registration as the form does at its end."""
        case = await self.store.transact(self._register, worker, answers or SARI, photo, flaws, changes)
        await self.deliver()
        return case

    def _register(
        self,
        tx: Tx,
        worker: Someone,
        answers: dict[str, str],
        photo: bool,
        flaws: tuple[str, ...],
        changes: dict[str, object],
    ) -> Registration:
        person, _ = tx.people.arrive(worker.address)
        tx.people.keep(person)
        draft = tx.registrations.draft(person.id, for_other=False)
        known = {**answers, "photo": "photo"} if photo else answers
        tx.registrations.put_answers(draft, known)
        tx.registrations.index_person(draft.id, answers)
        if photo:
            name = f"{next(self._photos):032x}"
            tx.registrations.add_photo(draft.id, "photo", Photo(name, 1200, 800, flaws))
        others = [one for one in tx.registrations.holding(answers["nik"]) if one.duplicate_of is None]
        village = answers["village"] if answers["village"] != "outside" else None
        ready = replace(
            draft,
            receipt=tx.registrations.new_receipt("AMB"),
            duplicate_of=others[0].id if others else None,
            area=village,
            district=village[:8] if village else None,
            out_of_area=village is None,
            has_photo=photo,
            priority=1 if photo else 2,
            submitted_at=tx.at,
            queued_at=tx.at,
        )
        ready = tx.registrations.save(draft, replace(ready, **changes))
        case = tx.registrations.move(ready, Status.SUBMITTED, by=Actor.WORKER, actor_id=person.id)
        queue.arrived(tx, case, self.office)
        return case

    async def changes(self, case: Registration, **values: str) -> Registration:
        """The worker changes answers after the receipt, as UBAH does at its end."""

        def unit(tx: Tx) -> Registration:
            old = tx.registrations.get(case.id)
            assert old is not None
            new = tx.registrations.save(old, replace(old, version=old.version + 1))
            tx.registrations.put_answers(new, values)
            return queue.changed_by_worker(tx, new, self.office)

        changed = await self.store.transact(unit)
        await self.deliver()
        return changed

    async def withdraws(self, case: Registration) -> None:
        def unit(tx: Tx) -> None:
            found = tx.registrations.get(case.id)
            assert found is not None
            queue.withdrawn(tx, found, self.office)
            now = tx.registrations.get(case.id)
            assert now is not None
            tx.registrations.move(now, Status.CANCELLED, by=Actor.WORKER)

        await self.store.transact(unit)
        await self.deliver()

    async def case(self, case: Registration) -> Registration:
        found = await self.store.transact(lambda tx: tx.registrations.get(case.id))
        assert found is not None
        return found

    async def status(self, case: Registration) -> Status:
        return (await self.case(case)).status

    async def crashes(self, engine: Engine) -> None:
        """The program dies and starts again on the same database."""
        await self.store.close()
        self.store = replace(self.store, engine=engine)
        await self.store.open()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a migrated database of one's own: "sqlite" or "postgres"."""
    if kind == "sqlite":
        url = f"sqlite:///{folder}/lindung.db"
        migrate(url)
        yield url
    else:
        with fresh_database(migrate) as url:
            yield url


def engine_for(url: str) -> Engine:
    if url.startswith("sqlite"):
        return SqliteEngine(Path(url.removeprefix("sqlite:///")))
    return PostgresEngine(url)


async def at_once(*doing: object) -> list[str]:
    """Several people act at the same moment."""
    return list(await asyncio.gather(*doing))  # type: ignore[call-overload]
