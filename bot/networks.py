"""Which channels are configured, made from the settings, and the paths at which their networks call.

Not for: starting them (bot/app.py) or any setting's meaning (bot/settings.py). A new channel is a line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from bot.settings import WHATSAPP_PATH, Settings
from bot.texts import Voice
from channels.base import Channel
from channels.telegram import Telegram
from channels.webchat import WebChat
from channels.whatsapp import WhatsApp, WhatsAppWords
from domain.words import N_
from storage.areas import load_places

LABELS: Final[Mapping[str, str]] = {
    Telegram.name: N_("Telegram"),
    WhatsApp.name: N_("WhatsApp"),
    WebChat.name: N_("the web chat"),
}
"""What people call each network that there is."""
SPELLINGS: Final[Mapping[str, str]] = {
    Telegram.name: "tele, tg",
    WhatsApp.name: "wa, whats app, wasap, watsap",
    WebChat.name: "web, webchat, obrolan web, situs, halaman web, laman",
}
"""What else they write for it."""
TELEGRAM_PATH: Final = "/telegram"


def channels_of(settings: Settings) -> dict[str, Channel]:
    """The channels that are configured."""
    made = (_telegram(settings), _whatsapp(settings), WebChat() if settings.is_demo else None)
    return {channel.name: channel for channel in made if channel is not None}


def names_of(settings: Settings) -> set[str]:
    """Their names, without making any."""
    on = {
        Telegram.name: settings.telegram_token is not None,
        WhatsApp.name: settings.whatsapp_token is not None,
        WebChat.name: settings.is_demo,
    }
    return {name for name in on if on[name]}


def webhooks_of(settings: Settings) -> dict[str, str]:
    """The path at which each network calls us, if it does."""
    paths = {}
    if settings.telegram_webhook_url is not None:
        # That of the public address, so that a proxy may hand it on as it is.
        path = urlsplit(settings.telegram_webhook_url).path
        paths[Telegram.name] = path if path.strip("/") else TELEGRAM_PATH
    if settings.whatsapp_token is not None:
        paths[WhatsApp.name] = WHATSAPP_PATH
    return paths


def _telegram(settings: Settings) -> Telegram | None:
    if settings.telegram_token is None:
        return None
    secret = settings.telegram_webhook_secret
    return Telegram(
        token=settings.telegram_token.get_secret_value(),
        api_url=settings.telegram_api_url,
        webhook_url=settings.telegram_webhook_url,
        webhook_secret=secret.get_secret_value() if secret else None,
        per_second=settings.telegram_per_second,
    )


def _whatsapp(settings: Settings) -> WhatsApp | None:
    if settings.whatsapp_token is None:
        return None
    # The settings hold all of them or none.
    assert settings.whatsapp_phone_number_id is not None
    assert settings.whatsapp_business_account_id is not None
    assert settings.whatsapp_app_secret is not None
    assert settings.whatsapp_verify_token is not None
    say = Voice(load_places(settings.area).area.zone)
    return WhatsApp(
        token=settings.whatsapp_token.get_secret_value(),
        phone_number_id=settings.whatsapp_phone_number_id,
        business_account_id=settings.whatsapp_business_account_id,
        app_secret=settings.whatsapp_app_secret.get_secret_value(),
        verify_token=settings.whatsapp_verify_token.get_secret_value(),
        api_url=settings.whatsapp_api_url,
        api_version=settings.whatsapp_api_version,
        callback_url=f"{settings.public_url}{WHATSAPP_PATH}" if settings.public_url else None,
        per_second=settings.whatsapp_per_second,
        # TRANSLATORS: the label that opens a list of answers; at most 20 characters.
        words=WhatsAppWords(pick=say("Choose"), say=say),
    )
