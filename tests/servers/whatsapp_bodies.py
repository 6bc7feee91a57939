"""Notices as the bytes that are posted: several in one body, and signed.

Not for: how they travel (whatsapp_webhooks.py).
"""

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from tests.servers.whatsapp_things import Json
from tests.servers.whatsapp_world import APP_SECRET, BUSINESS_ACCOUNT_ID


@dataclass(slots=True, eq=False)
class Notice:
    """One thing told to us: a message, a status, a template reviewed. `waits`: others must come first."""

    field: str
    value: Json
    at: float = 0.0
    waits: bool = False
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    def tells(self, what: str) -> bool:
        return what == "any" or what in self.value


@dataclass(slots=True, eq=False)
class Body:
    """What is posted at once; `forged`: with a wrong signature, and only once."""

    raw: bytes
    notices: list[Notice]
    forged: bool = False


def sign(raw: bytes, secret: str = APP_SECRET) -> str:
    """The value of X-Hub-Signature-256 for these bytes."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def written(notices: list[Notice], spread: str, *, escapes: bool) -> bytes:
    """The notices as one body; `escapes`: with \\u.... and \\/ as Meta writes them."""
    body = {"object": "whatsapp_business_account", "entry": _entries(notices, spread)}
    text = json.dumps(body, ensure_ascii=escapes, separators=(",", ":"))
    return (text.replace("/", "\\/") if escapes else text).encode()


def _entries(notices: list[Notice], spread: str) -> list[Json]:
    """The notices in one entry and one change, in one change each, or in one entry each."""
    changes: list[Json] = []
    for notice in notices:
        value = notice.value
        last = changes[-1] if changes else None
        if spread == "messages" and last is not None and last["field"] == notice.field == "messages":
            for name in ("contacts", "messages", "statuses"):
                for each in value.get(name, ()):
                    known = last["value"].setdefault(name, [])
                    if name != "contacts" or each not in known:
                        known.append(each)
        else:
            changes.append({"value": {name: _copied(part) for name, part in value.items()}, "field": notice.field})
    about: Json = {"id": BUSINESS_ACCOUNT_ID}
    if notices[0].field != "messages":
        about["time"] = int(notices[0].at)
    if spread == "entries":
        return [{**about, "changes": [change]} for change in changes]
    return [{**about, "changes": changes}]


def _copied(part: Any) -> Any:
    return list(part) if isinstance(part, list) else part
