"""Empties the outbox of one channel: claims what is due, sends it, marks it; in order per person, after the commit.

Not for: what is sent (the handlers wrote it) or how (the channel does). A crash between sending and marking may
repeat that one message of that person, and an edit around it, which changes nothing the second time.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass, field

import structlog

from bot.hands import Hands, Written
from bot.pace import Pace
from channels.base import Channel, NeedsTemplate, Permanent, Restricted, SendFailed, Stopped, Temporary, TooOld, Unclear
from conversation.messages import Deletion, Edit, Message
from domain.address import Address
from domain.rules import Rules
from storage.engine import StoreError
from storage.files import Unreadable
from storage.outbox import FOR_THE_NETWORK, NEEDS_TEMPLATE, Waiting
from storage.store import Store, Tx

log = structlog.get_logger()

# At 50 ms a call, two thousand calls a second; the channel keeps as many connections.
_AT_ONCE = 128
# While some are in hand, one look at the outbox, and one transaction after it, serves many.
_GATHER = 0.005
_LONGEST_WAIT = 300.0
# A chat that is full for longer than this gets its message later and takes nobody's place.
_PATIENCE = 1.5
# After a lost answer: where the network tells what became of it, that is waited for.
_UNTIL_TOLD = 5.0
# What it tells settles a row without waking anybody: what stands behind that row must not wait until then.
_LOOK_AGAIN = 0.25


@dataclass(frozen=True)
class _Done:
    """How what was in hand for one person ended. `line` is that person's, or a row's own."""

    line: int
    sent: list[tuple[int, str | None]] = field(default_factory=list)
    other: list[Written] = field(default_factory=list)


class Delivery:
    """The sender of one channel. `wake` it after every commit that wrote outbox rows."""

    def __init__(self, store: Store, channel: Channel, rules: Rules, pace: Pace) -> None:
        self._store = store
        self._channel = channel
        self._rules = rules
        self._pace = pace
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._done: list[_Done] = []
        self._hands = Hands(store, channel)
        self._awake = asyncio.Event()
        self._marking = asyncio.Event()
        self._flooded: dict[int, float] = {}
        self._paused_until = 0.0
        self._untold_until = 0.0
        self._stopping = False

    def wake(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        """Send until stopped; then finish what is in hand."""
        marker = asyncio.create_task(self._mark())
        try:
            while not self._stopping:
                self._awake.clear()
                try:
                    more = await self._start_due()
                    # People in hand wake us when they are done.
                    pause = 0.0 if more else 1.0 if self._busy else await self._until_next()
                    if time.monotonic() < self._untold_until:
                        pause = min(pause, _LOOK_AGAIN)
                except StoreError as error:
                    log.error("outbox_unreadable", code=type(error).__name__)
                    pause = 1.0
                if pause:
                    await self._sleep(pause)
                    await self._gather()
        finally:
            while self._tasks:
                await asyncio.gather(*self._tasks, return_exceptions=True)
            self._stopping = True
            self._marking.set()
            await marker

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self.wake()

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), max(seconds, 0.01))

    async def _gather(self) -> None:
        if len(self._tasks) > 1 and not self._stopping:
            await asyncio.sleep(_GATHER)

    async def _until_next(self) -> float:
        """Seconds until the next row falls due; rows in hand wake us themselves."""
        next_at = await self._store.read(lambda tx: (tx.outbox.next_at(self._channel.name), tx.at))
        at, now = next_at
        return 60.0 if at is None else min(60.0, max(0.05, (at - now) / 1000))

    async def _start_due(self) -> bool:
        """Begin to send what is due; True when there may be more of it, False when a wake tells of more."""
        if (pause := self._paused_until - time.monotonic()) > 0:
            await self._sleep(pause)
            return True
        free = _AT_ONCE - len(self._tasks)
        if free <= 0:
            await self._sleep(1.0)
            return True
        limit = free + len(self._busy)
        # Who is busy now may be free again when the answer is here, and what it shows of them be sent already.
        busy = frozenset(self._busy)
        runs = await self._store.read(lambda tx: _runs(tx, self._channel.name, limit=limit, besides=busy))
        for run in runs[:free]:
            self._busy.add(run[0].line)
            task = asyncio.create_task(self._deliver(run))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(runs) >= free

    async def _deliver(self, run: list[Waiting]) -> None:
        """Send one person's rows, up to the first that does not go out."""
        done = _Done(run[0].line)
        for row in run:
            ended = await self._try(row)
            if callable(ended):
                done.other.append(ended)
                break
            done.sent.append((row.id, ended))
        self._done.append(done)
        self._marking.set()

    async def _try(self, row: Waiting) -> str | Written | None:
        """Send one row: the network's id of what went out, or what else to write down."""
        out = row.out
        if out is None:
            log.error("message_unreadable", outbox_id=row.id)
            return lambda tx: tx.outbox.dead(row.id, "unreadable", channel=self._channel.name)
        if row.lost_ref:
            # What this would change or take back never went out, or is forgotten: there is nothing to do.
            return None
        if row.shut_as:
            return self._hands.shut(row, row.shut_as)
        if isinstance(out, Message) and (wait := self._pace.answer(row.person_id)):
            if wait > _PATIENCE:
                self._pace.give_back(row.person_id)
                return lambda tx: tx.outbox.postpone(
                    row.id, until=tx.at + int(wait * 1000), code="", tried=False, channel=self._channel.name
                )
            await asyncio.sleep(wait)
        began = int(self._store.clock().timestamp() * 1000)
        try:
            return await self._hands.over(row, out, began)
        except (FileNotFoundError, Unreadable):
            log.error("file_missing", outbox_id=row.id)
            return lambda tx: tx.outbox.dead(row.id, "file_missing", channel=self._channel.name)
        except TooOld as late:
            return self._too_old(row, late.code)
        except Stopped as stopped:
            return self._stopped(row, stopped.code, began)
        except NeedsTemplate as needed:
            log.warning("message_shut", outbox_id=row.id, code=needed.code)
            return self._hands.shut(row, NEEDS_TEMPLATE)
        except Permanent as refused:
            code = refused.code
            log.error("message_refused", outbox_id=row.id, code=code)
            return lambda tx: tx.outbox.dead(row.id, code, channel=self._channel.name)
        except SendFailed as failed:
            return self._later(row, failed)
        except Exception as error:
            log.exception("message_failed", outbox_id=row.id)
            return self._later(row, Temporary(type(error).__name__))

    def _too_old(self, row: Waiting, code: str) -> Written:
        """What cannot be deleted any more is emptied instead, where it is ours."""
        if isinstance(row.out, Deletion) and row.out.of is not None:
            blank = Edit(of=row.out.of, text="", blank=True)
            return lambda tx: tx.outbox.replace(row, blank)
        return lambda tx: tx.outbox.dead(row.id, code, channel=self._channel.name)

    def _stopped(self, row: Waiting, code: str, began: int) -> Written:
        if row.lane == FOR_THE_NETWORK:
            return lambda tx: tx.outbox.dead(row.id, code, channel=self._channel.name)
        name = self._channel.name
        there = Address(name, self._channel.bot, row.to)

        def write(tx: Tx) -> None:
            tx.people.lock(row.person_id)
            if tx.people.last_in_at(row.person_id) >= began:
                # They are back already, while we were still being refused.
                tx.outbox.postpone(row.id, until=tx.at + 1000, code=code, channel=self._channel.name)
                return
            if not tx.people.is_in_use(row.person_id, there):
                # They use another address now, where they can be reached.
                if not tx.people.send_on(row.person_id, row.id):
                    tx.outbox.dead(row.id, code, channel=name)
                return
            tx.people.mark_unreachable(row.person_id, True)
            tx.outbox.hold(row.person_id, code)

        return write

    def _later(self, row: Waiting, failed: SendFailed) -> Written:
        """Try again: after what the network names, or a growing pause; not for ever."""
        retry_after = failed.retry_after if isinstance(failed, Temporary) else None
        pause = retry_after if retry_after is not None else min(_LONGEST_WAIT, 0.5 * 2 ** min(row.tries, 10))
        if isinstance(failed, Unclear) and self._channel.limits.receipts:
            pause = max(pause, _UNTIL_TOLD)
            self._untold_until = max(self._untold_until, time.monotonic() + pause)
        elif isinstance(failed, Temporary) and failed.alone is False:
            self._paused_until = max(self._paused_until, time.monotonic() + pause)
        elif isinstance(failed, Temporary) and failed.alone is None and retry_after is not None:
            self._note_flood(row.person_id, retry_after)
        pause += random.uniform(0, 0.25 * min(pause, 4.0))  # noqa: S311 (only spreads retries)
        code = failed.code
        shut = self._hands.shut(row, code) if isinstance(failed, Restricted) else None
        # The first delay of a message is news; all the others would only fill the log.
        tell = log.debug if row.tries else log.warning
        tell("message_delayed", outbox_id=row.id, code=code, seconds=round(pause, 1), tries=row.tries)

        def write(tx: Tx) -> None:
            if tx.at - row.created_at <= self._rules.delivery_hours * 3_600_000:
                tx.outbox.postpone(row.id, until=tx.at + int(pause * 1000), code=code, channel=self._channel.name)
            elif shut is not None:
                shut(tx)
            else:
                tx.outbox.dead(row.id, "too_late", channel=self._channel.name)

        return write

    def _note_flood(self, person_id: int, retry_after: float) -> None:
        """One person's limit holds that person; when a second one hits it too, the whole network is meant."""
        now = time.monotonic()
        self._flooded = {p: until for p, until in self._flooded.items() if until > now}
        self._flooded[person_id] = now + retry_after
        if len(self._flooded) > 1:
            self._paused_until = max(self._flooded.values())

    async def _mark(self) -> None:
        """Write down how rows ended, many in one transaction; only then is their person free again."""
        while True:
            await self._marking.wait()
            await self._gather()
            self._marking.clear()
            batch, self._done = self._done, []
            if batch:
                opened, self._hands.opened = self._hands.opened, set()
                await self._write_down(batch, opened)
            if self._stopping and not self._tasks and not self._done:
                return

    async def _write_down(self, batch: list[_Done], opened: set[int]) -> None:
        while True:
            try:
                await self._store.transact(_write_all, self._channel, batch, opened)
            except StoreError as error:
                # Nobody is sent anything twice meanwhile: these people stay busy until it is written.
                log.error("outbox_unwritable", code=type(error).__name__)
                if self._stopping:
                    return
                await asyncio.sleep(1.0)
                continue
            except Exception as error:
                # A bug of ours about one of them, whose person stays busy; the others must not suffer from it.
                log.exception("outbox_not_marked", code=type(error).__name__)
                for done in batch if len(batch) > 1 else ():
                    await self._write_down([done], opened)
                return
            self._busy.difference_update(done.line for done in batch)
            self.wake()
            return


def _runs(tx: Tx, channel: str, *, limit: int, besides: frozenset[int]) -> list[list[Waiting]]:
    """What may go out now: for each person one message at most, and the edits before it, which repeat no word."""
    runs = []
    for row in tx.outbox.due(channel, limit=limit, besides=besides):
        run = [row]
        while isinstance(run[-1].out, Edit) and (following := tx.outbox.after(run[-1], channel)) is not None:
            run.append(following)
        runs.append(run)
    return runs


def _write_all(tx: Tx, channel: Channel, batch: list[_Done], opened: set[int]) -> None:
    receipts = channel.limits.receipts
    tx.openings.note(channel.name, opened)
    out = [each for done in batch for each in done.sent]
    # What has no id at the network is never told of.
    if accepted := [(row, sent_id) for row, sent_id in out if receipts and sent_id is not None]:
        tx.outbox.accepted(accepted, channel=channel.name)
    if sent := [(row, sent_id) for row, sent_id in out if not receipts or sent_id is None]:
        tx.outbox.sent(sent, channel=channel.name)
    for done in batch:
        for write in done.other:
            write(tx)
