"""Bad days on purpose: planned faults of the server, and the pace Telegram allows, with its 429.

Decides only; telegram.py carries the decision out.
"""

import asyncio
import math
import time
from dataclasses import dataclass, field

from tests.servers.telegram_rules import Refused
from tests.servers.telegram_world import World

SENTENCES = {
    429: "Too Many Requests: retry after {retry_after}",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
KINDS = {"reset", "lost", "hang", "slow", "late", "garbage", "duplicate"}
SENDS = {"sendMessage", "sendPhoto", "sendDocument"}
EDITS = {
    "editMessageText",
    "editMessageCaption",
    "editMessageReplyMarkup",
    "editMessageMedia",
    "deleteMessage",
}


@dataclass
class Fault:
    """One planned fault.

    `method` is a name, "prefix*", "*", "file_download" or "webhook". `kind` is a status such as "503", or:
    "reset" (connection cut, nothing done), "lost" (done, then cut), "hang" (nothing for `seconds`, then cut),
    "slow" (done after `seconds`), "late" (done, but the gateway says 504), "garbage" (200 with a page that is no
    JSON, nothing done); for "webhook":
    "lost" (the bot's 200 is ignored, the update comes again), "duplicate" (delivered twice at once).
    `times` None means until cleared; tests may wait for `met`.
    """

    method: str
    kind: str
    times: int | None = 1
    skip: int = 0
    chat_id: int | None = None
    seconds: float = 3600.0
    retry_after: int = 1
    description: str = ""
    hits: int = 0
    met: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def meets(self, method: str, chat_id: int | None) -> bool:
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        if self.method.endswith("*"):
            return method.startswith(self.method[:-1]) and (self.method != "*" or method != "webhook")
        return self.method == method

    def refusal(self) -> Refused | None:
        """The error answer, if this fault is one."""
        if not self.kind.isdigit():
            return None
        code = int(self.kind)
        text = self.description or SENTENCES.get(code, "Bad Request: planned fault")
        after = self.retry_after if code == 429 else None
        refused = Refused(0, text.format(retry_after=self.retry_after), severity="", retry_after=after)
        refused.code = code
        return refused


class Faults:
    """The planned faults, met in the order they were planned."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        if fault.kind not in KINDS and not fault.kind.isdigit():
            raise ValueError(f"no such fault: {fault.kind}")
        self.planned.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults; calls that hang are let go."""
        for fault in self.planned:
            fault.over.set()
        self.planned.clear()

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault this call meets, counted as used."""
        for fault in self.planned:
            if not fault.meets(method, chat_id) or (fault.times is not None and fault.hits >= fault.times):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.hits += 1
            fault.met.set()
            return fault
        return None


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float

    def wait(self, now: float, rate: float, burst: float) -> float:
        """Seconds until a token is there; 0 when one is."""
        self.tokens = min(burst, self.tokens + (now - self.at) * rate)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / rate


class Pace:
    """Telegram's limits of pace, and who was told to wait until when."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.told: dict[int | str, float] = {}
        self.early = 0
        self.too_many = 0
        self._overall: _Bucket | None = None
        self._chats: dict[int, _Bucket] = {}

    def counts(self, method: str) -> bool:
        return method in SENDS or (self.world.settings.count_edits and method in EDITS)

    def listen(self, method: str, chat_id: int | None) -> None:
        """Notice a bot that does not wait as long as it was told."""
        if not self.told:
            return
        key = method if chat_id is None else chat_id
        until = self.told.get(key)
        if until is None or (chat_id is not None and method not in SENDS | EDITS):
            return
        left = until - time.monotonic()
        if left > 0.02:
            self.early += 1
            detail = f"{left:.2f} s before the end of retry_after"
            self.world.blame("error", "sent_during_retry_after", method, chat_id, detail)
        else:
            del self.told[key]

    def tell(self, method: str, chat_id: int | None, seconds: int) -> None:
        """Remember a 429 just given."""
        self.too_many += 1
        self.told[method if chat_id is None else chat_id] = time.monotonic() + seconds

    def check(self, method: str, chat_id: int) -> None:
        """Take a token for this send. Raises Refused (429)."""
        settings = self.world.settings
        if not settings.rate_limits or not self.counts(method):
            return
        now = time.monotonic()
        if self._overall is None:
            self._overall = _Bucket(settings.overall_burst, now)
        private = chat_id > 0
        rate = settings.chat_per_second if private else settings.group_per_second
        burst = settings.chat_burst if private else settings.group_burst
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = _Bucket(burst, now)
        overall = self._overall.wait(now, settings.overall_per_second, settings.overall_burst)
        wait = max(overall, chat.wait(now, rate, burst))
        if wait > 0:
            after = max(1, math.ceil(wait))
            text = f"Too Many Requests: retry after {after}"
            raise Refused(429, text, rule="too_many_requests", severity="warn", retry_after=after)
        self._overall.tokens -= 1
        chat.tokens -= 1
