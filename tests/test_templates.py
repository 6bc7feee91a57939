"""Late texts at WhatsApp: submitted once, judged by Meta, watched by the running program, looked at by `check`.

Not for: how one is sent (the channel's tests) or which messages have one (tests/test_late_texts.py).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.finding import Finding
from bot.problems import CannotStart
from bot.selfcheck import self_check
from bot.settings import Settings
from bot.surveys import keep_surveyed
from bot.templates import check_texts, show_texts, states_there, submit_texts
from bot.texts import Voice
from channels.whatsapp import WhatsApp, WhatsAppWords
from channels.whatsapp_templates import template_name
from conversation.late import LATE_TEXTS, LateText, late
from conversation.messages import Message
from domain.officer import Role
from domain.rules import Rules
from storage.store import Tx
from tests.databases import database
from tests.office_desk import OfficeDesk, engine_for
from tests.own_settings import office_settings
from tests.servers.telegram import TelegramServer
from tests.servers.whatsapp import (
    APP_SECRET,
    BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
    TOKEN,
    VERIFY_TOKEN,
    WhatsAppServer,
)
from tests.test_commands import lindung, refused, said, troubles

PUBLIC = "https://lindung.example.go.id"


@pytest.fixture
async def meta() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer(review="PENDING") as server:
        yield server
        assert server.violations("error") == []


def office_on(meta: WhatsAppServer, folder: Path, **more: Any) -> Settings:
    """A real office with WhatsApp and nothing else."""
    about = {
        "telegram_token": None,
        "whatsapp_token": TOKEN,
        "whatsapp_phone_number_id": PHONE_NUMBER_ID,
        "whatsapp_business_account_id": BUSINESS_ACCOUNT_ID,
        "whatsapp_app_secret": APP_SECRET,
        "whatsapp_verify_token": VERIFY_TOKEN,
        "whatsapp_api_url": meta.base,
        "public_url": PUBLIC,
    }
    return office_settings(folder, **{**about, **more})


@pytest.fixture
def settings(meta: WhatsAppServer, tmp_path: Path) -> Settings:
    return office_on(meta, tmp_path)


async def submitted(settings: Settings) -> str:
    return "\n".join([str(finding) async for finding in submit_texts(settings)])


def written(meta: WhatsAppServer) -> int:
    """How many templates were made or changed."""
    return len([each for each in meta.calls() if each.params.get("components")])


# The command


async def test_all_are_submitted_once_and_taken(meta: WhatsAppServer, settings: Settings) -> None:
    told = await submitted(settings)
    assert told.count("was submitted and is being reviewed") == len(LATE_TEXTS)
    assert set((await states_there(settings)).values()) == {"pending"}
    assert written(meta) == len(LATE_TEXTS)
    again = await submitted(settings)
    assert "was submitted" not in again
    assert written(meta) == len(LATE_TEXTS)
    for text in LATE_TEXTS.values():
        meta.review(template_name(text), "APPROVED")
    assert (await submitted(settings)).count("OK  lindung_") == len(LATE_TEXTS)
    assert set((await states_there(settings)).values()) == {"approved"}


async def test_what_has_other_words_there_is_changed_and_only_that(meta: WhatsAppServer, settings: Settings) -> None:
    await submitted(settings)
    for text in LATE_TEXTS.values():
        meta.review(template_name(text), "APPROVED")
    old = next(each for each in meta.templates if each.name == "lindung_office_news")
    old.components = [{"type": "BODY", "text": "Ada kabar lama untuk petugas. Balas *LIHAT*."}]
    assert (await states_there(settings))["office_news"] == "changed"
    told = await submitted(settings)
    assert "lindung_office_news was changed there and is being reviewed" in told
    assert written(meta) == len(LATE_TEXTS) + 1


async def test_a_rejected_one_waits_for_other_words(meta: WhatsAppServer, settings: Settings) -> None:
    await submitted(settings)
    meta.review("lindung_office_news", "REJECTED", reason="INVALID_FORMAT")
    told = await submitted(settings)
    assert "!!  lindung_office_news was rejected: WhatsApp Manager names the reason." in told
    assert written(meta) == len(LATE_TEXTS)


async def test_what_meta_refuses_now_is_told_and_the_others_are_submitted(
    meta: WhatsAppServer, settings: Settings
) -> None:
    meta.fault("message_templates", 100, skip=2)
    told = await submitted(settings)
    assert told.count("!!  ") == 1
    assert "was not submitted: Meta refuses (invalid_parameter)." in told
    assert told.count("was submitted and is being reviewed") == len(LATE_TEXTS) - 1


async def test_a_token_that_meta_refuses_is_one_sentence_without_it(meta: WhatsAppServer, settings: Settings) -> None:
    meta.fault("message_templates", 190)
    with pytest.raises(CannotStart, match=r"^Meta refuses the token: see docs/whatsapp\.md\.$"):
        await submitted(settings)


async def test_each_is_shown_with_its_places_examples_answers_and_state(settings: Settings) -> None:
    shown = "\n".join(show_texts(settings, {"queue_waits": "paused"}))
    assert "lindung_decision_approved (utility)\n  ✅ Kabar baik, {{1}}." in shown
    assert "  {{1}} name: Ibu Sarni\n" in shown
    assert "lindung_queue_waits (utility): paused\n" in shown
    assert "  (Ambil berikutnya)\n" in shown
    assert shown.count("It only knocks") == sum(not text.whole for text in LATE_TEXTS.values())


def test_a_text_that_breaks_a_rule_is_told_in_a_sentence(tmp_path: Path) -> None:
    broken = {
        "edge": LateText("edge", "{name} has news for all of us today", {"name": "Sari"}),
        "few": LateText("few", "News {a} and {b} end", {"a": "1", "b": "2"}),
        "side": LateText("side", "There is always news of {a} {b} for all of us here today", {"a": "1", "b": "2"}),
        "bare": LateText("bare", "There is always news of {a} for us", {}),
        "long": LateText("long", "News " * 300),
        "label": LateText("label", "There is news", choices=("A ready answer that is far too long for it",)),
        "twice": LateText("twice", "There is news", choices=("Yes", "Yes")),
    }
    told = [str(finding) for finding in check_texts(office_settings(tmp_path), broken)]
    assert all(re.fullmatch(r"!!  lindung_\w+: [a-z0-9 ,&_-]+\.", each) for each in told)
    assert "!!  lindung_edge: it begins or ends with a value." in told
    assert "!!  lindung_few: it has too few words for its values." in told
    assert "!!  lindung_side: two values stand side by side." in told
    assert "!!  lindung_bare: a value has no example." in told
    assert "!!  lindung_long: it has more than 1,024 letters." in told
    assert "!!  lindung_label: a ready answer is empty or has more than 25 letters." in told
    assert "!!  lindung_twice: two ready answers are the same." in told


def test_without_whatsapp_they_are_printed_and_checked_and_nothing_is_submitted(tmp_path: Path) -> None:
    assert "lindung_decision_approved (utility)\n" in said(lindung(tmp_path, "templates"))
    checked = said(lindung(tmp_path, "templates", "--check"))
    assert checked == f"OK  All {len(LATE_TEXTS)} late texts keep WhatsApp's rules.\n"
    assert "set LINDUNG_WHATSAPP_TOKEN" in refused(lindung(tmp_path, "templates", "--submit"))


# The running program


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database("sqlite", tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk
        await desk.store.close()


@asynccontextmanager
async def surveyed(desk: OfficeDesk, meta: WhatsAppServer) -> AsyncIterator[None]:
    """WhatsApp, and the loop that asks it."""
    channel = WhatsApp(
        token=TOKEN,
        phone_number_id=PHONE_NUMBER_ID,
        business_account_id=BUSINESS_ACCOUNT_ID,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        api_url=meta.base,
        words=WhatsAppWords(pick="Pilih", say=Voice("Asia/Jayapura")),
        answer_seconds=5,
    )
    await channel.start()
    loop = asyncio.create_task(keep_surveyed(channel, "whatsapp", desk.store, desk.office, often=0.05, soon=0.02))
    try:
        yield
    finally:
        loop.cancel()
        with suppress(asyncio.CancelledError):
            await loop
        await channel.close()


async def states(desk: OfficeDesk) -> dict[str, str]:
    return await desk.store.read(lambda tx: tx.late_texts.states("whatsapp"))


async def until(meta: WhatsAppServer, desk: OfficeDesk, name: str, state: str) -> None:
    async with asyncio.timeout(10):
        while (await states(desk)).get(name) != state:
            await meta.world.bell.heard(0.05)


async def told_to_admins(desk: OfficeDesk) -> list[Message]:
    def unit(tx: Tx) -> list[Message]:
        rows = tx.outbox.due("test", limit=50)
        tx.outbox.sent([(row.id, None) for row in rows])
        return [row.out for row in rows if isinstance(row.out, Message)]

    return await desk.store.transact(unit)


async def test_the_states_and_the_daily_limit_are_known_and_kept_up_to_date(
    desk: OfficeDesk, meta: WhatsAppServer, settings: Settings
) -> None:
    async with surveyed(desk, meta):
        await until(meta, desk, "office_news", "missing")
        await submitted(settings)
        await until(meta, desk, "office_news", "pending")
        meta.review("lindung_office_news", "APPROVED")
        meta.phone_number["whatsapp_business_manager_messaging_limit"] = "TIER_10K"
        await until(meta, desk, "office_news", "approved")
        async with asyncio.timeout(10):
            while await desk.store.read(lambda tx: tx.daily("whatsapp")) != 10_000:
                await meta.world.bell.heard(0.05)
    assert await desk.store.read(lambda tx: tx.late_texts.usable("whatsapp", "office_news"))
    assert not await desk.store.read(lambda tx: tx.late_texts.usable("whatsapp", "queue_waits"))


async def test_admins_hear_once_that_a_text_is_no_longer_let_in(
    desk: OfficeDesk, meta: WhatsAppServer, settings: Settings
) -> None:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    await submitted(settings)
    for text in LATE_TEXTS.values():
        meta.review(template_name(text), "APPROVED")
    async with surveyed(desk, meta):
        await until(meta, desk, "decision_rejected", "approved")
        assert await told_to_admins(desk) == []
        meta.review("lindung_decision_rejected", "PAUSED")
        await until(meta, desk, "decision_rejected", "paused")
        meta.review("lindung_office_news", "APPROVED")
        await asyncio.sleep(0.3)
        (told,) = await told_to_admins(desk)
        assert "- ditahan: Mohon maaf, …. Nomor … belum bisa diterima." in told.text
        assert told.late == late("office_news")
        meta.review("lindung_decision_rejected", "DISABLED")
        await until(meta, desk, "decision_rejected", "disabled")
        assert "- dimatikan: " in (await told_to_admins(desk))[0].text
        meta.review("lindung_decision_rejected", "APPROVED")
        await until(meta, desk, "decision_rejected", "approved")
        meta.review("lindung_decision_rejected", "REJECTED")
        await until(meta, desk, "decision_rejected", "rejected")
        assert "- ditolak: " in (await told_to_admins(desk))[0].text


async def test_a_failure_is_logged_without_content_and_what_was_known_stays(
    desk: OfficeDesk, meta: WhatsAppServer, settings: Settings
) -> None:
    await submitted(settings)
    with capture_logs() as logs:
        async with surveyed(desk, meta):
            await until(meta, desk, "office_news", "pending")
            broken = meta.fault("message_templates", "garbage", times=1)
            await asyncio.wait_for(broken.met.wait(), 10)
            meta.review("lindung_office_news", "APPROVED")
            await until(meta, desk, "office_news", "approved")
    failed = [each for each in logs if each["event"] == "survey_failed"]
    assert [each["code"] for each in failed] == ["garbled_answer"]
    assert TOKEN not in str(logs)


# The go-live check


async def findings(settings: Settings) -> list[Finding]:
    return [finding async for finding in self_check(settings)]


def ready(meta: WhatsAppServer) -> None:
    """Everything approved, and notices brought to our address."""
    for text in LATE_TEXTS.values():
        meta.review(template_name(text), "APPROVED")
    meta.phone_number["webhook_configuration"] = {"whatsapp_business_account": f"{PUBLIC}/whatsapp"}


async def test_an_office_with_whatsapp_alone_that_is_ready_hears_no_trouble(
    meta: WhatsAppServer, settings: Settings
) -> None:
    await submitted(settings)
    meta.webhook(f"{PUBLIC}/whatsapp")
    meta.webhooks.hold()
    ready(meta)
    told = await findings(settings)
    assert troubles([each for each in told if "key" not in each.sentence]) == ""
    sentences = "\n".join(each.sentence for each in told)
    assert "Meta knows the token: WhatsApp number +62 811 3450 000, Lindung." in sentences
    assert "The clock agrees with Meta's." in sentences
    assert "Within a day we may write first to 1,000 people." in sentences
    assert f"All {len(LATE_TEXTS)} late texts are approved." in sentences
    assert "Telegram" not in sentences


async def test_the_check_says_of_each_late_text_what_is_wrong_and_what_to_do(
    meta: WhatsAppServer, settings: Settings
) -> None:
    told = troubles(await findings(settings))
    assert f"Late texts {', '.join(LATE_TEXTS)} are not there yet: run `python -m bot templates --submit`." in told
    assert "Meta tells nobody what people write: start the program" in told
    await submitted(settings)
    ready(meta)
    meta.review("lindung_office_news", "REJECTED")
    meta.review("lindung_draft_erased", "PAUSED")
    meta.review("lindung_queue_and_questions", "DISABLED")
    meta.review("lindung_queue_waits", "PENDING")
    old = next(each for each in meta.templates if each.name == "lindung_office_answered")
    old.components = [{"type": "BODY", "text": "Jawaban lama."}]
    told = troubles(await findings(settings))
    assert "Late texts office_news were rejected: " in told
    assert "Late texts draft_erased are paused" in told
    assert "Late texts queue_and_questions are switched off for good" in told
    assert "Late texts queue_waits are being reviewed" in told
    assert "Late texts office_answered have other words there: run `python -m bot templates --submit`." in told


async def test_the_check_sees_a_number_in_trouble_and_notices_that_go_elsewhere(
    meta: WhatsAppServer, tmp_path: Path
) -> None:
    meta.phone_number.update({"status": "RESTRICTED", "quality_rating": "RED", "name_status": "DECLINED"})
    meta.webhook("https://elsewhere.example/whatsapp")
    meta.phone_number["webhook_configuration"] = {"phone_number": "https://elsewhere.example/whatsapp"}
    told = troubles(await findings(office_on(meta, tmp_path, public_url="http://127.0.0.1:8080")))
    assert "The WhatsApp number is restricted" in told
    assert "Meta rates the number red" in told
    assert "beside the number is declined" in told
    assert "Meta brings what people write to another address" in told
    assert "officers' phones need an https address" in told


async def test_both_networks_are_looked_at(meta: WhatsAppServer, tmp_path: Path) -> None:
    async with TelegramServer() as telegram:
        both = office_on(meta, tmp_path, telegram_token=telegram.token, telegram_api_url=telegram.base)
        told = "\n".join(map(str, await findings(both)))
    assert "OK  Telegram knows the token" in told
    assert "OK  Meta knows the token" in told
    assert "The clock agrees with Telegram's." in told


async def test_a_meta_that_refuses_or_is_not_there_is_told_without_the_token(
    meta: WhatsAppServer, tmp_path: Path
) -> None:
    meta.fault("phone_number", 190)
    told = troubles(await findings(office_on(meta, tmp_path)))
    assert "Meta refuses the token: look at LINDUNG_WHATSAPP_TOKEN" in told
    gone = office_on(meta, tmp_path, whatsapp_api_url="http://127.0.0.1:9")
    told = troubles(await findings(gone))
    assert "Meta cannot be reached" in told
    assert TOKEN not in told
