"""Bad days on purpose: planned faults of the server, and the pace Meta allows.

Decides only; whatsapp_doors.py and whatsapp_webhooks.py carry the decision out.
"""

import re
from dataclasses import dataclass

from tests.servers.faults import Bucket, Plan, Planned
from tests.servers.whatsapp_rules import TITLES, Refused
from tests.servers.whatsapp_world import World

_NAMES = (
    "messages read media media_url media_download media_delete phone_number subscribed_apps message_templates "
    "template template_create template_edit template_delete upload_session upload"
)
METHODS = frozenset(_NAMES.split())
"""The names under which calls are noted and faults are planned; "read" is the mark on a person's message."""
KINDS = {"reset", "lost", "hang", "slow", "late", "garbage", "failed", "duplicate"}
_DETAILS = {
    500: (1, "An unknown error has occurred."),
    502: (1, "An unknown error has occurred."),
    503: (2, "Service temporarily unavailable"),
    504: (1, "An unknown error has occurred."),
}


@dataclass(kw_only=True)
class Fault(Planned):
    """One planned fault.

    `method` is one of METHODS, "prefix*", "*" or "webhook". `kind` is an HTTP
    status from 400 to 599, one of Meta's codes such as 131056, or: "reset" (connection cut, nothing done), "lost"
    (done, then cut), "hang" (nothing for `seconds`, then cut), "slow" (done after `seconds`), "late" (done, but the
    gateway says 504), "garbage" (200 with a page that is no JSON, nothing done), "failed" (accepted, and a failed
    status with `code` follows); for "webhook": "lost" (our 200 is ignored, the notice comes again), "duplicate"
    (delivered twice at once). `times` None means until cleared; tests may wait for `met`.
    """

    to: str = ""
    code: int = 131026
    status: int = 0

    def concerns(self, to: str) -> bool:
        return not self.to or re.sub(r"\D", "", self.to) == re.sub(r"\D", "", to)

    def refusal(self, throttled: int) -> Refused | None:
        """The error answer, if this fault is one; `throttled` is the HTTP status for too many messages."""
        if not self.kind.isdigit():
            return None
        number = int(self.kind)
        if number == 429:
            code = 130429 if self.method in ("messages", "*") else 80007
            return Refused(code, self.description, status=429, severity="")
        if 400 <= number < 600:
            code, sentence = _DETAILS.get(number, (1, "An unknown error has occurred."))
            return Refused(code, self.description, message=sentence, status=number, severity="")
        status = self.status or (throttled if number in (130429, 131056) else 0)
        return Refused(number, self.description or TITLES.get(number, "Error"), status=status, severity="")


class Faults(Plan[Fault]):
    kinds = frozenset(KINDS)

    def add(self, fault: Fault) -> Fault:
        if not fault.method.endswith("*") and fault.method not in {*METHODS, "webhook"}:
            raise ValueError(f"no such method: {fault.method}; there are {', '.join(sorted(METHODS))}")
        return super().add(fault)


class Pace:
    """How many messages a second Meta takes from a number, altogether and for one person."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.too_many = 0
        self._overall: Bucket | None = None
        self._pairs: dict[str, Bucket] = {}

    def check(self, to: str) -> None:
        """Take a token for this send. Raises Refused."""
        settings, now = self.world.settings, self.world.now()
        if not settings.rate_limits:
            return
        if self._overall is None:
            self._overall = Bucket(settings.burst, now)
        pair = self._pairs.setdefault(to, Bucket(settings.pair_burst, now))
        if self._overall.wait(now, settings.per_second, settings.burst) > 0:
            self._refuse(130429, "Cloud API message throughput has been reached.")
        if pair.wait(now, 1 / settings.pair_seconds, settings.pair_burst) > 0:
            self._refuse(
                131056,
                "Message failed to send because there were too many messages sent from this phone number to the same "
                "phone number in a short period of time.",
            )
        self._overall.tokens -= 1
        pair.tokens -= 1

    def _refuse(self, code: int, details: str) -> None:
        self.too_many += 1
        status = self.world.settings.throttle_status
        raise Refused(code, details, status=status, rule="too_many_messages", severity="warn")
