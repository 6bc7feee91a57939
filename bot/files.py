"""Fetches parked files outside any transaction, then runs what waited: the file's own message and those behind it.

A picture is cleaned first; a file that is to be kept whole is stored as it came, encrypted like all others.

Not for: what a picture means to the form (handlers/) or judging it (bot/photos.py).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog

from bot.photos import prepare
from channels.base import Channel, Fetches, FetchFailed, ShowsTyping
from conversation.messages import Attachment, Incoming, Photo, StoredFile
from storage.engine import StoreError
from storage.inbox import Parked
from storage.store import Store, fresh_name

log = structlog.get_logger()

LARGEST = 20 * 2**20
_TRIES = 6
_AT_ONCE = 32
# What the channels call a file over the limit; anything else was lost on the way.
_TOO_BIG = frozenset({"file_too_big", "file_is_too_big", "too_large"})

RunParked = Callable[[Parked, Incoming], Awaitable[None]]
"""Handles a parked Incoming in its person's order; never raises but StoreError."""


class Files:
    """The loop over the inbox. `wake` it after every commit that parked something."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], run_parked: RunParked) -> None:
        self._store = store
        self._channels = channels
        self._run_parked = run_parked
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._awake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        self._awake.set()

    def stop(self) -> None:
        self._stopping = True
        self.wake()

    async def run(self) -> None:
        """Fetch until stopped. A fetch in hand at the stop is left: its row is still parked."""
        try:
            while not self._stopping:
                self._awake.clear()
                try:
                    await self._start_due()
                except StoreError as error:
                    log.error("inbox_unreadable", code=type(error).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), 1.0)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _start_due(self) -> None:
        limit = _AT_ONCE + len(self._busy)
        waiting = await self._store.read(lambda tx: [*tx.inbox.files_due(limit=limit), *tx.inbox.stranded()])
        for person_id in dict.fromkeys(waiting):
            if person_id not in self._busy and len(self._tasks) < _AT_ONCE:
                self._busy.add(person_id)
                task = asyncio.create_task(self._work_off(person_id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _work_off(self, person_id: int) -> None:
        """Everything that waits for one person, in order, until a file must be tried again later."""
        before: tuple[int, str] | None = None
        try:
            while not self._stopping:
                first = await self._store.read(lambda tx: tx.inbox.first(person_id))
                if first is None:
                    return
                if (first.id, first.state) == before:
                    # Neither handled nor set aside: not again and again without a pause.
                    await asyncio.sleep(1.0)
                    return
                before = (first.id, first.state)
                if not await self._one(first):
                    return
        except StoreError as error:
            log.error("inbox_unwritable", code=type(error).__name__)
            await asyncio.sleep(1.0)
        finally:
            self._busy.discard(person_id)
            self.wake()

    async def _one(self, parked: Parked) -> bool:
        """One parked thing; False when it stays parked for now."""
        incoming = parked.incoming
        if incoming is None:
            # An admin sees it among the failures; nobody waits behind it for ever.
            log.error("parked_unreadable", inbox_id=parked.id)
            await self._store.transact(lambda tx: tx.inbox.fail(parked.id, "unreadable"))
            return True
        if parked.state == "behind":
            await self._run_parked(parked, incoming)
            return True
        try:
            ready = await self._fetched(incoming)
        except FetchFailed as failed:
            log.warning("file_not_fetched", inbox_id=parked.id, code=failed.code, tries=parked.tries)
            if not failed.final and parked.tries + 1 < _TRIES:
                pause = failed.retry_after or 2.0**parked.tries
                await self._store.transact(lambda tx: tx.inbox.postpone(parked.id, until=tx.at + int(pause * 1000)))
                return False
            ready = _without_file(incoming, failed)
        await self._run_parked(parked, ready)
        return True

    async def _fetched(self, incoming: Incoming) -> Incoming:
        """The Incoming with its picture or file, encrypted on disk before anything speaks of it."""
        channel = self._channels.get(incoming.address.channel)
        attachment = incoming.attachment
        if not isinstance(channel, Fetches) or attachment is None:
            raise FetchFailed("nothing_to_fetch", final=True)
        if isinstance(channel, ShowsTyping):
            await channel.show_typing(incoming.address.id, incoming.read_id)
        try:
            data = await channel.fetch(attachment, limit=LARGEST)
            if attachment.whole:
                return await self._kept_whole(incoming, attachment, data)
            photo, plain = await asyncio.to_thread(prepare, data)
        except FetchFailed:
            raise
        except Exception as error:
            # A bug of ours, met by this one file: the person must not wait behind it for ever.
            log.exception("file_failed", code=type(error).__name__)
            raise FetchFailed("not_understood", final=False) from None
        if photo.unreadable:
            return replace(incoming, photo=Photo("", unreadable=True))
        return replace(incoming, photo=replace(photo, name=await self._keep(plain)))

    async def _kept_whole(self, incoming: Incoming, attachment: Attachment, data: bytes) -> Incoming:
        if not data:
            raise FetchFailed("file_empty", final=True)
        stored = StoredFile(await self._keep(data), attachment.file_name, attachment.mime, len(data))
        return replace(incoming, stored=stored)

    async def _keep(self, data: bytes) -> str:
        name = fresh_name()
        await asyncio.to_thread(self._store.media.write, data, name=name)
        return name


def _without_file(incoming: Incoming, failed: FetchFailed) -> Incoming:
    """The file is lost: the person is asked to send it again."""
    what = "too_big" if failed.code in _TOO_BIG else "lost"
    return replace(incoming, attachment=Attachment(what))
