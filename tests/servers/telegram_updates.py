"""How updates reach the bot: getUpdates with long polling, or a webhook that retries until it hears a 2xx.

Not the updates themselves: people (telegram_people.py) and tests make those.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from tests.servers.telegram_faults import Faults
from tests.servers.telegram_rules import Refused, check_webhook
from tests.servers.telegram_things import Bell, Json
from tests.servers.telegram_world import World

NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
ACTIVE_WEBHOOK = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass
class Webhook:
    """Where updates are posted."""

    url: str
    secret: str = ""
    max_connections: int = 40
    last_error: str = ""
    last_error_at: float = 0.0


@dataclass
class Lane:
    """Updates of one chat, delivered one after another."""

    waiting: deque[Json] = field(default_factory=deque)
    busy: bool = False


class Updates:
    """The queue of updates for one bot."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.world = world
        self.faults = faults
        self.next_id = 810_000_001
        self.pending: deque[Json] = deque()
        self.again: list[Json] = []  # redelivered while polling: given out once, whatever the offset
        self.history: deque[Json] = deque(maxlen=10_000)
        self.allowed: set[str] | None = None
        self.webhook: Webhook | None = None
        self.counts: Counter[str] = Counter()
        self.on_answer: Callable[[str, Json], Any] | None = None  # a method call in a webhook's answer
        self.polled = Bell()  # rings when a getUpdates begins
        self._bell = Bell()
        self._poller: object | None = None
        self._turning: tuple[int, list[Json]] | None = None
        self._lanes: dict[object, Lane] = {}
        self._posts: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(40)
        self._session: aiohttp.ClientSession | None = None

    def add(self, kind: str, body: Json) -> int | None:
        """A new update, unless the bot did not ask for this kind. Returns its id."""
        unwanted = kind in NOT_BY_DEFAULT if self.allowed is None else kind not in self.allowed
        if unwanted:
            self.counts["not_asked_for"] += 1
            return None
        return self.push({kind: body})

    def push(self, update: Json) -> int:
        """Any update at all; it gets the next id if it has none."""
        if "update_id" not in update:
            update = {"update_id": self.next_id, **update}
        self.next_id = max(self.next_id, update["update_id"]) + 1
        self.history.append(update)
        if self._turning is None:
            self._hand_out([update])
        else:
            left, held = self._turning
            held.append(update)
            self._turning = (left - 1, held) if left > 1 else None
            if left <= 1:
                self._hand_out(held[::-1])
        return int(update["update_id"])

    def redeliver(self, last: int = 1) -> None:
        """Deliver the last updates once more, as after a quarrel about a 200."""
        updates = list(self.history)[-last:]
        if self.webhook is not None:
            self._hand_out(updates)
        else:
            self.again.extend(updates)
            self._bell.ring()

    def reorder(self, count: int = 2) -> None:
        """Hold the next updates back and hand them out in the wrong order once all are there."""
        self._turning = (count, [])

    def undelivered(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self.pending) + sum(len(lane.waiting) for lane in self._lanes.values())

    def _hand_out(self, updates: list[Json]) -> None:
        if self.webhook is None:
            for update in updates:
                twice = self.faults.take("webhook", None) if self.faults.planned else None
                self.pending.extend([update, update] if twice and twice.kind == "duplicate" else [update])
            self._bell.ring()
            return
        for update in updates:
            self._queue(update)

    # Polling

    async def poll(self, offset: int, limit: int, wait: float, allowed: list[str] | None) -> list[Json]:
        """getUpdates. Raises Refused (409) when a webhook is set or another poller takes over."""
        if self.webhook is not None:
            raise Refused(409, ACTIVE_WEBHOOK, rule="poll_with_webhook")
        if allowed is not None:
            self.allow(allowed)
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popleft()
        elif offset > 0:
            self.pending = deque(each for each in self.pending if each["update_id"] >= offset)
        me = self._poller = object()
        self._bell.ring()
        self.polled.ring()
        deadline = asyncio.get_running_loop().time() + wait
        while not (found := self._next(limit)):
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await self._bell.heard(left)
            if self.webhook is not None:
                raise Refused(409, "terminated by setWebhook request", severity="warn")
            if self._poller is not me:
                raise Refused(409, OTHER_POLLER, rule="two_pollers")
        return found

    def _next(self, limit: int) -> list[Json]:
        again, self.again = self.again[:limit], self.again[limit:]
        return again + [self.pending[i] for i in range(min(limit - len(again), len(self.pending)))]

    def allow(self, kinds: list[str]) -> None:
        """Remember which kinds of update the bot wants; an empty list means the usual ones."""
        self.allowed = {kind.lower() for kind in kinds} or None

    # Webhook

    def set_webhook(self, url: str, secret: str, max_connections: int, *, drop: bool) -> None:
        """setWebhook and deleteWebhook (empty address). Raises Refused."""
        if url:
            check_webhook(url, secret)
        old = self.webhook
        if old and not drop and (old.url, old.secret, old.max_connections) == (url, secret, max_connections):
            return
        waiting = [update for lane in self._lanes.values() for update in lane.waiting] + list(self.pending)
        self._lanes.clear()
        self.pending.clear()
        if drop:
            self.counts["dropped"] += len(waiting)
            waiting = []
        waiting.sort(key=lambda update: update["update_id"])
        self.webhook = Webhook(url, secret, max_connections) if url else None
        self._slots = asyncio.Semaphore(max_connections)
        if self.webhook is None:
            self.pending.extend(waiting)
        else:
            for update in waiting:
                self._queue(update)
        self._bell.ring()

    def _queue(self, update: Json) -> None:
        key = _lane_of(update)
        lane = self._lanes.setdefault(key, Lane())
        lane.waiting.append(update)
        if not lane.busy:
            lane.busy = True
            self._start(self._drive(key, lane))

    def _start(self, work: Any) -> None:
        post = asyncio.get_running_loop().create_task(work)
        self._posts.add(post)
        post.add_done_callback(self._posts.discard)

    async def _drive(self, key: object, lane: Lane) -> None:
        delay = self.world.settings.webhook_retry
        while lane.waiting and self._lanes.get(key) is lane and self.webhook is not None:
            update = lane.waiting[0]
            fault = self.faults.take("webhook", None) if self.faults.planned else None
            if fault is not None and fault.kind == "duplicate":
                self._start(self._post(self.webhook, update))
            after = await self._post(self.webhook, update)
            if fault is not None and fault.kind == "lost" and after is None:
                self.counts["ignored_200"] += 1
                after = 0.0
            if after is None:
                if lane.waiting and lane.waiting[0] is update:
                    lane.waiting.popleft()
                delay = self.world.settings.webhook_retry
            else:
                self.counts["retried"] += 1
                await asyncio.sleep(max(delay, after))
                delay = min(delay * 2, self.world.settings.webhook_retry_cap)
        lane.busy = False
        if not lane.waiting and self._lanes.get(key) is lane:
            del self._lanes[key]

    async def _post(self, webhook: Webhook, update: Json) -> float | None:
        """None when the bot took the update, else the seconds it asked to wait (0 for none)."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0)
            timeout = aiohttp.ClientTimeout(total=self.world.settings.webhook_timeout)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        headers = {"Content-Type": "application/json"}
        if webhook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret
        async with self._slots:
            try:
                async with self._session.post(webhook.url, data=orjson.dumps(update), headers=headers) as answer:
                    body = await answer.read()
            except (aiohttp.ClientError, TimeoutError, OSError) as problem:
                self._failed(webhook, f"Connection failed: {type(problem).__name__}")
                return 0.0
        if not 200 <= answer.status < 300:
            self._failed(webhook, f"Wrong response from the webhook: {answer.status} {answer.reason}")
            after = answer.headers.get("Retry-After", "")
            return float(after) * self.world.settings.webhook_retry if after.isdigit() else 0.0
        self.counts["delivered"] += 1
        await self._answered(body)
        return None

    def _failed(self, webhook: Webhook, sentence: str) -> None:
        self.counts["refused"] += 1
        webhook.last_error, webhook.last_error_at = sentence, self.world.now()

    async def _answered(self, body: bytes) -> None:
        """Telegram carries out a method named in the answer to a webhook, and never tells how it went."""
        with contextlib.suppress(orjson.JSONDecodeError):
            call = orjson.loads(body) if body else None
            if isinstance(call, dict) and "method" in call and self.on_answer is not None:
                await self.on_answer(str(call.pop("method")), call)

    async def close(self) -> None:
        self.webhook = None
        for post in list(self._posts):
            post.cancel()
        await asyncio.gather(*self._posts, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def _lane_of(update: Json) -> object:
    """Telegram keeps the order within a chat, but taps travel apart from messages."""
    for kind, body in update.items():
        if isinstance(body, dict):
            chat = body.get("chat") or (body.get("message") or {}).get("chat") or body.get("from") or {}
            return (kind == "callback_query", chat.get("id"))
    return None
