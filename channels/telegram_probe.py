"""One look at the Bot API for the go-live check: who the token is, its webhook, and what time it is there.

Not for: the running channel (telegram.py). It changes nothing at Telegram.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

_SECONDS = 10.0


class NoAnswer(Exception):  # noqa: N818 (reads as what happened)
    """The Bot API cannot be asked. The message continues a sentence and holds no address and no token."""


@dataclass(frozen=True)
class Probe:
    """`at` is the Bot API's own clock, aware, where it tells; `webhook_error` its last failed delivery."""

    username: str
    at: datetime | None
    webhook_url: str
    waiting: int
    webhook_error: str


async def probe(*, token: str, api_url: str) -> Probe:
    """Ask for the bot and its webhook. Raises NoAnswer."""
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        bot, at = await _call(session, f"{api_url}/bot{token}/getMe")
        webhook, _ = await _call(session, f"{api_url}/bot{token}/getWebhookInfo")
    return Probe(
        username=str(bot.get("username", "")),
        at=at,
        webhook_url=str(webhook.get("url", "")),
        waiting=int(webhook.get("pending_update_count", 0)),
        webhook_error=str(webhook.get("last_error_message", "")),
    )


async def _call(session: aiohttp.ClientSession, url: str) -> tuple[dict[str, Any], datetime | None]:
    try:
        async with session.post(url) as response:
            answer = await response.json(content_type=None)
            told = response.headers.get("Date", "")
    except TimeoutError:
        raise NoAnswer(f"did not answer within {_SECONDS:g} seconds") from None
    except (aiohttp.ClientError, OSError) as error:
        raise NoAnswer(f"cannot be reached ({type(error).__name__})") from None
    except ValueError:
        raise NoAnswer("answered something that is not the Bot API's") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("result"), dict):
        refused = isinstance(answer, dict) and answer.get("error_code") in (401, 404)
        raise NoAnswer("refuses the token" if refused else "answered something that is not the Bot API's")
    try:
        return answer["result"], parsedate_to_datetime(told)
    except ValueError:
        return answer["result"], None
