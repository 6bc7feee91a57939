"""The whole program inside a test: real store, real service and loops, and people at Telegram, over real HTTP.

    await sari.says("DAFTAR")
    await sari.hears("gratis")
    await office.later(days=1)

Only the networks are stand-ins (tests/servers/), and the clock is set by hand. Not for: signals, the lock's upkeep and
what asks a network how we stand, which bot/app.py does and other tests start as a process.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from bot import loops
from bot.app import office_of
from bot.broadcast_lane import BroadcastLane
from bot.delivery import Delivery
from bot.files import Files
from bot.loops import Clockwork
from bot.networks import channels_of, webhooks_of
from bot.open_store import opened
from bot.pace import Pace
from bot.paper_loop import PaperLoop
from bot.service import Service
from bot.settings import Settings
from bot.web import build_doors
from channels.base import Verifies, WantsCalls
from channels.telegram import Telegram
from channels.whatsapp import WhatsApp
from conversation.fold import folds_of
from domain.link import Link
from domain.officer import Role
from domain.registration import Registration
from handlers import due, due_broadcasts, due_queue
from handlers.broadcast_sending import where_off
from storage.engine import sqlite_path
from storage.store import Store, Tx
from tests.pictures import ktp_photo
from tests.program import by_whatsapp
from tests.servers.doors import open_doors
from tests.servers.telegram import TOKEN, TelegramServer
from tests.servers.telegram_people import Person
from tests.servers.telegram_things import Json
from tests.servers.whatsapp import WhatsAppServer

T = TypeVar("T")

MORNING = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""A Monday, nine o'clock in Ambon."""
OFFICE = {
    "area": "81.71",
    "office_name": "Disnaker Kota Ambon",
    "receipt_letters": "AMB",
    "office_address": "Jalan Contoh 1, Ambon",
    "office_hours": "Senin-Jumat 08.00-16.00 WIT",
    "office_contact": "0812-3450-0000",
}
_HOP = timedelta(hours=6)
_RECEIPT = re.compile(r"\bAMB-\d{4}-\d{4}\b")


class Clock:
    """Stands still but for `moves`; every doing of a person takes ten seconds of theirs."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now

    def moves(self, by: timedelta = timedelta(seconds=10)) -> None:
        self.now += by


STEPS = (
    "izin",
    "NIK",
    "nama",
    "tempat lahir",
    "desa",
    "alamat",
    "pekerjaan",
    "tempat kerja",
    "nomor HP",
    "foto",
    "keluarga",
    "ringkasan",
    "pengumuman",
    "selesai",
)
"""Where a person stands on the straight road, after each answer of it."""
ROADS = {
    "Sari": ("8171015503859901", "SARNI TUHUMURY", "Latuhalat", "1", "laut Latuhalat", "0812-3450-0001"),
    "Budi": ("8171011503809902", "BUDI PATTIASINA", "Passo", "2", "kebun di Passo", "0812-3450-0002"),
    "Joko": ("8171010101909903", "JOKO SUSILO", "Batu Merah", "4", "pasar Mardika", "0812-3450-0003"),
}
"""What each of the cast answers on the way."""
NO_PHOTO = "NANTI"


class Villager(Person):
    """A person with Telegram, whose doings take time on the office's clock."""

    def __init__(self, office: LiveOffice, name: str, **about: Any) -> None:
        super().__init__(office.server, name, **about)
        self.office = office
        self.clock = office.clock
        office.server.people[name] = self

    async def registers(
        self, until: str = "selesai", *, photo: bytes | None = None, without_photo: bool = False, **other: str
    ) -> None:
        """Walk the straight road to a step of it, from the start to the end unless told otherwise.

        `other` answers a step differently: `registers(NIK="8171...", desa="Passo")`; a blank is no key of Python's,
        so "tempat lahir" is written `tempat_lahir`.
        """
        nik, name, village, work, workplace, phone = ROADS[self.name]
        said = ("/start", "SETUJU", nik, name, "Ambon", village, "TIDAK ADA", work, workplace, phone, "", "LEWATI")
        for step, answer in zip(STEPS[: STEPS.index(until) + 1], (*said, "BENAR", "TIDAK"), strict=False):
            # The answer that leads to a step is the one to the question before it.
            question = STEPS[STEPS.index(step) - 1] if step != "izin" else ""
            answer = other.get(question.replace(" ", "_"), answer)
            if answer:
                await self.says(answer)
            elif without_photo:
                await self.says(NO_PHOTO)
            else:
                await self.sends_photo(photo or ktp_photo())
        await self.office.settles()

    def _send(self, text: str, extra: Json, *more: Any, **others: Any) -> int:
        self.clock.moves()
        return super()._send(text, extra, *more, **others)

    def _tap(self, data: str, message_id: int) -> None:
        self.clock.moves()
        super()._tap(data, message_id)

    async def edits(self, text: str, *, message_id: int | None = None) -> int:
        self.clock.moves()
        return await super().edits(text, message_id=message_id)

    @property
    def receipts(self) -> list[str]:
        """The receipt numbers this person was told, in order."""
        return list(dict.fromkeys(_RECEIPT.findall("\n".join(seen.text for seen in self.ledger))))

    @property
    def last_heard(self) -> str:
        """The last message since the person's last action; empty when there was none."""
        messages = [seen.text for seen in self.heard() if seen.kind == "message"]
        return messages[-1] if messages else ""


class LiveOffice:
    """The running program. Open it with `async with`; `restarts` stops and starts it on the same data."""

    def __init__(
        self,
        server: TelegramServer,
        database_url: str,
        folder: Path,
        *,
        whatsapp: WhatsAppServer | None = None,
        **settings: Any,
    ) -> None:
        self.server = server
        self.whatsapp = whatsapp
        self.clock = Clock()
        self._given = {
            **OFFICE,
            "database_url": database_url,
            "telegram_token": TOKEN,
            "telegram_api_url": server.base,
            "key_file": folder / "keys" / "lindung.key",
            "media_dir": folder / "media",
            "control_socket": folder / "control.sock",
            **(by_whatsapp(whatsapp.base) if whatsapp is not None else {}),
            **settings,
        }
        self.per_second = 1e4
        self._stack = contextlib.AsyncExitStack()
        self.store: Store
        self.service: Service

    @property
    def settings(self) -> Settings:
        return Settings(_env_file=None, **self._given)  # type: ignore[arg-type]

    async def __aenter__(self) -> LiveOffice:
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def restarts(self, **settings: Any) -> None:
        """Stop, and start again with the same data, perhaps with other settings."""
        await self._stack.aclose()
        self._stack = contextlib.AsyncExitStack()
        self._given |= settings
        await self._start()

    async def _start(self) -> None:
        settings = self.settings
        found = await self._stack.enter_async_context(opened(settings))
        self.store = store = found.store
        store.clock = self.clock
        channels, links = channels_of(settings), dict[str, Link]()
        self.channel = channels[Telegram.name]
        self.office = office_of(settings, links, channels)
        store.folds = folds_of(self.office.limits, self.office.say)
        self.service = Service(store, channels, self.office)
        if self.whatsapp is not None:
            doors = build_doors(
                receive=self.service.receive,
                webhooks=webhooks_of(settings),
                verifies={name: channel.verify for name, channel in channels.items() if isinstance(channel, Verifies)},
            )
            await self._stack.enter_async_context(open_doors(doors, port=settings.http_port))
        for name, channel in channels.items():
            await channel.start()
            self._stack.push_async_callback(channel.close)
            if isinstance(channel, WantsCalls):
                await channel.ask_for_calls()
            assert isinstance(channel, Telegram | WhatsApp)
            links[name] = channel.link
        # Telegram's pace is for Telegram: a test says in a second what takes people minutes.
        self.pace = Pace(replace(self.channel.limits, chat_burst=1e6, per_second=self.per_second))
        paces = {name: Pace(channel.limits) for name, channel in channels.items()} | {Telegram.name: self.pace}
        self._deliveries = [Delivery(store, each, self.office.rules, paces[name]) for name, each in channels.items()]
        self._files = Files(store, self.service.channels, self.service.take_parked)
        self._clockwork = Clockwork(store, self.office)
        self.papers = PaperLoop(store, self.office)
        self._stack.callback(self.papers.stop)
        while await store.transact(where_off, self.office, limit=500):
            pass
        lanes = [BroadcastLane(store, each, self.office, paces[name], tick=0.02) for name, each in channels.items()]
        store.stirred = self._stirred
        for sender in (*self._deliveries, self._files, *lanes):
            self._loop(sender.run(), sender.stop)
        self._stack.push_async_callback(self.service.finish, 10.0)
        assert isinstance(self.channel, Telegram)
        self._loop(loops.poll(self.channel, self.service, Telegram.name))

    def _loop(self, work: Coroutine[Any, Any, None], stop: Callable[[], None] | None = None) -> None:
        """Run a loop of the program; at the end it is told to stop, or cancelled where it knows no stop."""
        task = asyncio.create_task(work)

        async def end() -> None:
            if stop is None:
                task.cancel()
            else:
                stop()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        self._stack.push_async_callback(end)

    def _stirred(self) -> None:
        for sender in self._deliveries:
            sender.wake()
        self._files.wake()

    # What tests ask of it

    def villager(self, name: str, **about: Any) -> Villager:
        """The person of this name, met for the first time here."""
        known = self.server.people.get(name)
        return known if isinstance(known, Villager) else Villager(self, name, **about)

    async def settles(self, *, within: float = 10.0) -> None:
        """Wait until everything said is answered and every answer that is due is delivered."""
        async with asyncio.timeout(within):
            while (
                self.server.updates.undelivered()
                or self.server.unanswered()
                or (self.whatsapp is not None and self.whatsapp.webhooks.undelivered())
                or await self._is_busy()
            ):
                await self.server.world.bell.heard(0.003)

    async def _is_busy(self) -> bool:
        def something_due(tx: Tx) -> bool:
            quiet = self.office.rules.quiet.opens(tx.now, self.office.zone) > tx.now
            return bool(
                tx.inbox.files_due(limit=1)
                or tx.inbox.stranded()
                or any(
                    tx.outbox.due(name, limit=1)
                    or tx.recipients.claimed(name)
                    or (not quiet and tx.recipients.anything_due(name))
                    for name in self.service.channels
                )
            )

        return await self.store.read(something_due)

    async def later(self, **by: float) -> None:
        """Let time pass: `later(days=1)`. What falls due meanwhile happens; people hear it from here on."""
        await self.settles()
        for person in (*self.server.people.values(), *(self.whatsapp.people.values() if self.whatsapp else ())):
            person.listens()
        left = timedelta(**by)
        while True:
            hop = min(left, _HOP)
            self.clock.moves(hop)
            for network in (self.server, *([self.whatsapp] if self.whatsapp else [])):
                network.skip(seconds=hop.total_seconds())
            left -= hop
            for step in (*due_queue.OFTEN, *due.OFTEN, *due.EVERY_MINUTE, *due_broadcasts.EVERY_MINUTE):
                await self._clockwork.settle(step)
            await self.broadcasts_go_on()
            if not left:
                return

    async def broadcasts_go_on(self) -> None:
        """What is due for broadcasts happens, and what it sends is heard, until nothing more comes of it."""
        before: object = None
        while True:
            for step in due_broadcasts.OFTEN:
                await self._clockwork.settle(step)
            self._stirred()
            await self.settles()
            after = await self.store.read(
                lambda tx: [(each.state, each.counts) for each in tx.broadcasts.recent(limit=50)]
            )
            if after == before:
                return
            before = after

    async def papers_come(self) -> None:
        """The files that are due now are made and delivered. Each takes a process of its own, so a test asks for it."""
        while await self.papers.make_next():
            pass
        await self.settles()

    async def read(self, unit: Callable[[Tx], T]) -> T:
        """Look into the store."""
        return await self.store.read(unit)

    async def case(self, receipt: str) -> Registration:
        """The registration of a receipt number."""
        found = await self.store.read(lambda tx: tx.registrations.by_receipt(receipt))
        assert found is not None, f"no registration {receipt}"
        return found

    async def answers(self, receipt: str) -> dict[str, str]:
        """The answers of a registration, as they are now."""
        case = await self.case(receipt)
        return await self.store.read(lambda tx: tx.registrations.answers(case.id))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database file holds, asked behind the program's back."""
        path = sqlite_path(self.settings.database_url)
        if path is None:
            with psycopg.connect(self.settings.database_url) as database:
                return database.execute(sql).fetchall()  # type: ignore[call-overload,no-any-return]
        with contextlib.closing(sqlite3.connect(path)) as database:
            return database.execute(sql).fetchall()

    async def invites(self, role: Role, *areas: str) -> str:
        """A one-time code, as the operator's command makes it."""

        def invite(tx: Tx) -> str:
            return tx.staff.invite(role=role, areas=list(areas), expires_at=tx.at + 3_600_000)

        return await self.store.transact(invite)

    async def joins(self, name: str, role: Role, *areas: str, **about: Any) -> Villager:
        """A person who has become an officer or admin through an invitation."""
        person = self.villager(name, **about)
        await person.starts(await self.invites(role, *areas))
        await person.hears("Selamat bergabung")
        await self.settles()
        return person
