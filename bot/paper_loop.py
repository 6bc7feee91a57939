"""Makes the files that admins asked for, one after the other, and hands each over.

The file is written first; one transaction then makes it known and sends it. Killed before that, the file is swept at
the next start and made anew; after it, the delivery has it. Not for: what stands in a file (bot/paper_reading.py).
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from bot.paper_reading import read
from bot.papers import PaperFailed, make
from conversation.papers import Paper
from handlers import paper_orders
from handlers.office import Office
from handlers.paper_orders import Letter, Order
from storage.engine import Full, StoreError
from storage.store import Store, fresh_name

log = structlog.get_logger()

# They are few and not urgent: asked for once a second they cost less than a wake after every commit.
_TICK = 1.0


class PaperLoop:
    """The loop over the files that are wanted."""

    def __init__(self, store: Store, office: Office, *, tick: float = _TICK) -> None:
        self._store = store
        self._office = office
        self._tick = tick
        self._awake = asyncio.Event()
        self._making: asyncio.Task[bytes] | None = None
        self._stopping = False

    async def run(self) -> None:
        """Until stopped. What is being made then is made anew after the next start."""
        while not self._stopping:
            if not await self.make_next():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), self._tick)

    def stop(self) -> None:
        """Begin nothing more, and end the process that is drawing."""
        self._stopping = True
        self._awake.set()
        if self._making is not None:
            self._making.cancel()

    async def make_next(self) -> bool:
        """Make the one whose time came first; False where there is none, or none can be made now."""
        try:
            order = await self._store.read(paper_orders.next_order)
            if order is None:
                return False
            await self._serve(order)
        except StoreError as error:
            log.error("paper_not_stored", code=type(error).__name__)
            return False
        return True

    async def _serve(self, order: Order) -> None:
        office, transact = self._office, self._store.transact
        officer = await self._store.read(paper_orders.asker, order)
        if officer is None:
            await transact(paper_orders.drop, order, "nobody")
            return
        try:
            letter = await read(self._store, office, order, officer)
            if letter is None:
                await transact(paper_orders.drop, order, "gone")
            elif name := await self._made(letter):
                await transact(paper_orders.hand_over, office, order, letter, name)
        except (PaperFailed, Full) as problem:
            code = problem.code if isinstance(problem, PaperFailed) else type(problem).__name__
            await transact(paper_orders.failed, office, order, code)
        except StoreError:
            raise
        except Exception as error:
            # A bug of ours about this one; the others must not wait behind it.
            log.exception("paper_not_read", kind=order.kind, code=type(error).__name__)
            await transact(paper_orders.failed, office, order, type(error).__name__)

    async def _made(self, letter: Letter) -> str:
        """The name of the finished file in the media folder; empty where the program ends before it is finished."""
        data = None if self._stopping else await self._drawn(letter.paper)
        if data is None:
            return ""
        name = fresh_name()
        await asyncio.to_thread(self._store.media.write, data, name=name)
        return name

    async def _drawn(self, paper: Paper) -> bytes | None:
        self._making = asyncio.create_task(make(paper))
        try:
            return await self._making
        except asyncio.CancelledError:
            if self._stopping and self._making.cancelled():
                return None
            raise
        finally:
            self._making = None
