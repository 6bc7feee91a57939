"""Telegram's part of the go-live check: the token, where updates come from, the time there.

Not for: asking Telegram (channels/telegram_probe.py).
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from bot.finding import Finding
from bot.setting_kinds import is_loopback
from bot.settings import Settings
from channels.telegram_probe import NoAnswer, Probe, probe


async def check_telegram(settings: Settings, token: str) -> tuple[list[Finding], datetime | None]:
    """What was found, and what time it is there; None where it does not tell."""
    try:
        seen = await probe(token=token, api_url=settings.telegram_api_url)
    except NoAnswer as reason:
        trouble = f"Telegram {reason}: look at LINDUNG_TELEGRAM_TOKEN, LINDUNG_TELEGRAM_API_URL and the network."
        return [Finding(False, trouble)], None
    found = [Finding(True, f"Telegram knows the token: @{seen.username}."), _webhook(settings, seen)]
    api = urlsplit(settings.telegram_api_url)
    if api.scheme == "http" and not is_loopback(api.hostname or ""):
        found.append(Finding(False, "LINDUNG_TELEGRAM_API_URL is not https: the token can be read on the way."))
    return found, seen.at


def _webhook(settings: Settings, seen: Probe) -> Finding:
    if settings.telegram_webhook_url is None:
        return Finding(True, f"Updates are asked for (no webhook); {seen.waiting} wait.")
    if seen.webhook_url and seen.webhook_url != settings.telegram_webhook_url:
        return Finding(True, "Telegram holds another webhook; the program sets its own when it starts.")
    if seen.webhook_error:
        return Finding(
            False,
            "Telegram could not deliver to the webhook lately: look at its address, its certificate and the proxy"
            f" before {settings.http_host}:{settings.http_port}.",
        )
    return Finding(True, f"The webhook is {'set' if seen.webhook_url else 'set at the start'}; {seen.waiting} wait.")
