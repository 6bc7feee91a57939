"""Kinds of settings: what a token, an area code or an address must look like, each with its own complaint.

A complaint continues the name of the setting ("LINDUNG_AREA ...") and never repeats the value. Not for: how
settings fit together (bot/settings.py).
"""

from __future__ import annotations

import re
from datetime import date, time
from ipaddress import ip_address
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from storage.areas import areas
from storage.engine import sqlite_path

_TOKEN: Final = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")
_LETTERS: Final = re.compile(r"[A-Z]{2,5}")
_WEEK: Final = 7 * 24 * 60
_PRICES: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\s+case=([0-9]+(?:\.[0-9]+)?)\s+news=([0-9]+(?:\.[0-9]+)?)")


def is_loopback(host: str) -> bool:
    """Whether an address or name can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _area(code: str) -> str:
    digits = re.sub(r"[^0-9]", "", code)
    dotted = f"{digits[:2]}.{digits[2:]}"
    if not any(dotted == known for known, _ in areas()):
        raise ValueError("is not the code of a city or regency; Kota Ambon, for example, is 81.71")
    return dotted


def _letters(letters: str) -> str:
    if not _LETTERS.fullmatch(letters.upper()):
        raise ValueError("must be two to five letters A-Z, such as AMB")
    return letters.upper()


def _token(token: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("is not a bot token: copy it whole from @BotFather, digits, colon and letters")
    return token


def _secret(secret: SecretStr) -> SecretStr:
    if not _SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("must be 16 to 256 of the signs A-Z a-z 0-9 _ -")
    return secret


def _api_address(url: str) -> str:
    if not _web_address(url):
        raise ValueError("must be an http or https address, such as https://api.telegram.org")
    return url.rstrip("/")


def _webhook_address(url: str) -> str:
    if not _web_address(url):
        raise ValueError("must be an https address, such as https://bot.example.go.id/telegram")
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("must begin with https; http is allowed only for this machine itself")
    return url


def _public_address(url: str) -> str:
    parts = urlsplit(_webhook_address(url))
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be an address without anything behind it, such as https://lindung.example.go.id")
    return url.rstrip("/")


def _number(number: str) -> str:
    if not re.fullmatch(r"[0-9]{5,20}", number):
        raise ValueError("must be a number of digits only, as the WhatsApp page of the Meta app shows it")
    return number


def _api_version(version: str) -> str:
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]", version):
        raise ValueError("must look like v23.0")
    return version


def _prices(given: Any) -> Any:
    """Price of one message to a person we write to first, by sort, with the day from which the prices hold."""
    if not isinstance(given, str):
        return given
    found = _PRICES.fullmatch(given.strip())
    if found is None:
        raise ValueError("must look like 2026-10-01 case=357 news=587: a day, then rupiah a message")
    day, case, news = found.groups()
    try:
        return date.fromisoformat(day), float(case), float(news)
    except ValueError:
        raise ValueError("must begin with a day, such as 2026-10-01") from None


def _web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _database_address(url: str) -> str:
    if url.startswith(("postgresql://", "postgres://")):
        return url
    try:
        known = sqlite_path(url) is not None
    except ValueError:
        known = False
    if not known:
        raise ValueError("must look like sqlite:///var/lindung.db or postgresql://name@host/database")
    return url


def _split_days(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    parts = [part.strip() for part in given.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError("must be whole numbers of days with commas between them, such as 1,7")
    return tuple(int(part) for part in parts)


def _growing_days(days: tuple[int, ...]) -> tuple[int, ...]:
    if any(day < 1 for day in days) or list(days) != sorted(set(days)):
        raise ValueError("must be days from 1 on, each later than the one before, such as 1,7")
    return days


_SPAN = re.compile(r"(?:([A-Za-z]+)\s+)?([0-9]{1,2})[:.]([0-9]{2})\s*-\s*([0-9]{1,2})[:.]([0-9]{2})")
DAYS: Final = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")


def _span(text: str, complaint: str) -> tuple[str, time, time]:
    """A day, where one is named, and two times. Raises ValueError with the complaint."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(complaint)
    day, *numbers = found.groups()
    first, second, third, fourth = (int(number) for number in numbers)
    try:
        return (day or "").lower(), time(first, second), time(third, fourth)
    except ValueError:
        raise ValueError(complaint) from None


def _quiet_hours(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    if given.strip().lower() == "off":
        return None
    day, begins, ends = _span(given, "must look like 20:00-07:00, or be off")
    if day or begins == ends:
        raise ValueError("must look like 20:00-07:00, or be off")
    return begins, ends


def _worship_times(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    if given.strip().lower() == "off":
        return ()
    complaint = "must look like Jumat 11:30-13:30, Minggu 07:00-12:00, or be off"
    windows = []
    for part in given.split(","):
        day, begins, ends = _span(part, complaint)
        if day not in DAYS or begins >= ends:
            raise ValueError(complaint)
        windows.append((DAYS.index(day), begins, ends))
    return tuple(windows)


AreaCode = Annotated[str, AfterValidator(_area)]
ReceiptLetters = Annotated[str, AfterValidator(_letters)]
Words = Annotated[str, Field(min_length=3, max_length=200)]
BotToken = Annotated[SecretStr, AfterValidator(_token)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_secret)]
ApiAddress = Annotated[str, AfterValidator(_api_address)]
PublicAddress = Annotated[str, AfterValidator(_public_address)]
MetaNumber = Annotated[str, AfterValidator(_number)]
ApiVersion = Annotated[str, AfterValidator(_api_version)]
Prices = Annotated[tuple[date, float, float], NoDecode, BeforeValidator(_prices)]
LongSecret = Annotated[SecretStr, Field(min_length=8, max_length=1024)]
WebhookAddress = Annotated[str, AfterValidator(_webhook_address)]
DatabaseAddress = Annotated[str, AfterValidator(_database_address)]
Days = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_split_days), AfterValidator(_growing_days)]
QuietHours = Annotated[tuple[time, time] | None, NoDecode, BeforeValidator(_quiet_hours)]
WorshipTimes = Annotated[tuple[tuple[int, time, time], ...], NoDecode, BeforeValidator(_worship_times)]
Whole = Annotated[int, Field(ge=1)]
Minutes = Annotated[float, Field(gt=0, le=_WEEK, allow_inf_nan=False)]
