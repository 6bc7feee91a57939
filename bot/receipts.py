"""Receipts on their way into the database: those of many requests in one transaction, each answered after the commit.

A network tells about three times of every message, so each on its own would cost as much as the messages themselves.
Not for: what a receipt changes (handlers/delivery_receipts.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from conversation.messages import Receipt
from handlers.delivery_receipts import note
from handlers.office import Office
from storage.engine import Busy, StoreError
from storage.store import Store

log = structlog.get_logger()

_GATHER = 0.005
_AT_ONCE = 500
_MOST = 20_000
"""More than wait here are not taken in: the network brings them again."""


class Receipts:
    """Writes receipts down. Whoever brings some waits until theirs are committed."""

    def __init__(self, store: Store, office: Office) -> None:
        self._store = store
        self._office = office
        self._waiting: list[tuple[Sequence[Receipt], asyncio.Future[None]]] = []
        self._count = 0
        self._writer: asyncio.Task[None] | None = None

    async def take(self, receipts: Sequence[Receipt]) -> None:
        """Committed when this returns. Raises StoreError: then they are to be brought again."""
        if not receipts:
            return
        if self._count + len(receipts) > _MOST:
            raise Busy("too many receipts wait")
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((receipts, written))
        self._count += len(receipts)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await written

    async def _write(self) -> None:
        try:
            await asyncio.sleep(_GATHER)
            while self._waiting:
                batch = self._next()
                await self._write_down(
                    [each for receipts, _ in batch for each in receipts], [each for _, each in batch]
                )
        finally:
            self._writer = None

    def _next(self) -> list[tuple[Sequence[Receipt], asyncio.Future[None]]]:
        """The first of those that wait: one request, or more with not too many receipts together."""
        size, count = 0, 0
        for receipts, _ in self._waiting:
            if size and count + len(receipts) > _AT_ONCE:
                break
            size, count = size + 1, count + len(receipts)
        batch, self._waiting = self._waiting[:size], self._waiting[size:]
        self._count -= count
        return batch

    async def _write_down(self, receipts: Sequence[Receipt], waiting: Sequence[asyncio.Future[None]]) -> None:
        problem: StoreError | None = None
        try:
            await self._store.transact(note, receipts, self._office)
        except StoreError as error:
            problem = error
        except Exception as error:
            # A bug of ours about one of them: the others must not suffer, nor that one come again for days.
            log.exception("receipt_failed", code=type(error).__name__, count=len(receipts))
            for each in receipts if len(receipts) > 1 else ():
                problem = problem or await self._alone(each)
        for written in waiting:
            if written.done():
                continue  # who brought it has gone
            if problem is None:
                written.set_result(None)
            else:
                written.set_exception(problem)

    async def _alone(self, receipt: Receipt) -> StoreError | None:
        try:
            await self._store.transact(note, [receipt], self._office)
        except StoreError as error:
            return error
        except Exception as error:
            log.exception("receipt_failed", code=type(error).__name__, told=receipt.told)
        return None
