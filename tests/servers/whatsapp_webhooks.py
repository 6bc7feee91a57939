"""How notices reach our door: signed, as Meta writes JSON, repeated until the answer is 200.

Not what the notices say (whatsapp_notices.py) or how they are written (whatsapp_bodies.py).
"""

import asyncio
import hmac
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.servers.whatsapp_bodies import Body, Notice, sign, written
from tests.servers.whatsapp_faults import Faults
from tests.servers.whatsapp_rules import Refused
from tests.servers.whatsapp_things import Json
from tests.servers.whatsapp_world import APP_SECRET, World


@dataclass(slots=True)
class _Batch:
    left: int
    of: str
    spread: str
    notices: list[Notice] = field(default_factory=list)


class Webhooks:
    """The notices on their way to one address."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.world = world
        self.faults = faults
        self.url = ""
        self.counts: Counter[str] = Counter()
        self.history: list[Body] = []
        self._pending: list[Body] = []
        self._driven: set[Body] = set()
        self._batch: _Batch | None = None
        self._held: list[Body] | None = None
        self._hold_until = 0
        self._forge = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._slots = asyncio.Semaphore(world.settings.webhook_connections)
        self._session: aiohttp.ClientSession | None = None

    def add(self, name: str, value: Json) -> Notice:
        """A new notice about this field."""
        notice = Notice(name, value, self.world.now())
        batch = self._batch
        if batch is None or not notice.tells(batch.of):
            self._queue(self._body([notice]))
            return notice
        batch.notices.append(notice)
        batch.left -= 1
        if batch.left > 0:
            notice.waits = True
        else:
            self._batch = None
            self._queue(self._body(batch.notices, batch.spread))
        return notice

    async def taken(self, notice: Notice) -> None:
        """Wait until our door has answered 200, where it can have been told already."""
        patience = self.world.settings.patience
        if not self.url or notice.waits or not patience:
            return
        try:
            await asyncio.wait_for(notice.taken.wait(), patience)
        except TimeoutError:
            raise AssertionError(f"the door did not take a notice within {patience} s") from None

    def undelivered(self) -> int:
        """How many bodies were not answered 200 yet."""
        return len(self._pending) + len(self._driven) + len(self._held or ())

    # What tests plan

    def batch(self, count: int, of: str, spread: str) -> None:
        self._batch = _Batch(count, of, spread)

    def hold(self, count: int = 0) -> None:
        """Keep the next bodies back until release, or until there are `count` of them."""
        self._held, self._hold_until = [], count

    def release(self, order: str = "reversed") -> None:
        held, self._held = self._held or [], None
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            random.shuffle(held)
        self._start(self._one_by_one(held))

    def redeliver(self, last: int = 1) -> None:
        for body in self.history[-last:]:
            self._drive_or_wait(Body(body.raw, []))

    def forge(self, times: int = 1) -> None:
        self._forge += times

    # On the way

    def _body(self, notices: list[Notice], spread: str = "messages") -> Body:
        return Body(written(notices, spread, escapes=self.world.settings.escapes), notices)

    def _queue(self, body: Body) -> None:
        self.history.append(body)
        if self._forge:
            self._forge -= 1
            body.forged = True
        if self._held is None:
            self._drive_or_wait(body)
            return
        self._held.append(body)
        if len(self._held) == self._hold_until:
            self.release()
        else:
            for notice in body.notices:
                notice.waits = True

    def _drive_or_wait(self, body: Body) -> None:
        if self.url:
            self._start(self._one_by_one([body]))
        else:
            self._pending.append(body)

    async def _drive_all(self, bodies: list[Body]) -> None:
        for body in bodies:
            await self._drive(body)

    def _one_by_one(self, bodies: list[Body]) -> Coroutine[Any, Any, None]:
        """One after another, so that the order is the one that was asked for."""
        self._driven.update(bodies)
        return self._drive_all(bodies)

    def point_to(self, url: str) -> None:
        """From now on notices go to this address, those that waited for one too; empty: nowhere."""
        self.url = url
        if url:
            pending, self._pending = self._pending, []
            self._start(self._one_by_one(pending))

    async def _drive(self, body: Body) -> None:
        delay = self.world.settings.webhook_retry
        while True:
            if not self.url:
                self._driven.discard(body)
                self._pending.append(body)
                return
            fault = self.faults.take("webhook", "") if self.faults.planned else None
            if fault is not None and fault.kind == "duplicate":
                self._start(self._post(body))
            taken = await self._post(body)
            if taken and fault is not None and fault.kind == "lost":
                self.counts["ignored_200"] += 1
                taken = False
            if taken or body.forged:
                break
            self.counts["retried"] += 1
            await asyncio.sleep(delay)
            delay = min(delay * 2, self.world.settings.webhook_retry_cap)
        self._driven.discard(body)
        for notice in body.notices:
            notice.taken.set()
        self.world.bell.ring()

    async def _post(self, body: Body) -> bool:
        """Whether the answer was 200."""
        secret = "bukan-rahasia" if body.forged else APP_SECRET
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "Accept": "*/*",
            "X-Hub-Signature": "sha1=" + hmac.new(secret.encode(), body.raw, "sha1").hexdigest(),
            "X-Hub-Signature-256": sign(body.raw, secret),
        }
        async with self._slots:
            try:
                async with self._http().post(self.url, data=body.raw, headers=headers, allow_redirects=False) as answer:
                    await answer.read()
            except (aiohttp.ClientError, TimeoutError, OSError):
                self.counts["refused"] += 1
                return False
        taken = answer.status == 200
        self.counts["delivered" if taken else "refused"] += 1
        if taken and body.forged:
            self.world.blame("error", "forged_accepted", "webhook", "", "a wrong signature was answered 200")
        return taken

    async def verify(self, url: str, token: str) -> None:
        """Ask the address for the challenge, as Meta does before it believes it is ours. Raises Refused."""
        challenge = str(random.randint(10**8, 2 * 10**9))
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}
        problem = ""
        try:
            async with self._http().get(url, params=query, allow_redirects=False) as answer:
                said = (await answer.read()).decode(errors="replace")
                if answer.status != 200:
                    problem = f"HTTP Status Code = {answer.status}; HTTP Message = {answer.reason}"
                elif said != challenge:
                    problem = "The challenge was not returned"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failed:
            problem = f"curl_errno = 7; curl_error = {type(failed).__name__}"
        if problem:
            sentence = f"(#2200) Callback verification failed with the following errors: {problem}"
            raise Refused(2200, message=sentence, rule="verification")

    # Tasks and timers

    def later(self, seconds: float, do: Callable[[], object]) -> None:
        """Do it after so many seconds, unless the server has ended."""

        def now() -> None:
            self._timers.discard(timer)
            do()

        timer = asyncio.get_running_loop().call_later(seconds, now)
        self._timers.add(timer)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self.world.settings.webhook_timeout)
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout)
        return self._session

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        self.url = ""
        for timer in self._timers:
            timer.cancel()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
