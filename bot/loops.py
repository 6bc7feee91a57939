"""The loops beside the doors: asking a network for news, and what falls due by itself.

Not for: sending (bot/delivery.py) and files (bot/files.py), which have loops of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence

import structlog

from bot.service import Service
from channels.base import Polls, SendFailed, Temporary, WantsCalls
from handlers import due, due_queue
from handlers.office import Office
from storage.engine import StoreError
from storage.store import Store, Tx

log = structlog.get_logger()

_LONGEST_PAUSE = 60.0
# Between two attempts to be called: somebody has to mend an address or a proxy.
_LONGEST_SILENCE = 300.0
# While the database fails: people wait for the moment it is back, and asking costs the network nothing.
_FULL_PAUSE = 5.0
_MINUTE = 60.0

Step = Callable[[Tx, Office], bool]

CASES_OFTEN: Sequence[Step] = (*due_queue.OFTEN, *due.OFTEN)


async def poll(channel: Polls, service: Service, name: str) -> None:
    """Ask for news for ever; what came is confirmed only after its commit."""
    offset: int | None = None
    failures = 0
    while True:
        try:
            arrived, following = await channel.poll(offset)
            await service.take_all(arrived)
            offset, failures = following, 0
        except SendFailed as failed:
            failures += 1
            pause = failed.retry_after if isinstance(failed, Temporary) else None
            pause = pause if pause is not None else min(_LONGEST_PAUSE, 0.5 * 2 ** min(failures, 7))
            log.warning("poll_failed", channel=name, code=failed.code, seconds=pause)
            await asyncio.sleep(pause)
        except StoreError as error:
            # Not confirmed: the same news comes again, and what was stored of it already is known by its key.
            failures += 1
            log.error("not_stored", code=type(error).__name__)
            await asyncio.sleep(min(_FULL_PAUSE, 0.5 * 2 ** min(failures, 7)))
        except Exception as error:
            # An answer of a shape that nobody foresaw: ask again, for the next one may be well.
            failures += 1
            log.exception("poll_failed", channel=name, code=type(error).__name__)
            await asyncio.sleep(min(_LONGEST_PAUSE, 0.5 * 2 ** min(failures, 7)))


async def be_called(channel: WantsCalls, name: str) -> None:
    """Ask the network to bring what people do, until it says that it will; what we say goes out meanwhile."""
    pause = 1.0
    while True:
        try:
            await channel.ask_for_calls()
            return
        except SendFailed as failed:
            log.error("network_does_not_call", channel=name, code=failed.code, seconds=pause)
        except Exception as error:
            log.exception("network_does_not_call", channel=name, code=type(error).__name__, seconds=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_SILENCE)


class Clockwork:
    """Asks each step, again and again, whether something is due; each is a transaction of its own."""

    def __init__(
        self,
        store: Store,
        office: Office,
        *,
        often: Sequence[Step] = CASES_OFTEN,
        every_minute: Sequence[Step] = due.EVERY_MINUTE,
        tick: float = 1.0,
    ) -> None:
        self._store = store
        self._office = office
        self._often = tuple(often)
        self._every_minute = tuple(every_minute)
        self._tick = tick

    async def run(self) -> None:
        """Until cancelled."""
        since_minute = _MINUTE
        while True:
            steps = self._often
            if since_minute >= _MINUTE:
                steps, since_minute = steps + self._every_minute, 0.0
            for step in steps:
                await self.settle(step)
            await asyncio.sleep(self._tick)
            since_minute += self._tick

    async def settle(self, step: Step) -> None:
        """One step until nothing more is due; a failure waits for the next time."""
        try:
            while await self._store.transact(step, self._office):
                pass
        except StoreError as error:
            log.error("due_not_settled", step=step.__name__, code=type(error).__name__)
        except Exception as error:
            log.exception("due_failed", step=step.__name__, code=type(error).__name__)

    async def finish(self) -> None:
        """Seal the last audit lines."""
        await self.settle(due.seal)


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel and wait."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
