"""Every setting, described once: read from the environment and from `.env`, checked before anything starts.

Not for: what follows from a setting. `docs/settings.md` is made from this class (bot/settings_page.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.setting_kinds import (
    ApiAddress,
    ApiVersion,
    AreaCode,
    BotToken,
    DatabaseAddress,
    Days,
    LongSecret,
    MetaNumber,
    Minutes,
    Prices,
    PublicAddress,
    QuietHours,
    ReceiptLetters,
    WebhookAddress,
    WebhookSecret,
    Whole,
    Words,
    WorshipTimes,
    is_loopback,
)
from domain.quiet import QuietTimes
from domain.rules import Rules

PREFIX: Final = "LINDUNG_"

DEMO: Final[Mapping[str, str]] = {
    "database_url": "sqlite:///var/demo/lindung.db",
    "key_file": "var/demo/lindung.key",
    "media_dir": "var/demo/media",
    "area": "81.71",
    "office_name": "Dinas Tenaga Kerja Kota Ambon (demo)",
    "receipt_letters": "AMB",
    "office_address": "Jalan Contoh 1, Ambon",
    "office_hours": "Senin-Jumat 08.00-16.00 WIT",
    "office_contact": "0812-3450-0000",
}
"""What the demo puts where a real office must say it, and the places of its own that it keeps its data in."""


WHATSAPP_PATH: Final = "/whatsapp"
"""Where WhatsApp calls us."""
PAGE_PATH: Final = "/lihat/"
"""Below it is the page for officers; the links to it are made in handlers/peek.py."""


class Settings(BaseSettings):
    """The settings of one program. Building one raises pydantic's ValidationError; bot/load.py words it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    area: AreaCode = Field(
        description="Code of the city or regency served, as Kemendagri gives it, such as 81.71 for Kota Ambon."
    )
    office_name: Words = Field(description="Name of the office, as workers know it.")
    receipt_letters: ReceiptLetters = Field(
        description="Two to five letters that begin the office's receipt numbers, such as AMB."
    )
    office_address: Words = Field(description="Street address of the office.")
    office_hours: Words = Field(description="Opening hours of the office, as workers should read them.")
    office_contact: Words = Field(description="Telephone number of the office, for workers.")

    telegram_token: BotToken | None = Field(
        None, description="Token of the Telegram bot, from @BotFather. Without it the demo runs."
    )
    telegram_api_url: ApiAddress = Field(
        "https://api.telegram.org",
        description="Address of the Bot API. A Bot API server of your own has its own address.",
    )
    telegram_webhook_url: WebhookAddress | None = Field(
        None,
        description="Public https address for Telegram's updates. Without it the program asks for them.",
    )
    telegram_webhook_secret: WebhookSecret | None = Field(
        None,
        description="Secret that Telegram sends along with each update; 16 to 256 letters, digits, _ and -.",
    )

    telegram_per_second: float = Field(
        30.0,
        gt=0,
        le=1000,
        description="Messages a second that Telegram takes from this bot; broadcasts stay just under it.",
    )

    whatsapp_token: LongSecret | None = Field(
        None, description="Access token of the system user for WhatsApp, from Meta's business settings."
    )
    whatsapp_phone_number_id: MetaNumber | None = Field(
        None, description="Meta's id of the WhatsApp number, not the number itself."
    )
    whatsapp_business_account_id: MetaNumber | None = Field(
        None, description="Meta's id of the WhatsApp business account that the number belongs to."
    )
    whatsapp_app_secret: LongSecret | None = Field(
        None, description="Secret of the Meta app: proves that a notification comes from Meta."
    )
    whatsapp_verify_token: LongSecret | None = Field(
        None, description="Word of your own that Meta repeats when it first asks at our door; 8 letters or more."
    )
    whatsapp_api_url: ApiAddress = Field("https://graph.facebook.com", description="Address of Meta's Graph API.")
    whatsapp_api_version: ApiVersion = Field("v23.0", description="Version of the Graph API.")
    whatsapp_per_second: float = Field(
        80.0, gt=0, le=1000, description="Messages a second that WhatsApp takes from this number."
    )
    whatsapp_prices: Prices = Field(
        (date(2026, 10, 1), 357.0, 587.0),
        description="Rupiah that Meta charges for one message to somebody we write to first, about their own case and"
        " for news, and the day from which that holds: copy them from Meta's rate card.",
    )
    public_url: PublicAddress | None = Field(
        None,
        description="Public https address under which this program is reached. With it WhatsApp is told where its"
        " notifications go, and officers can be shown photo and NIK on a page.",
    )

    http_host: str = Field("127.0.0.1", description="Address that the program listens on.")
    http_port: int = Field(8080, ge=0, le=65535, description="Port that the program listens on.")
    webchat: Literal["demo", "off"] = Field(
        "off", description="The web chat of the demo. On by itself when no channel is configured."
    )

    database_url: DatabaseAddress = Field(
        "sqlite:///var/lindung.db", repr=False, description="The database: `sqlite:///file` or `postgresql://...`."
    )
    key_file: Path = Field(
        Path("secrets/lindung.key"),
        description="The key file. Keep it, and a copy of it, away from the database and its backups.",
    )
    media_dir: Path = Field(Path("var/media"), description="Folder of the encrypted photos.")
    control_socket: Path = Field(
        Path("var/control.sock"),
        description="Socket by which commands such as `invite` speak to the running program.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important lines that are logged."
    )

    min_age: int = Field(18, ge=0, le=120, description="Youngest age, in years, that may register.")
    max_age_exclusive: int = Field(
        65, ge=1, le=150, description="Age, in years, from which an officer decides about a new registration."
    )
    lease_minutes: Minutes = Field(15, description="How long a claimed case waits for its officer's next step.")
    undo_seconds: int = Field(
        60, ge=0, le=3600, description="How long an officer may take a decision back before it counts."
    )
    notice_gap_minutes: Minutes = Field(
        15, description="Least time between two notices of new cases to the same officer."
    )
    reminder_days: Days = Field(
        (1, 7), description="Days after which an unfinished registration is reminded, once each."
    )
    resume_minutes: Minutes = Field(
        60, description="Silence after which a returning worker is greeted before the open question."
    )
    max_tries: Whole = Field(3, description="Failed tries at one question before a human is offered.")
    promise_days: Whole = Field(
        3, description="Working days named as waiting time as long as no recent decisions tell it."
    )
    invite_hours: Whole = Field(72, description="How long a one-time code for an officer or admin is valid.")
    sensitive_hours: int = Field(
        12,
        ge=1,
        le=47,
        description="Hours after which messages with a photo or NIK are deleted at the latest.",
    )
    page_minutes: Minutes = Field(
        10, description="How long a link to the page that shows photo and NIK to an officer can be opened."
    )
    delivery_hours: Whole = Field(24, description="How many hours the delivery of a message is tried.")
    draft_days: Whole = Field(30, description="Days after which an unfinished registration is deleted.")
    rejected_days: Whole = Field(365, description="Days after which a rejected registration is deleted.")
    audit_days: Whole = Field(5 * 365, description="Days for which the audit lines are kept.")
    seen_days: int = Field(
        14, ge=2, description="Days for which the keys of updates are kept, so that none counts twice."
    )
    messages_per_minute: Whole = Field(30, description="Messages of one person in a minute before a pause.")
    photos_per_hour: Whole = Field(20, description="Photos of one person in an hour before a pause.")
    wrong_niks_per_day: Whole = Field(15, description="Unusable NIKs of one person in a day before a pause.")
    searches_per_hour: Whole = Field(30, description="Searches and histories of one officer in an hour.")

    approval_above: Whole = Field(500, description="Above so many people a second admin must approve a broadcast.")
    first_batch: Whole = Field(50, description="How many people a broadcast's first batch goes to, if an admin asks.")
    failures_in_row: Whole = Field(25, description="Failures in a row after which a broadcast pauses by itself.")
    quiet_hours: QuietHours = Field(
        QuietTimes().nights,
        description="Local hours in which no broadcast is sent, such as 20:00-07:00; `off` for none.",
    )
    worship_times: WorshipTimes = Field(
        QuietTimes().windows,
        description="Times of worship in which none is sent: days in Indonesian with hours; `off` for none.",
    )
    broadcast_rest_hours: int = Field(
        0, ge=0, description="Hours after a broadcast in which a person is left out of the next one."
    )
    broadcast_days: Whole = Field(365, description="Days for which it is kept who got which broadcast.")

    @property
    def is_demo(self) -> bool:
        """Whether this is the demo: web chat only, invented people, data of its own."""
        return self.webchat == "demo"

    def rules(self) -> Rules:
        """The rules as the domain knows them, times in seconds."""
        return Rules(
            min_age=self.min_age,
            max_age_exclusive=self.max_age_exclusive,
            lease=_seconds(self.lease_minutes),
            undo_window=self.undo_seconds,
            notice_gap=_seconds(self.notice_gap_minutes),
            reminder_days=self.reminder_days,
            draft_days=self.draft_days,
            seen_days=self.seen_days,
            rejected_days=self.rejected_days,
            audit_days=self.audit_days,
            sensitive_hours=self.sensitive_hours,
            page_time=_seconds(self.page_minutes),
            promise_days=self.promise_days,
            resume_after=_seconds(self.resume_minutes),
            invite_hours=self.invite_hours,
            searches_per_hour=self.searches_per_hour,
            messages_per_minute=self.messages_per_minute,
            photos_per_hour=self.photos_per_hour,
            wrong_niks_per_day=self.wrong_niks_per_day,
            max_tries=self.max_tries,
            delivery_hours=self.delivery_hours,
            approval_above=self.approval_above,
            first_batch=self.first_batch,
            failures_in_row=self.failures_in_row,
            broadcast_rest_hours=self.broadcast_rest_hours,
            broadcast_days=self.broadcast_days,
            quiet=QuietTimes(self.quiet_hours, self.worship_times),
        )

    @model_validator(mode="before")
    @classmethod
    def _begin_with_the_demo(cls, given: dict[str, Any]) -> dict[str, Any]:
        """No channel and no word about the web chat: this is the demo, and it lacks nothing."""
        default = "off" if given.get("telegram_token") or given.get("whatsapp_token") else "demo"
        if given.get("webchat", default) == "off":
            return given
        return {"webchat": "demo", **DEMO, **given}

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        problems = [*self._channel_problems(), *self._demo_problems()]
        if self.min_age >= self.max_age_exclusive:
            problems.append("LINDUNG_MIN_AGE must be less than LINDUNG_MAX_AGE_EXCLUSIVE.")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _channel_problems(self) -> list[str]:
        problems = []
        if self.telegram_token is None and self.whatsapp_token is None and not self.is_demo:
            problems.append(
                "No channel is configured: set LINDUNG_TELEGRAM_TOKEN or LINDUNG_WHATSAPP_TOKEN, or take"
                " LINDUNG_WEBCHAT=off away."
            )
        if self.telegram_token and self.telegram_webhook_url and self.telegram_webhook_secret is None:
            problems.append("LINDUNG_TELEGRAM_WEBHOOK_URL needs LINDUNG_TELEGRAM_WEBHOOK_SECRET: set both or neither.")
        path = urlsplit(self.telegram_webhook_url or "").path
        if self.whatsapp_token is not None and path == WHATSAPP_PATH:
            problems.append(
                f"LINDUNG_TELEGRAM_WEBHOOK_URL must not end in {WHATSAPP_PATH}, where notifications come in because of"
                " LINDUNG_WHATSAPP_TOKEN: give it another path."
            )
        if self.public_url is not None and path.startswith(PAGE_PATH):
            problems.append(
                f"LINDUNG_TELEGRAM_WEBHOOK_URL must not lie below {PAGE_PATH}, where officers are shown photo and NIK"
                " because of LINDUNG_PUBLIC_URL: give it another path."
            )
        if self.whatsapp_token is not None:
            needed = (
                "whatsapp_phone_number_id",
                "whatsapp_business_account_id",
                "whatsapp_app_secret",
                "whatsapp_verify_token",
            )
            missing = [f"{PREFIX}{name.upper()}" for name in needed if getattr(self, name) is None]
            if missing:
                problems.append(f"LINDUNG_WHATSAPP_TOKEN needs {', '.join(missing)} as well: see docs/whatsapp.md.")
        return problems

    def _demo_problems(self) -> list[str]:
        """The demo's doors stand open to whoever reaches them, so nothing of a real office may be near."""
        if not self.is_demo:
            return []
        problems = []
        if self.telegram_token is not None:
            problems.append("LINDUNG_WEBCHAT=demo does not go with LINDUNG_TELEGRAM_TOKEN: take one away.")
        if self.whatsapp_token is not None:
            problems.append("LINDUNG_WEBCHAT=demo does not go with LINDUNG_WHATSAPP_TOKEN: take one away.")
        if self.telegram_webhook_url is not None:
            problems.append("LINDUNG_TELEGRAM_WEBHOOK_URL needs LINDUNG_TELEGRAM_TOKEN: the demo takes no webhook.")
        if not is_loopback(self.http_host):
            problems.append("LINDUNG_HTTP_HOST must be 127.0.0.1 in the demo, whose page is for this machine only.")
        return problems


def _seconds(minutes: float) -> int:
    return max(1, round(minutes * 60))
