"""The one way in: an Incoming of any channel becomes one transaction, in its person's order, with the one catch-all.

Not for: starting and stopping (bot/app.py), sending (bot/delivery.py) or deciding anything (handlers/).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog

from bot.receipts import Receipts
from channels.base import Channel, MarksRead, Refused, SendFailed
from conversation.messages import Acknowledgement, Incoming, Message, Receipt
from handlers.office import Office
from handlers.pictures import let_go
from handlers.router import handle, handle_parked
from storage.engine import StoreError
from storage.inbox import Parked
from storage.store import Store, Tx

log = structlog.get_logger()

_MINUTE = 60.0

# Marks of having read that are under way at once.
_LOOSE = 100


class Lines:
    """One line per address: what belongs to one person happens strictly in the order it came."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        lock, waiting = self._locks.get(key) or (asyncio.Lock(), 0)
        self._locks[key] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._locks[key]
            if waiting == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, waiting - 1)


class Refusals:
    """Strangers at a door, counted: a flood of them fills no log."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[tuple[str, str], tuple[int, float]] = {}

    def note(self, channel: str, code: str) -> int:
        """One more; how many to tell of now: the first at once, then those of each minute together, else none."""
        now = self._clock()
        count, told_at = self._counts.get((channel, code), (0, now - _MINUTE))
        count += 1
        to_tell = count if now - told_at >= _MINUTE else 0
        self._counts[channel, code] = (0, now) if to_tell else (count, told_at)
        return to_tell


class Service:
    """Takes what arrives. `office` is frozen and the same for everybody."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], office: Office) -> None:
        self.store = store
        self.channels = channels
        self.office = office
        self._lines = Lines()
        self._receipts = Receipts(store, office)
        self._loose: set[asyncio.Task[Any]] = set()
        self._refusals = Refusals()

    async def receive(self, channel_name: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Bytes at a door: 200 only after the commit, 401 for a stranger's, 503 while the database fails."""
        channel = self.channels.get(channel_name)
        if channel is None:
            return 404
        try:
            arrived = channel.read(body, headers)
        except Refused as refused:
            if count := self._refusals.note(channel_name, refused.code):
                log.warning("door_refused", channel=channel_name, code=refused.code, count=count)
            return 401
        try:
            await self.take_all(arrived)
        except StoreError as error:
            log.error("not_stored", code=type(error).__name__)
            return 503
        return 200

    async def take_all(self, arrived: Sequence[Incoming | Receipt]) -> None:
        """Everything that came at once, committed when this returns: people side by side, each in their order.

        What stands behind something that could not be stored is left, for all of it comes again. Raises StoreError.
        """
        people: dict[str, list[Incoming]] = {}
        for each in arrived:
            if isinstance(each, Incoming):
                people.setdefault(_line(each), []).append(each)
        receipts = [each for each in arrived if isinstance(each, Receipt)]
        work = [*map(self._in_order, people.values()), self._receipts.take(receipts)]
        for result in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def _in_order(self, own: Sequence[Incoming]) -> None:
        for each in own:
            await self.take(each)

    async def take(self, incoming: Incoming) -> None:
        """One Incoming, once, committed when this returns. Raises StoreError: then it is not confirmed."""
        repeated = False

        async def unit() -> Acknowledgement | None:
            nonlocal repeated
            acknowledgement, repeated = await self.store.transact(_handled, incoming, self.office)
            return acknowledgement

        async with self._lines.turn(_line(incoming)):
            await self._run(incoming, unit)
        if not repeated:
            self._show_read(incoming)

    async def take_parked(self, parked: Parked, incoming: Incoming) -> None:
        """What was parked, now ready. Raises StoreError."""
        async with self._lines.turn(_line(incoming)):
            await self._run(
                incoming,
                lambda: self.store.transact(handle_parked, parked, incoming, self.office),
                parked=parked,
            )

    async def finish(self, seconds: float) -> None:
        """Wait for acknowledgements under way."""
        if self._loose:
            await asyncio.wait(self._loose, timeout=seconds)

    async def _run(
        self,
        incoming: Incoming,
        unit: Callable[[], Coroutine[Any, Any, Acknowledgement | None]],
        parked: Parked | None = None,
    ) -> None:
        try:
            acknowledgement = await unit()
        except StoreError:
            raise
        except Exception as error:
            log.exception("handler_failed", code=type(error).__name__, kind=incoming.kind)
            await self._poisoned(incoming, type(error).__name__, parked)
            acknowledgement = Acknowledgement(incoming.tap_id) if incoming.tap_id else None
        if acknowledgement is not None and acknowledgement.tap_id:
            self._spawn(self._acknowledge(incoming, acknowledgement))

    async def _poisoned(self, incoming: Incoming, code: str, parked: Parked | None) -> None:
        """A bug of ours: keep the Incoming, encrypted, for an admin; say sorry; it counts as seen."""
        try:
            await self.store.transact(_set_aside, incoming, code, parked, self.office)
        except StoreError:
            raise
        except Exception as error:
            log.exception("setting_aside_failed", code=type(error).__name__)
            await self.store.transact(lambda tx: tx.inbox.remember(incoming.key))

    async def _acknowledge(self, incoming: Incoming, out: Acknowledgement) -> None:
        """Tried once, never stored."""
        with contextlib.suppress(SendFailed):
            await self.channels[incoming.address.channel].send(incoming.address.id, out)

    def _show_read(self, incoming: Incoming) -> None:
        """Not waited for, nor tried again; while the network is slow, not at all."""
        channel = self.channels.get(incoming.address.channel)
        if isinstance(channel, MarksRead) and incoming.read_id and len(self._loose) < _LOOSE:
            self._spawn(channel.mark_read(incoming.address.id, incoming.read_id))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._loose.add(task)
        task.add_done_callback(self._loose.discard)


def _handled(tx: Tx, incoming: Incoming, office: Office) -> tuple[Acknowledgement | None, bool]:
    """What to acknowledge, and whether it was here before."""
    acknowledgement = handle(tx, incoming, office)
    return acknowledgement, tx.inbox.repeated


def _set_aside(tx: Tx, incoming: Incoming, code: str, parked: Parked | None, office: Office) -> None:
    if parked is not None:
        tx.inbox.fail(parked.id, code)
    elif not tx.inbox.remember(incoming.key):
        return
    person, _ = tx.people.arrive(incoming.address)
    if parked is None and person.known:
        tx.inbox.park(person.id, incoming, state="failed", code=code)
    if parked is None:
        let_go(tx, person, incoming, office)
    if incoming.file:
        tx.forgotten.append(incoming.file)
    sorry = office.say(
        "Sorry, something went wrong here. It is not your fault. Please send the last message once more later, or call"
        " the office: {contact}.",
        contact=office.contact,
    )
    tx.outbox.put(person, Message(sorry))


def _line(incoming: Incoming) -> str:
    place = incoming.address
    # One account may come by its number alone, and by its id as well.
    return f"{place.channel}:{place.bot}:{place.number or place.id}"
