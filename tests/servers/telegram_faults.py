"""Bad days on purpose: planned faults of the server, and the pace Telegram allows, with its 429.

Decides only; telegram.py carries the decision out.
"""

import math
import time
from dataclasses import dataclass

from tests.servers.faults import Bucket, Plan, Planned
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


@dataclass(kw_only=True)
class Fault(Planned):
    """One planned fault.

    `method` is a name, "prefix*", "*", "file_download" or "webhook". `kind` is a status such as "503", or:
    "reset" (connection cut, nothing done), "lost" (done, then cut), "hang" (nothing for `seconds`, then cut),
    "slow" (done after `seconds`), "late" (done, but the gateway says 504), "garbage" (200 with a page that is no
    JSON, nothing done); for "webhook":
    "lost" (the bot's 200 is ignored, the update comes again), "duplicate" (delivered twice at once).
    `times` None means until cleared; tests may wait for `met`.
    """

    chat_id: int | None = None
    retry_after: int = 1

    def concerns(self, to: int | None) -> bool:
        return self.chat_id is None or self.chat_id == to

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


class Faults(Plan[Fault]):
    kinds = frozenset(KINDS)


class Pace:
    """Telegram's limits of pace, and who was told to wait until when."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.told: dict[int | str, float] = {}
        self.early = 0
        self.too_many = 0
        self._overall: Bucket | None = None
        self._chats: dict[int, Bucket] = {}

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
            self._overall = Bucket(settings.overall_burst, now)
        private = chat_id > 0
        rate = settings.chat_per_second if private else settings.group_per_second
        burst = settings.chat_burst if private else settings.group_burst
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = Bucket(burst, now)
        overall = self._overall.wait(now, settings.overall_per_second, settings.overall_burst)
        wait = max(overall, chat.wait(now, rate, burst))
        if wait > 0:
            after = max(1, math.ceil(wait))
            text = f"Too Many Requests: retry after {after}"
            raise Refused(429, text, rule="too_many_requests", severity="warn", retry_after=after)
        self._overall.tokens -= 1
        chat.tokens -= 1
