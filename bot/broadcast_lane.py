"""Sends the broadcasts of one channel: claims a little, hands it to the network at its pace, writes down how it ended.

What is claimed and not written down when the program dies is unclear, and never sent again by itself; so very little is
claimed ahead. Not for: answers (bot/delivery.py), whose budget it shares and who go first.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from functools import partial

import structlog

from bot.pace import Pace
from channels.base import Barred, Channel, NeedsTemplate, Permanent, Stopped, Temporary, Unclear
from domain.broadcast import Outcome
from domain.mark import OfRecipient
from handlers.broadcast_sending import Claimed, Ended, after_a_death, claim, settle
from handlers.office import Office
from storage.engine import StoreError
from storage.files import Unreadable
from storage.store import Store

log = structlog.get_logger()

_AHEAD = 0.1
"""Seconds of the pace that are claimed at once: what a kill can make unclear, beside what is under way."""
_TICK = 0.5
_GATHER = 0.02
_LONGEST_WAIT = 300.0
# A chat that is full for longer than this gets its message later, and holds up nobody else's.
_PATIENCE = 1.5


class BroadcastLane:
    """The sender of one channel's broadcasts."""

    def __init__(self, store: Store, channel: Channel, office: Office, pace: Pace, *, tick: float = _TICK) -> None:
        self._store = store
        self._channel = channel
        self._office = office
        self._pace = pace
        self._tick = tick
        self._in_hand: set[asyncio.Task[None]] = set()
        self._ended: list[Ended] = []
        self._awake = asyncio.Event()
        self._marking = asyncio.Event()
        self._paused_until = 0.0
        self._unmarked = 0
        self._stopping = False

    async def run(self) -> None:
        """Send until stopped; then finish what is in hand."""
        await self._recover()
        marker = asyncio.create_task(self._mark())
        try:
            while not self._stopping:
                self._awake.clear()
                try:
                    pause = await self._round()
                except StoreError as error:
                    log.error("broadcast_not_claimed", code=type(error).__name__)
                    pause = 1.0
                if pause:
                    await self._sleep(pause)
        finally:
            while self._in_hand:
                await asyncio.gather(*self._in_hand, return_exceptions=True)
            self._stopping = True
            self._marking.set()
            await marker

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._awake.set()

    async def _recover(self) -> None:
        while not self._stopping:
            try:
                left = await self._store.transact(after_a_death, self._office, self._channel.name)
            except StoreError as error:
                log.error("broadcast_not_recovered", code=type(error).__name__)
                await self._sleep(1.0)
                continue
            if left:
                log.warning("broadcast_unclear", channel=self._channel.name, count=left)
            return

    async def _round(self) -> float:
        """Claim and send a little; how many seconds to wait before the next time."""
        if (pause := self._paused_until - time.monotonic()) > 0:
            return pause
        ahead = max(1, int(self._pace.rate * _AHEAD))
        if self._office.rules.quiet.opens(self._store.clock(), self._office.zone) > self._store.clock():
            return self._tick
        # With a slow network no more is in hand than goes out in a second.
        room = min(ahead, max(1, math.floor(self._pace.rate)) - self._unmarked)
        if room <= 0:
            return self._tick
        if not await self._store.read(lambda tx: tx.recipients.anything_due(self._channel.name)):
            return self._tick
        batch = await self._store.transact(claim, self._office, self._channel.name, limit=room)
        self._unmarked += len(batch)
        for at, each in enumerate(batch):
            if not await self._turn():
                self._end(*(Ended(rest.turn, None, tried=False) for rest in batch[at:]))
                break
            task = asyncio.create_task(self._deliver(each))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)
        return 0.0 if batch else self._tick

    async def _turn(self) -> bool:
        """Wait until one more may be sent; False when nothing may for now."""
        while not self._stopping and self._paused_until <= time.monotonic():
            wait = self._pace.broadcast()
            if not wait:
                return True
            await asyncio.sleep(wait)
        return False

    async def _deliver(self, each: Claimed) -> None:
        wait = self._pace.chat(each.turn.person_id)
        if wait > _PATIENCE:
            # Their chat is full for long: others go first.
            self._pace.give_back(each.turn.person_id)
            self._end(Ended(each.turn, None, wait=wait, tried=False))
            return
        if wait:
            await asyncio.sleep(wait)
        self._end(await self._try(each))

    async def _try(self, each: Claimed) -> Ended:
        """Hand one to the network, once."""
        turn, began = each.turn, int(self._store.clock().timestamp() * 1000)
        try:
            sent_id, late = await self._send(each, late=self._channel.limits.is_late(turn.last_in_at, began))
        except (FileNotFoundError, Unreadable):
            return Ended(turn, Outcome.FAILED, "file_missing", fault=True)
        except Stopped as stopped:
            return Ended(turn, Outcome.BLOCKED, stopped.code, began=began)
        except Unclear as unclear:
            return Ended(turn, Outcome.UNCLEAR, unclear.code, fault=True)
        except Temporary as later:
            return self._later(each, later)
        except NeedsTemplate as lacking:
            return Ended(turn, None, lacking.code, tried=False, fault=True, lacking=True)
        except Permanent as refused:
            return Ended(turn, Outcome.FAILED, refused.code, fault=True)
        except Exception as error:
            # A bug of ours: nobody can tell how far it came.
            log.exception("broadcast_failed", outbox_id=turn.id)
            return Ended(turn, Outcome.UNCLEAR, type(error).__name__, fault=True)
        return Ended(turn, Outcome.SENT, sent_id=sent_id, late=late)

    async def _send(self, each: Claimed, *, late: bool) -> tuple[str | None, bool]:
        """Free text where the network takes it, else the late text; also where only the network knew it was late."""
        name = each.out.file
        file = partial(asyncio.to_thread, self._store.media.read, name) if name else None
        mark = str(OfRecipient(each.turn.broadcast_id, each.turn.person_id))
        try:
            return await self._channel.send(each.to, each.out, file=file, late=late, mark=mark), late
        except NeedsTemplate:
            if late or each.out.late is None:
                raise
            return await self._channel.send(each.to, each.out, file=file, late=True, mark=mark), True

    def _later(self, each: Claimed, later: Temporary) -> Ended:
        """It certainly did not go out. What the network asks of all holds the broadcasts, and nothing else."""
        wait = later.retry_after
        if isinstance(later, Barred):
            # Nobody else's will go out either, and an admin hears of it.
            wait = _growing(each) if wait is None else wait
            self._paused_until = max(self._paused_until, time.monotonic() + wait)
            return Ended(each.turn, None, later.code, tried=False, fault=True, barred=True)
        if later.alone:
            return Ended(each.turn, None, later.code, wait=_growing(each) if wait is None else wait)
        if wait is not None or later.alone is False:
            wait = _growing(each) if wait is None else wait
            self._paused_until = max(self._paused_until, time.monotonic() + wait)
            self._pace.slow_down()
            log.warning("broadcast_held", channel=self._channel.name, code=later.code, seconds=wait)
            return Ended(each.turn, None, later.code, wait=wait)
        return Ended(each.turn, None, later.code, wait=_growing(each), fault=True)

    def _end(self, *ended: Ended) -> None:
        self._ended.extend(ended)
        self._marking.set()

    async def _mark(self) -> None:
        """Write down how they ended, many in one transaction."""
        while True:
            await self._marking.wait()
            if not self._stopping:
                await asyncio.sleep(_GATHER)
            self._marking.clear()
            batch, self._ended = self._ended, []
            if batch:
                await self._write_down(batch)
            if self._stopping and not self._in_hand and not self._ended:
                return

    async def _write_down(self, batch: list[Ended]) -> None:
        """Until it is written: what is not counts as unclear, for it must not go out twice."""
        while True:
            try:
                await self._store.transact(settle, self._office, batch)
            except StoreError as error:
                log.error("broadcast_not_marked", code=type(error).__name__)
                if self._stopping:
                    return
                await asyncio.sleep(1.0)
                continue
            except Exception as error:
                # A bug of ours about one of them, which stays in hand; the others must not suffer from it.
                log.exception("broadcast_not_marked", code=type(error).__name__)
                for each in batch if len(batch) > 1 else ():
                    await self._write_down([each])
                return
            self._unmarked -= len(batch)
            self._awake.set()
            return

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), max(seconds, 0.01))


def _growing(each: Claimed) -> float:
    """Seconds until the next try, where the network names none."""
    return min(_LONGEST_WAIT, 2.0**each.turn.tries)
