"""The things in the pretended WhatsApp's world: settings, accounts, messages, media, templates, calls, violations.

Plain records; whatsapp_world.py keeps them together.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from tests.servers.telegram_things import Bell

Json = dict[str, Any]
_MARKS = {
    sign: re.compile(rf"(?<![\w*_~`]){sign}(?=[^\s{sign[-1]}])([^{sign[-1]}\n]*?\S){sign}(?![\w*_~`])")
    for sign in (r"\*", "_", "~", "```", "`")
}


@dataclass
class Settings:
    """How strict and how quick the service is; the figures are those Meta publishes, the waits are shortened."""

    rate_limits: bool = False
    per_second: float = 80.0
    burst: float = 80.0
    pair_seconds: float = 6.0  # one message to the same person in so many seconds
    pair_burst: float = 45.0
    throttle_status: int = 400  # Meta's list says 400, some callers were answered 429
    daily_conversations: int | None = None  # people we may write to first within 24 hours; over it, a failed status
    window_hours: float = 24.0
    window_error: str = "async"  # accepted, then a failed status; "sync" is a 400 at once
    unknown_number: str = "async"
    parameter_code: int = 100  # for a template's text with a newline; 132018 is seen as well
    statuses: bool = True  # sent and delivered; failed ones come in any case
    status_seconds: float = 0.01  # between the answer and "sent", and from there to "delivered"
    user_ids: bool = True  # business-scoped user ids in notices, since April 2026
    edits: str = "told"  # numbers without the WhatsApp Business app get "unsupported" for edits and deletions
    review: str = "APPROVED"  # what becomes of a new or edited template at once; or PENDING, REJECTED
    media_seconds: float = 300.0  # how long an address of a file works
    uploaded_days: float = 30.0
    received_days: float = 7.0
    escapes: bool = True  # \u.... and \/ in notices, as Meta writes them
    webhook_retry: float = 0.05  # seconds before the second delivery; doubles each time
    webhook_retry_cap: float = 1.0
    webhook_timeout: float = 10.0
    webhook_connections: int = 100
    patience: float = 10.0  # how long what a person does waits for our 200; 0: not at all
    latency: float = 0.0  # seconds before each answer


@dataclass(frozen=True, slots=True)
class Button:
    """A button: `kind` is button_reply, list_reply, quick_reply or url; `id` is what a tap sends."""

    text: str
    kind: str
    id: str = ""
    url: str = ""
    description: str = ""


@dataclass(slots=True)
class Media:
    """A file that WhatsApp keeps."""

    id: str
    content: bytes
    mime: str
    name: str
    at: float
    uploaded: bool  # by us; else a person sent it
    sha256: str = ""


@dataclass(slots=True)
class Message:
    """A message as it stands now. `raw` is its text as it was sent, `text` as a person reads it.

    `kind` is the type in the API; for interactive ones button, list or cta_url.
    """

    kind: str
    raw: str = ""
    header: str = ""
    footer: str = ""
    opener: str = ""  # the label that opens a list
    buttons: tuple[Button, ...] = ()
    picture: bytes = b""
    document: tuple[str, bytes] = ("", b"")
    template: str = ""
    language: str = ""
    id: str = ""
    at: float = 0.0
    by_us: bool = True
    reply_to: str = ""
    mark: str = ""  # biz_opaque_callback_data
    status: str = "accepted"
    to: str = ""  # how the person was named when it was sent: digits or a business-scoped user id
    category: str = "service"
    reactions: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Without the signs that make words bold, italic or struck out."""
        text = self.raw
        for pattern in _MARKS.values():
            text = pattern.sub(r"\1", text)
        return text

    @property
    def bold(self) -> tuple[str, ...]:
        return tuple(_MARKS[r"\*"].findall(self.raw))

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The labels of its buttons or list, one a line, as WhatsApp shows them."""
        return tuple((button.text,) for button in self.buttons)

    @property
    def labels(self) -> list[str]:
        return [button.text for button in self.buttons]


@dataclass(slots=True)
class Template:
    """A message template in one language."""

    id: str
    name: str
    language: str
    category: str
    components: list[Json]
    status: str = "APPROVED"
    parameter_format: str = "POSITIONAL"
    reason: str = "NONE"
    edited_at: float | None = None

    def as_json(self) -> Json:
        return {
            "name": self.name,
            "parameter_format": self.parameter_format,
            "components": self.components,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "id": self.id,
            "rejected_reason": self.reason,
            "quality_score": {"score": "UNKNOWN"},
        }

    def component(self, kind: str) -> Json | None:
        return next((each for each in self.components if str(each.get("type", "")).upper() == kind), None)


@dataclass(slots=True)
class Account:
    """A person at WhatsApp. `shows_phone` and `shows_user_id`: what notices tell of the two ids."""

    name: str
    phone: str  # digits
    user_id: str
    username: str = ""
    shows_phone: bool = True
    shows_user_id: bool = True
    blocked: bool = False
    gone: bool = False
    wrote_at: float | None = None
    messages: dict[str, Message] = field(default_factory=dict)
    ledger: list[Message] = field(default_factory=list)  # all that we ever showed here
    typing: int = 0  # how often we were seen typing
    bell: Bell = field(default_factory=Bell)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API; `code` is 200 or Meta's error code, 0 for no answer, `status` the HTTP status."""

    method: str
    params: Json
    at: float
    to: str
    code: int
    status: int
    details: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something a correct program does not do ("error") or hardly ever does ("warn")."""

    severity: str
    rule: str
    method: str
    to: str
    detail: str


class Violations(list[Violation]):
    """All violations; called, those of one severity or rule."""

    def __call__(self, severity: str = "", *, rule: str = "", ignore: Collection[str] = ()) -> list[Violation]:
        return [
            each
            for each in self
            if severity in ("", each.severity) and rule in ("", each.rule) and each.rule not in ignore
        ]
