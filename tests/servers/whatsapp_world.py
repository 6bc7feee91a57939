"""What the pretended WhatsApp knows: people, messages, media, templates, our number, the log of calls.

Holds and shows; it checks nothing (whatsapp_methods.py does) and speaks no HTTP (whatsapp_doors.py does).
"""

import base64
import hashlib
import itertools
import re
import secrets
import time
from collections import Counter
from typing import Any

from tests.servers.telegram_things import Bell
from tests.servers.whatsapp_things import Account, Call, Json, Media, Message, Settings, Template, Violation, Violations

TOKEN = "EAAG-token-uji-0001"
APP_ID = "333000333000333"
APP_SECRET = "rahasia-aplikasi-uji-0001"
VERIFY_TOKEN = "kata-verifikasi-uji-0001"
PHONE_NUMBER_ID = "111000111000111"
BUSINESS_ACCOUNT_ID = "222000222000222"
NUMBER = "+62 811 3450 000"


class World:
    """Everything the server remembers, for one number of one business account."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.token = TOKEN
        self.accounts: dict[str, Account] = {}  # by the digits of the phone
        self.accepted: dict[str, Message] = {}  # our messages, shown or not
        self.owners: dict[str, Account] = {}  # of every message of both sides
        self.unreachable: set[str] = set()
        self.conversations: dict[str, float] = {}  # when we wrote to a person first
        self._media: dict[str, Media] = {}
        self.templates: dict[str, Template] = {}  # by id
        self.deleted: dict[tuple[str, str], float] = {}  # templates, by name and language
        self.uploads: dict[str, Json] = {}
        self.handles: set[str] = set()
        self.phone_number: Json = {
            "id": PHONE_NUMBER_ID,
            "verified_name": "Lindung",
            "code_verification_status": "VERIFIED",
            "display_phone_number": NUMBER,
            "quality_rating": "GREEN",
            "platform_type": "CLOUD_API",
            "throughput": {"level": "STANDARD"},
            "webhook_configuration": {},
            "name_status": "APPROVED",
            "status": "CONNECTED",
            "messaging_limit_tier": "TIER_1K",
            "whatsapp_business_manager_messaging_limit": "TIER_1K",
            "is_official_business_account": False,
        }
        self.calls: list[Call] = []
        self.counts: Counter[str] = Counter()
        self.violations = Violations()
        self.bell = Bell()
        self._skipped = 0.0
        self._numbers = itertools.count(1)

    def now(self) -> float:
        """WhatsApp's clock, seconds since 1970."""
        return time.time() + self._skipped

    def skip(self, *, hours: float = 0, seconds: float = 0) -> None:
        """Put WhatsApp's clock forward; messages and files grow older by so much."""
        self._skipped += hours * 3600 + seconds

    @property
    def number(self) -> str:
        """The digits of our own number."""
        return digits(self.phone_number["display_phone_number"])

    def next_id(self) -> str:
        """An id such as Graph gives to files and templates."""
        return str(700_000_000_000_000 + next(self._numbers) * 1_000_003)

    def message_id(self, account: Account | None) -> str:
        inside = (
            f"\x1d\x01\x0d{account.phone if account else ''}\x15\x02\x11\x18\x14{secrets.token_hex(10).upper()}\x00"
        )
        return "wamid." + base64.b64encode(inside.encode()).decode()

    # People

    def find(self, to: str, user_id: str) -> Account | None:
        """Whoever has this phone (digits), or else this business-scoped user id."""
        if to:
            account = self.accounts.get(to)
        else:
            account = next((each for each in self.accounts.values() if each.user_id == user_id), None)
        return None if account is None or account.gone else account

    def window_is_open(self, account: Account) -> bool:
        since = account.wrote_at
        return since is not None and self.now() - since < self.settings.window_hours * 3600

    def show(self, account: Account, message: Message) -> None:
        """Put a message of ours on a person's phone and wake whoever listens."""
        account.messages[message.id] = message
        account.ledger.append(message)
        account.bell.ring()

    # Files

    @property
    def media(self) -> dict[str, Media]:
        """The files that still exist: neither deleted nor too old."""
        days = {True: self.settings.uploaded_days, False: self.settings.received_days}
        oldest = {uploaded: self.now() - 86_400 * age for uploaded, age in days.items()}
        self._media = {name: each for name, each in self._media.items() if each.at > oldest[each.uploaded]}
        return self._media

    def keep(self, content: bytes, mime: str, name: str, *, uploaded: bool) -> Media:
        sha256 = hashlib.sha256(content).hexdigest()
        media = Media(self.next_id(), content, mime, name, self.now(), uploaded, sha256)
        self._media[media.id] = media
        return media

    # Templates

    def template(self, name: str, language: str) -> Template | None:
        return next((each for each in self.templates.values() if (each.name, each.language) == (name, language)), None)

    def add_template(self, name: str, language: str, category: str, components: list[Json], **about: Any) -> Template:
        template = Template(self.next_id(), name, language, category, components, **about)
        self.templates[template.id] = template
        return template

    # Notes

    def blame(self, severity: str, rule: str, method: str, to: str, detail: str) -> None:
        self.violations.append(Violation(severity, rule, method, to, detail))

    def note(self, method: str, params: Json, code: int, status: int, details: str = "") -> None:
        self.counts[method] += 1
        self.calls.append(Call(method, params, time.monotonic(), addressee(params), code, status, details))
        self.bell.ring()


def digits(number: object) -> str:
    """A phone number as WhatsApp keeps it."""
    return re.sub(r"\D", "", str(number))


def addressee(params: Json) -> str:
    """Whom a call is for, as the caller named it."""
    return str(params.get("to") or params.get("recipient") or "")
