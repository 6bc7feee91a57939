"""The settings: what they are, what is refused and in which words, and the page that lists them."""

import dataclasses
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from bot.load import load_settings
from bot.networks import webhooks_of
from bot.problems import CannotStart
from bot.settings import WHATSAPP_PATH, Settings
from bot.settings_page import page
from domain.quiet import QuietTimes
from domain.rules import Rules
from handlers.peek import PATH

OFFICE = {
    "LINDUNG_TELEGRAM_TOKEN": "100001:TEST-TOKEN",
    "LINDUNG_AREA": "81.71",
    "LINDUNG_OFFICE_NAME": "Disnaker Ambon",
    "LINDUNG_RECEIPT_LETTERS": "AMB",
    "LINDUNG_OFFICE_ADDRESS": "Jalan Contoh 1",
    "LINDUNG_OFFICE_HOURS": "Senin-Jumat",
    "LINDUNG_OFFICE_CONTACT": "0812-3450-0001",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without .env and an environment without a setting."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LINDUNG_{name.upper()}", raising=False)


META = {
    "LINDUNG_WHATSAPP_TOKEN": "token-uji",
    "LINDUNG_WHATSAPP_PHONE_NUMBER_ID": "111000111000111",
    "LINDUNG_WHATSAPP_BUSINESS_ACCOUNT_ID": "222000222000222",
    "LINDUNG_WHATSAPP_APP_SECRET": "rahasia-uji",
    "LINDUNG_WHATSAPP_VERIFY_TOKEN": "kata-uji",
}


def load(monkeypatch: pytest.MonkeyPatch, **given: str) -> Settings:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def refusals(monkeypatch: pytest.MonkeyPatch, **given: str) -> list[str]:
    with pytest.raises(CannotStart) as told:
        load(monkeypatch, **given)
    return str(told.value).splitlines()


def test_nothing_set_is_the_demo_of_kota_ambon_with_data_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert settings.is_demo
    assert settings.area == "81.71"
    assert settings.database_url == "sqlite:///var/demo/lindung.db"
    assert settings.key_file == Path("var/demo/lindung.key")
    assert settings.media_dir == Path("var/demo/media")


def test_a_real_office_has_its_key_outside_the_folder_of_its_data(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **OFFICE)
    assert not settings.is_demo
    assert settings.webchat == "off"
    assert settings.database_url == "sqlite:///var/lindung.db"
    assert settings.key_file == Path("secrets/lindung.key")


def test_a_channel_without_its_office_names_everything_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = refusals(monkeypatch, LINDUNG_TELEGRAM_TOKEN=OFFICE["LINDUNG_TELEGRAM_TOKEN"])
    missing = [line.partition(" ")[0] for line in told if " is missing." in line]
    assert missing == [
        "LINDUNG_AREA",
        "LINDUNG_OFFICE_NAME",
        "LINDUNG_RECEIPT_LETTERS",
        "LINDUNG_OFFICE_ADDRESS",
        "LINDUNG_OFFICE_HOURS",
        "LINDUNG_OFFICE_CONTACT",
    ]


def test_what_is_in_env_file_counts_and_the_environment_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("LINDUNG_HTTP_PORT=9001\nLINDUNG_MIN_AGE=17\nOTHER=1\n")
    settings = load(monkeypatch, LINDUNG_HTTP_PORT="9002")
    assert (settings.http_port, settings.min_age) == (9002, 17)


def test_an_empty_value_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, LINDUNG_TELEGRAM_TOKEN="", LINDUNG_AREA="").is_demo


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"LINDUNG_HTTP_PORT": "eighty"}, "LINDUNG_HTTP_PORT must be a whole number."),
        ({"LINDUNG_HTTP_PORT": "70000"}, "LINDUNG_HTTP_PORT must be at most 65535."),
        ({"LINDUNG_LEASE_MINUTES": "0"}, "LINDUNG_LEASE_MINUTES must be more than 0."),
        ({"LINDUNG_LEASE_MINUTES": "nan"}, "LINDUNG_LEASE_MINUTES must be a number."),
        ({"LINDUNG_UNDO_SECONDS": "-1"}, "LINDUNG_UNDO_SECONDS must be at least 0."),
        ({"LINDUNG_REMINDER_DAYS": "1;7"}, "LINDUNG_REMINDER_DAYS must be whole numbers of days"),
        ({"LINDUNG_REMINDER_DAYS": "7,1"}, "LINDUNG_REMINDER_DAYS must be days from 1 on"),
        ({"LINDUNG_WEBCHAT": "yes"}, "LINDUNG_WEBCHAT must be 'demo' or 'off'."),
        ({"LINDUNG_AREA": "99.99"}, "LINDUNG_AREA is not the code of a city or regency"),
        ({"LINDUNG_RECEIPT_LETTERS": "A1"}, "LINDUNG_RECEIPT_LETTERS must be two to five letters"),
        ({"LINDUNG_OFFICE_NAME": "x"}, "LINDUNG_OFFICE_NAME must have at least 3 letters."),
        ({"LINDUNG_DATABASE_URL": "mysql://x"}, "LINDUNG_DATABASE_URL must look like sqlite:///"),
        ({"LINDUNG_DATABASE_URL": "sqlite://"}, "LINDUNG_DATABASE_URL must look like sqlite:///"),
        ({"LINDUNG_TELEGRAM_API_URL": "ftp://x"}, "LINDUNG_TELEGRAM_API_URL must be an http or https address"),
        ({"LINDUNG_TELEGRAM_API_URL": "http://[x"}, "LINDUNG_TELEGRAM_API_URL must be an http or https address"),
        ({"LINDUNG_LOG_LEVEL": "loud"}, "LINDUNG_LOG_LEVEL must be 'debug', 'info', 'warning' or 'error'."),
        ({"LINDUNG_MIN_AGE": "65"}, "LINDUNG_MIN_AGE must be less than LINDUNG_MAX_AGE_EXCLUSIVE."),
        ({"LINDUNG_COLOUR": "blue"}, "LINDUNG_COLOUR is no setting; see docs/settings.md."),
        ({"LINDUNG_HTTP_PROT": "8081"}, "LINDUNG_HTTP_PROT is no setting: did you mean LINDUNG_HTTP_PORT?"),
        ({"LINDUNG_WEBCHAT": "off"}, "LINDUNG_AREA is missing."),
    ],
)
def test_a_bad_value_is_one_sentence_with_the_settings_name(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], sentence: str
) -> None:
    told = refusals(monkeypatch, **given)
    assert told[0].startswith(sentence)
    if given != {"LINDUNG_WEBCHAT": "off"}:
        assert len(told) == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"LINDUNG_TELEGRAM_WEBHOOK_URL": "http://bot.example.id/x"}, "must begin with https"),
        ({"LINDUNG_TELEGRAM_WEBHOOK_URL": "https://bot.example.id/x"}, "needs LINDUNG_TELEGRAM_WEBHOOK_SECRET"),
        ({"LINDUNG_TELEGRAM_WEBHOOK_SECRET": "short"}, "LINDUNG_TELEGRAM_WEBHOOK_SECRET must be 16 to 256"),
        ({"LINDUNG_TELEGRAM_TOKEN": "no token"}, "LINDUNG_TELEGRAM_TOKEN is not a bot token"),
        ({"LINDUNG_WEBCHAT": "demo"}, "LINDUNG_WEBCHAT=demo does not go with LINDUNG_TELEGRAM_TOKEN"),
        ({"LINDUNG_WHATSAPP_TOKEN": "token-uji"}, "LINDUNG_WHATSAPP_TOKEN needs LINDUNG_WHATSAPP_PHONE_NUMBER_ID, "),
        (
            {"LINDUNG_WHATSAPP_PHONE_NUMBER_ID": "+62 812"},
            "LINDUNG_WHATSAPP_PHONE_NUMBER_ID must be a number",
        ),
        ({"LINDUNG_WHATSAPP_API_VERSION": "23"}, "LINDUNG_WHATSAPP_API_VERSION must look like v23.0"),
        ({"LINDUNG_WHATSAPP_PRICES": "357"}, "LINDUNG_WHATSAPP_PRICES must look like 2026-10-01 case=357 news=587"),
        ({"LINDUNG_WHATSAPP_PRICES": "2026-13-01 case=1 news=2"}, "LINDUNG_WHATSAPP_PRICES must begin with a day"),
        ({"LINDUNG_PUBLIC_URL": "http://lindung.example.id"}, "LINDUNG_PUBLIC_URL must begin with https"),
        ({"LINDUNG_PUBLIC_URL": "https://lindung.example.id/wa"}, "LINDUNG_PUBLIC_URL must be an address without"),
    ],
)
def test_a_real_office_is_refused_what_would_not_be_safe(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], sentence: str
) -> None:
    told = refusals(monkeypatch, **{**OFFICE, **given})
    assert len(told) == 1
    assert sentence in told[0]


def test_whatsapp_alone_is_an_office_too(monkeypatch: pytest.MonkeyPatch) -> None:
    office = {name: value for name, value in OFFICE.items() if name != "LINDUNG_TELEGRAM_TOKEN"}
    settings = load(monkeypatch, **office, **META, LINDUNG_PUBLIC_URL="https://lindung.example.id/")
    assert not settings.is_demo
    assert settings.public_url == "https://lindung.example.id"
    assert settings.whatsapp_prices == (date(2026, 10, 1), 357.0, 587.0)


@pytest.mark.parametrize(
    ("path", "other"),
    [(WHATSAPP_PATH, "LINDUNG_WHATSAPP_TOKEN"), (PATH, "LINDUNG_PUBLIC_URL"), (f"{PATH}t", "LINDUNG_PUBLIC_URL")],
)
def test_a_webhook_of_telegram_takes_no_other_door(monkeypatch: pytest.MonkeyPatch, path: str, other: str) -> None:
    given = {
        **OFFICE,
        **META,
        "LINDUNG_PUBLIC_URL": "https://lindung.example.id",
        "LINDUNG_TELEGRAM_WEBHOOK_SECRET": "a-secret-of-20-signs",
    }
    [told] = refusals(monkeypatch, **given, LINDUNG_TELEGRAM_WEBHOOK_URL=f"https://lindung.example.id{path}")
    assert told.startswith("LINDUNG_TELEGRAM_WEBHOOK_URL must not ")
    assert other in told
    well = load(monkeypatch, **given, LINDUNG_TELEGRAM_WEBHOOK_URL="https://lindung.example.id/telegram/whatsapp")
    assert len(set(webhooks_of(well).values())) == 2


def test_a_webhook_by_http_is_for_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "a-secret-of-20-signs"
    for host in ("127.0.0.1", "localhost", "[::1]"):
        given = {"LINDUNG_TELEGRAM_WEBHOOK_URL": f"http://{host}:8080/t", "LINDUNG_TELEGRAM_WEBHOOK_SECRET": secret}
        assert load(monkeypatch, **OFFICE, **given).telegram_webhook_url == given["LINDUNG_TELEGRAM_WEBHOOK_URL"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"LINDUNG_HTTP_HOST": "0.0.0.0"}, "LINDUNG_HTTP_HOST"),  # noqa: S104
        ({"LINDUNG_HTTP_HOST": "192.168.1.5"}, "LINDUNG_HTTP_HOST"),
        ({"LINDUNG_TELEGRAM_WEBHOOK_URL": "https://bot.example.id/x"}, "LINDUNG_TELEGRAM_WEBHOOK_URL"),
    ],
)
def test_the_demo_refuses_what_would_open_it_to_others(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], name: str
) -> None:
    told = refusals(monkeypatch, **given)
    assert len(told) == 1
    assert told[0].startswith(name)


def test_no_refusal_and_no_repr_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "aSecretThatNobodyMaySee!"
    told = refusals(
        monkeypatch,
        LINDUNG_TELEGRAM_TOKEN=secret,
        LINDUNG_TELEGRAM_WEBHOOK_SECRET=secret,
        LINDUNG_DATABASE_URL=f"mysql://{secret}",
    )
    assert secret not in "\n".join(told)
    settings = load(
        monkeypatch, **{**OFFICE, "LINDUNG_DATABASE_URL": "postgresql://db/x"}, LINDUNG_TELEGRAM_WEBHOOK_SECRET="a" * 16
    )
    assert "TEST-TOKEN" not in repr(settings)
    assert "a" * 16 not in repr(settings)


def test_a_password_in_the_database_address_is_not_in_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, LINDUNG_DATABASE_URL="postgresql://sari:rahasia@db/x")
    assert "rahasia" not in repr(settings)


def test_area_codes_are_read_with_and_without_their_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, LINDUNG_AREA="8171").area == "81.71"


def test_the_rules_of_the_settings_are_the_rules_of_the_domain_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).rules() == Rules()


@pytest.mark.parametrize("given", ["20:00", "25:00-07:00", "20:00-20:00", "Jumat 20:00-07:00", "malam"])
def test_hours_that_are_none_stop_the_start(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    with pytest.raises(CannotStart, match="LINDUNG_QUIET_HOURS must look like 20:00-07:00"):
        load(monkeypatch, LINDUNG_QUIET_HOURS=given)


@pytest.mark.parametrize("given", ["Friday 11:30-13:30", "Jumat 13:30-11:30", "11:30-13:30", "Jumat"])
def test_times_of_worship_that_are_none_stop_the_start(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    with pytest.raises(CannotStart, match="LINDUNG_WORSHIP_TIMES must look like Jumat"):
        load(monkeypatch, LINDUNG_WORSHIP_TIMES=given)


def test_every_rule_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Rules()
    changed: dict[str, Any] = {
        "min_age": 17, "max_age_exclusive": 60, "lease_minutes": 0.5, "undo_seconds": 0, "notice_gap_minutes": 1,
        "reminder_days": "2,5,9", "resume_minutes": 2, "max_tries": 4, "promise_days": 5, "invite_hours": 1,
        "sensitive_hours": 1, "delivery_hours": 2, "draft_days": 3, "rejected_days": 4, "audit_days": 5,
        "seen_days": 6, "messages_per_minute": 7, "photos_per_hour": 8, "wrong_niks_per_day": 9,
        "searches_per_hour": 11, "approval_above": 12, "first_batch": 13, "failures_in_row": 14,
        "broadcast_rest_hours": 15, "broadcast_days": 16, "page_minutes": 17,
            "quiet_hours": "21.30-06.00", "worship_times": "off",
    }  # fmt: skip
    rules = load(monkeypatch, **{f"LINDUNG_{name.upper()}": str(value) for name, value in changed.items()}).rules()
    same = [f.name for f in dataclasses.fields(Rules) if getattr(rules, f.name) == getattr(usual, f.name)]
    assert same == []
    assert rules.quiet == QuietTimes((time(21, 30), time(6)), ())
    assert (rules.lease, rules.reminder_days, rules.undo_window) == (30, (2, 5, 9), 0)


def test_every_setting_is_described_in_a_sentence() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_the_page_of_settings_is_the_one_make_docs_writes() -> None:
    written = Path(__file__).parent.parent / "docs" / "settings.md"
    assert written.read_text(encoding="utf-8") == page()
