"""One look at Meta for the go-live check: our number, where notices go, the late texts, how many we may write to.

Not for: the running channel (whatsapp.py). It changes nothing at Meta.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from channels.base import SendFailed
from channels.whatsapp_desk import TemplateDesk, daily_limit
from channels.whatsapp_errors import failure
from channels.whatsapp_request import Graph, GraphRefused, GraphUnreached, Json
from conversation.say import Say

_SECONDS = 10.0
_FIELDS = "display_phone_number,verified_name,quality_rating,status,name_status,webhook_configuration"

_SENTENCES: Mapping[str, str] = {
    "token_refused": "refuses the token",
    "not_permitted": "does not let this token do it",
    "timeout": f"did not answer within {_SECONDS:g} seconds",
    "unreachable": "cannot be reached",
    "garbled_answer": "answered something that is not the Graph API's",
    "number_unknown": "knows no such number or account for this token",
    "too_many_calls": "was asked too often and wants to be asked later",
    "account_locked": "has locked the account",
    "account_blocked": "has blocked the account for a while",
}


class NoAnswer(Exception):  # noqa: N818 (reads as what happened)
    """Meta cannot be asked. The message continues a sentence and holds no address and no token."""


@dataclass(frozen=True)
class Probe:
    """`number` as people see it; `callback` where notices of our number go, empty for the app's own address.

    `subscribed`: whether any app hears of our account at all. `late_texts` and `daily` as in channels.base.Survey.
    `at` is Meta's own clock, aware, where it tells.
    """

    number: str
    verified_name: str
    quality: str
    status: str
    name_status: str
    subscribed: bool
    callback: str
    late_texts: Mapping[str, str]
    daily: int | None
    at: datetime | None


async def probe(
    *, token: str, phone_number_id: str, business_account_id: str, api_url: str, api_version: str, say: Say
) -> Probe:
    """Ask about everything that must be right before people write to us. Raises NoAnswer."""
    graph = Graph(token=token, api_url=api_url, api_version=api_version, answer_seconds=_SECONDS)
    graph.open()
    try:
        number = await graph.get(phone_number_id, {"fields": _FIELDS})
        apps = await graph.get(f"{business_account_id}/subscribed_apps")
        late_texts = await TemplateDesk(graph, business_account_id, say).states()
        daily = await daily_limit(graph, phone_number_id)
        at = graph.last_answer
    except (GraphRefused, GraphUnreached) as problem:
        raise NoAnswer(what_meta_does(failure(problem))) from None
    except SendFailed as failed:
        raise NoAnswer(what_meta_does(failed)) from None
    finally:
        await graph.close()
    return Probe(
        number=str(number.get("display_phone_number", "")),
        verified_name=str(number.get("verified_name", "")),
        quality=str(number.get("quality_rating", "")).lower(),
        status=str(number.get("status", "")).lower(),
        name_status=str(number.get("name_status", "")).lower(),
        subscribed=bool(apps.get("data")),
        callback=_callback(number),
        late_texts=late_texts,
        daily=daily,
        at=at,
    )


def what_meta_does(failed: SendFailed) -> str:
    """The end of a sentence that begins with Meta's name."""
    return _SENTENCES.get(failed.code, f"refuses ({failed.code})")


def _callback(number: Json) -> str:
    """Where Meta brings what concerns this number: the number's own address goes before the account's and the app's."""
    where = number.get("webhook_configuration")
    if not isinstance(where, dict):
        return ""
    found = (where.get(name) for name in ("phone_number", "whatsapp_business_account", "application"))
    return next((str(each) for each in found if each), "")
