"""The program: picks the database and the channels, opens the doors, runs the loops, and stops in order.

Not for: what happens to what arrives (bot/service.py) or any setting's meaning (bot/settings.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
import signal
import socket
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import structlog

from bot import loops, operations
from bot.broadcast_lane import BroadcastLane
from bot.control import ControlSocket
from bot.delivery import Delivery
from bot.files import Files
from bot.loops import Clockwork
from bot.menus import bot_texts
from bot.networks import LABELS, SPELLINGS, channels_of, webhooks_of
from bot.open_store import Opened, locked, opened
from bot.pace import Pace
from bot.page import PageDoor
from bot.paper_loop import PaperLoop
from bot.problems import CannotStart
from bot.service import Service
from bot.settings import WHATSAPP_PATH, Settings
from bot.surveys import keep_surveyed
from bot.texts import Voice
from bot.web import SHORTEST_TOKEN, Server, build_doors
from bot.work import Work
from channels.base import Channel, Polls, SendFailed, Surveys, Verifies, WantsCalls
from channels.telegram import Telegram
from channels.webchat import WebChat
from channels.whatsapp import WhatsApp
from conversation.fold import folds_of
from conversation.messages import Commands, Message
from domain.address import Address
from domain.link import Link
from domain.officer import Role
from domain.prices import Prices
from handlers import due_broadcasts
from handlers.broadcast_sending import where_off
from handlers.menu import entries, help_text
from handlers.office import Office
from storage.areas import load_places
from storage.durable import write_whole
from storage.engine import StoreError
from storage.lock import ProgramLock
from storage.store import Tx

log = structlog.get_logger()

# Of the ten seconds that an end may take; the rest is for closing.
_TO_FINISH = 8.0
_LOCK_SECONDS = 20.0
# Rows of the outbox in one transaction.
_AT_A_START = 500
NO_CHANNELS: Mapping[str, Channel] = MappingProxyType({})


def office_of(settings: Settings, links: Mapping[str, Link], channels: Mapping[str, Channel] = NO_CHANNELS) -> Office:
    """The office as handlers know it."""
    places = load_places(settings.area)
    say = Voice(places.area.zone)
    return Office(
        say=say,
        rules=settings.rules(),
        places=places,
        name=settings.office_name,
        address=settings.office_address,
        hours=settings.office_hours,
        contact=settings.office_contact,
        letters=settings.receipt_letters,
        links=links,
        limits={name: channel.limits for name, channel in channels.items()},
        page=settings.public_url or "",
        labels={name: say(label) for name, label in LABELS.items()},
        spellings=SPELLINGS,
        prices={WhatsApp.name: Prices(*settings.whatsapp_prices)},
    )


async def serve(settings: Settings) -> int:
    """Run until told to stop. Raises CannotStart; gives the exit code."""
    with _listening(settings) as door:
        async with opened(settings) as found, AsyncExitStack() as stack:
            return await _serve(settings, found, door, stack)


class Ending(asyncio.Event):
    """Set when the program is to end. `code` is its exit code: 1 when a bug of ours brought the end."""

    code = 0


async def _serve(settings: Settings, found: Opened, door: socket.socket, stack: AsyncExitStack) -> int:
    store = found.store
    # Nothing is being fetched yet, so a file without a row is what a kill left behind, however young it is.
    removed = store.media.sweep(await store.read(lambda tx: tx.media_names()), grace=0)
    if removed:
        log.info("left_over_files_removed", count=removed)
    channels = channels_of(settings)
    links: dict[str, Link] = {}
    office = office_of(settings, links, channels)
    store.folds = folds_of(office.limits, office.say)
    service = Service(store, channels, office)
    paces = {name: Pace(channel.limits) for name, channel in channels.items()}
    senders = {name: Delivery(store, channel, office.rules, paces[name]) for name, channel in channels.items()}
    lanes = {name: BroadcastLane(store, channel, office, paces[name]) for name, channel in channels.items()}
    while await store.transact(where_off, office, limit=_AT_A_START):
        pass
    files = Files(store, channels, service.take_parked)
    papers = PaperLoop(store, office)

    def stirred() -> None:
        for sender in senders.values():
            sender.wake()
        files.wake()

    store.stirred = stirred
    webchat = channels.get("webchat")
    page = webchat if isinstance(webchat, WebChat) else None
    page_token = _page_token(settings) if page is not None else ""
    if page is not None:
        await store.transact(_demo_cast, office)
    sight = PageDoor(store, office)
    doors = build_doors(
        receive=service.receive,
        webhooks=webhooks_of(settings),
        verifies={name: channel.verify for name, channel in channels.items() if isinstance(channel, Verifies)},
        rooms={sight.path: sight} if office.page else {},
        webchat=page,
        page_token=page_token,
        health=lambda: _well(found),
    )
    server = Server(doors, host=settings.http_host, port=settings.http_port, webchat=page)
    control = ControlSocket(
        settings.control_socket,
        database_url=settings.database_url,
        perform=operations.performer(Work(settings, store, links)),
    )
    await control.start()
    stack.push_async_callback(control.close)
    clockwork = Clockwork(store, office)
    # Of its own: making a long list of people holds up no lease and no decision.
    broadcasts = Clockwork(
        store, office, often=due_broadcasts.OFTEN, every_minute=due_broadcasts.EVERY_MINUTE, tick=0.5
    )
    stop = Ending()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    web = asyncio.create_task(server.serve(sockets=[door]))
    work = [asyncio.create_task(_guard(stop, "clockwork", clockwork.run()))]
    work.append(asyncio.create_task(_guard(stop, "broadcasts", broadcasts.run())))
    work.append(asyncio.create_task(_guard(stop, "lock", _keep_lock(found))))
    ending = [asyncio.create_task(_guard(stop, "files", files.run()))]
    ending.append(asyncio.create_task(_guard(stop, "papers", papers.run())))
    ending += [asyncio.create_task(_guard(stop, name, sender.run())) for name, sender in senders.items()]
    ending += [asyncio.create_task(_guard(stop, f"{name} broadcasts", lane.run())) for name, lane in lanes.items()]
    for name, channel in channels.items():
        work.append(asyncio.create_task(_guard(stop, name, _connect(name, channel, service, links))))
    print(_first_screen(settings, found, door, page_token), flush=True)  # noqa: T201 (the operator's screen)
    await stop.wait()
    await loops.ended(work)
    server.should_exit = True
    files.stop()
    papers.stop()
    for sender in senders.values():
        sender.stop()
    for lane in lanes.values():
        lane.stop()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(web, service.finish(_TO_FINISH), *ending), _TO_FINISH)
    await clockwork.finish()
    for channel in channels.values():
        with contextlib.suppress(SendFailed):
            await channel.close()
    return stop.code


async def _guard(stop: Ending, name: str, work: Coroutine[Any, Any, None]) -> None:
    """A loop that ends by a bug ends the program, loudly: nothing may run on without it."""
    try:
        await work
    except asyncio.CancelledError:
        raise
    except Exception:
        log.exception("loop_ended", loop=name)
        stop.code = 1
        stop.set()


async def _connect(name: str, channel: Channel, service: Service, links: dict[str, Link]) -> None:
    """Greet the network until it answers, tell it who we are, then ask it for what it does not tell by itself."""
    pause = 1.0
    while True:
        try:
            await channel.start()
            break
        except SendFailed as failed:
            log.error("channel_not_ready", channel=name, code=failed.code, seconds=pause)
        except Exception as error:
            # An answer of a shape that nobody foresaw; the next one may be well.
            log.exception("channel_not_ready", channel=name, code=type(error).__name__, seconds=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, 60.0)
    if isinstance(channel, Telegram | WhatsApp):
        links[name] = channel.link
    if isinstance(channel, Telegram):
        try:
            await channel.describe(**bot_texts(service.office))
        except SendFailed as failed:
            log.warning("texts_not_set", channel=name, code=failed.code)
    log.info("channel_ready", channel=name)
    asking: list[Coroutine[Any, Any, None]] = []
    if isinstance(channel, WantsCalls):
        asking.append(loops.be_called(channel, name))
    if isinstance(channel, Surveys):
        asking.append(keep_surveyed(channel, name, service.store, service.office))
    if isinstance(channel, Polls) and channel.polling:
        asking.append(loops.poll(channel, service, name))
    await asyncio.gather(*asking)


async def _keep_lock(found: Opened) -> None:
    """The lock on the database is held by a connection of its own, which must be kept alive."""
    while True:
        await asyncio.sleep(20.0)
        await keep_lock(found.lock)


async def keep_lock(lock: ProgramLock) -> None:
    """Once. While the database is away nobody else can take it either. Raises AlreadyRunning."""
    try:
        await asyncio.to_thread(lock.keep)
    except StoreError as error:
        log.error("lock_not_kept", code=type(error).__name__)


async def _well(found: Opened) -> bool:
    """Whether the database answers."""
    try:
        await found.store.read(lambda tx: tx.meta("mode"))
    except StoreError:
        return False
    return True


def _demo_cast(tx: Tx, office: Office) -> None:
    """The officer and the admin of the demo, once; the page has a phone for each."""
    for phone, role, name in (("officer-1", Role.OFFICER, "Dewi"), ("admin-1", Role.ADMIN, "Rahmat")):
        person, _ = tx.people.arrive(Address(WebChat.name, WebChat.bot, phone))
        if tx.staff.at_address(person.id) is None:
            tx.people.keep(person)
            tx.staff.enrol(replace(person, known=True), role=role, areas=(), name=name)
            tx.outbox.put(person, Commands(entries(role, office)))
            tx.outbox.put(person, Message(help_text(role, office)))


def _page_token(settings: Settings) -> str:
    """The secret in the page's address. It stays the same, so that an open page finds a restarted program."""
    kept = settings.media_dir.parent / "page-token"
    if kept.exists() and len(token := kept.read_text().strip()) >= SHORTEST_TOKEN:
        return token
    token = secrets.token_urlsafe(18)
    write_whole(kept, token.encode(), overwrite=True)
    return token


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The port, taken before anything else happens. Raises CannotStart, AlreadyRunning."""
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((settings.http_host, settings.http_port))
    except OSError as error:
        door.close()
        with locked(settings):
            pass  # when it is our own program that has the port, this says so
        about_port = error.errno in (errno.EADDRINUSE, errno.EACCES)
        remedy = "LINDUNG_HTTP_PORT to another one" if about_port else "LINDUNG_HTTP_HOST to an address of this machine"
        raise CannotStart(
            f"The port {settings.http_port} on {settings.http_host} cannot be used ({error.strerror}): set {remedy}."
        ) from error
    try:
        yield door
    finally:
        door.close()


def _first_screen(settings: Settings, found: Opened, door: socket.socket, page_token: str) -> str:
    """What runs, where, and what is not configured; one screen."""
    host, port = door.getsockname()[:2]
    lines = ["Lindung is running. Stop it with Ctrl+C.", ""]
    if settings.is_demo:
        lines += [
            f"  Web chat (demo):  http://{host}:{port}/demo/{page_token}/",
            "  Invented people only: this is the demo, with data of its own under var/demo/.",
            "  Telegram:         not configured (set LINDUNG_TELEGRAM_TOKEN; see README.md)",
            "  WhatsApp:         not configured (see docs/whatsapp.md)",
        ]
    else:
        how = "by webhook" if settings.telegram_webhook_url else "by polling"
        for name, token, about in (
            ("Telegram", settings.telegram_token, how),
            ("WhatsApp", settings.whatsapp_token, f"called at {settings.public_url or ''}{WHATSAPP_PATH}"),
        ):
            lines.append(f"  {name}:         {f'configured, {about}' if token else 'not configured'}")
        lines.append("  Web chat:         off")
    lines += [
        f"  Area:             {settings.area} ({load_places(settings.area).area.name})",
        f"  Database:         {settings.database_url.split('@')[-1]}",
        f"  Key file:         {settings.key_file}",
        f"  Health:           http://{host}:{port}/health",
    ]
    if not settings.is_demo:
        lines += [f"  Note:             {warning}" for warning in found.warnings]
    return "\n".join(lines)
