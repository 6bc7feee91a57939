"""WhatsApp on bad days: what is tried again, what is not, and that neither token nor content ever gets out."""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import AsyncIterator

import pytest

from channels.base import (
    Barred,
    FetchFailed,
    NeedsTemplate,
    Permanent,
    Restricted,
    SendFailed,
    Stopped,
    Temporary,
    Unclear,
)
from channels.whatsapp import WhatsApp
from channels.whatsapp_errors import failure, fetch_failure, told
from channels.whatsapp_request import GraphRefused
from conversation.messages import Attachment, Deletion, Incoming, Message, Told
from tests.servers import whatsapp_methods
from tests.servers.whatsapp import APP_SECRET, TOKEN, VERIFY_TOKEN, Person, WhatsAppServer
from tests.servers.whatsapp_people import grey_photo
from tests.whatsapp_account import channel_to, heard


@pytest.fixture
async def server() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer(statuses=False) as server:
        yield server


@pytest.fixture
async def whatsapp(server: WhatsAppServer) -> AsyncIterator[WhatsApp]:
    whatsapp = channel_to(server.base, answer_seconds=0.5)
    await whatsapp.start()
    yield whatsapp
    await whatsapp.close()


@pytest.fixture
async def sari(server: WhatsAppServer) -> Person:
    sari = server.person("Sari", phone="+6281234500001")
    await sari.says("halo")
    return sari


# Sending


@pytest.mark.parametrize(
    ("fault", "code", "sort"),
    [
        (500, "server_trouble", Unclear),
        (502, "server_trouble", Unclear),
        (503, "server_trouble", Unclear),
        ("late", "http_504", Unclear),
        ("reset", "unreachable", Unclear),
        ("lost", "unreachable", Unclear),
        ("hang", "timeout", Unclear),
        ("garbage", "garbled_answer", Unclear),
        (131000, "server_trouble", Unclear),
        (131016, "server_trouble", Unclear),
        (130429, "too_many_messages", Temporary),
        (131056, "too_many_to_one", Temporary),
        (80007, "too_many_calls", Temporary),
        (4, "too_many_calls", Temporary),
        (429, "too_many_messages", Temporary),
        (190, "token_refused", Barred),
        (10, "not_permitted", Barred),
        (200, "not_permitted", Barred),
        (131005, "not_permitted", Barred),
        (131031, "account_locked", Barred),
        (368, "account_blocked", Barred),
        (131042, "account_unpaid", Barred),
        (131048, "spam_limit", Restricted),
        (131026, "undeliverable", Stopped),
        (131030, "not_on_the_test_list", Stopped),
        (131047, "window_shut", NeedsTemplate),
        (132001, "template_missing", NeedsTemplate),
        (132015, "template_paused", NeedsTemplate),
        (131009, "invalid_parameter", Permanent),
        (131051, "kind_not_supported", Permanent),
        (139999, "refused", Permanent),
    ],
)
async def test_what_may_pass_is_told_from_what_may_be_out_already_and_what_is_final(
    server: WhatsAppServer, whatsapp: WhatsApp, sari: Person, fault: str | int, code: str, sort: type[SendFailed]
) -> None:
    server.fault("messages", fault, status=400 if fault == 200 else 0)
    with pytest.raises(SendFailed) as failed:
        await whatsapp.send(sari.wa_id, Message("halo"))
    assert (type(failed.value), failed.value.code) == (sort, code)
    await whatsapp.send(sari.wa_id, Message("halo lagi"))
    await sari.hears("halo lagi")
    came = sum(message.text == "halo" for message in sari.sees())
    assert came == (1 if fault in ("late", "lost") else 0)


@pytest.mark.parametrize(
    ("code", "alone", "wait"), [(130429, False, 2.0), (131056, True, 6.0), (190, False, 60.0), (131016, None, None)]
)
def test_who_has_to_wait_and_how_long(code: int, alone: bool | None, wait: float | None) -> None:
    failed = failure(GraphRefused(400, code))
    assert isinstance(failed, Temporary)
    assert (failed.alone, failed.retry_after) == (alone, wait)


def test_meta_may_say_how_long() -> None:
    failed = failure(GraphRefused(429, 130429, retry_after=17.0))
    assert isinstance(failed, Temporary)
    assert failed.retry_after == 17.0


@pytest.mark.parametrize(
    ("code", "what", "word"),
    [
        (131026, Told.GONE, "undeliverable"),
        (131047, Told.SHUT, "window_shut"),
        *((code, Told.LATER, "server_trouble") for code in (1, 2, 131000, 131016, 133004, 500)),
        (4, Told.LATER, "too_many_calls"),
        (80007, Told.LATER, "too_many_calls"),
        (130429, Told.LATER, "too_many_messages"),
        (131056, Told.LATER, "too_many_to_one"),
        (131049, Told.FAILED, "marketing_limit"),
        (131048, Told.RESTRICTED, "spam_limit"),
        (131050, Told.FAILED, "marketing_stopped"),
        (132015, Told.LACKING, "template_paused"),
        (368, Told.LATER, "account_blocked"),
        (131042, Told.LATER, "account_unpaid"),
        (190, Told.LATER, "token_refused"),
        (131053, Told.FAILED, "file_refused"),
        (0, Told.FAILED, "refused"),
    ],
)
def test_what_a_failed_status_means(code: int, what: Told, word: str) -> None:
    assert told(code) == (what, word)


async def test_a_proxy_on_the_way_that_lets_nothing_through_loses_nothing() -> None:
    failed = failure(GraphRefused(403))
    assert (type(failed), failed.code) == (Temporary, "http_403")
    assert type(failure(GraphRefused(302))) is Temporary


async def test_a_page_that_is_not_metas_loses_no_file() -> None:
    assert not fetch_failure(GraphRefused(404)).final
    assert fetch_failure(GraphRefused(404, 100)).final
    assert fetch_failure(GraphRefused(400, 100, 33)).final


# Starting


async def test_the_start_can_be_repeated_until_meta_answers(server: WhatsAppServer) -> None:
    whatsapp = channel_to(server.base)
    for fault in (502, "reset", "garbage"):
        # A call that only reads is made twice where a kept connection breaks.
        server.fault("phone_number", fault, times=None)
        with pytest.raises(Temporary):
            await whatsapp.start()
        server.clear_faults()
    await whatsapp.start()
    assert whatsapp.link()
    await whatsapp.close()


async def test_nobody_listens_at_the_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        whatsapp = channel_to(f"http://127.0.0.1:{free.getsockname()[1]}")
    for attempt in (whatsapp.start, lambda: whatsapp.send("6281234500001", Message("halo"))):
        with pytest.raises(Temporary, match="unreachable") as failed:
            await attempt()
        assert not isinstance(failed.value, Unclear)
    await whatsapp.close()
    with pytest.raises(Temporary, match="closed"):
        await whatsapp.send("6281234500001", Message("halo"))


async def test_whoever_never_got_a_connection_has_sent_nothing() -> None:
    with socket.socket() as full:
        # Nobody accepts here, and after the first the kernel lets nobody wait.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        whatsapp = channel_to(f"http://127.0.0.1:{full.getsockname()[1]}", answer_seconds=0.3)
        for attempt in (whatsapp.start, lambda: whatsapp.send("6281234500001", Message("halo"))):
            with pytest.raises(Temporary) as failed:
                await attempt()
            assert (type(failed.value), failed.value.code) == (Temporary, "timeout")
        await whatsapp.close()
        for each in waiting:
            each.close()


async def test_a_wrong_token_loses_nothing_and_the_log_says_what_to_mend(
    server: WhatsAppServer, sari: Person, caplog: pytest.LogCaptureFixture
) -> None:
    whatsapp = channel_to(server.base, token="token-salah")
    for attempt in (whatsapp.start(), whatsapp.send(sari.wa_id, Message("halo"))):
        with pytest.raises(Temporary, match="token_refused"):
            await attempt
    await whatsapp.close()
    assert "LINDUNG_WHATSAPP_TOKEN" in caplog.text
    assert "token-salah" not in caplog.text


@pytest.mark.parametrize(
    "about", [{"phone_number_id": "999000999000999"}, {"business_account_id": "9", "callback_url": "https://x.id/w"}]
)
async def test_a_wrong_number_or_account_loses_nothing_and_the_log_says_what_to_mend(
    server: WhatsAppServer, sari: Person, caplog: pytest.LogCaptureFixture, about: dict[str, str]
) -> None:
    whatsapp = channel_to(server.base, **about)

    async def begins() -> None:
        await whatsapp.start()
        await whatsapp.ask_for_calls()

    with pytest.raises(Temporary, match="number_unknown"):
        await begins()
    if "phone_number_id" in about:
        with pytest.raises(Temporary, match="number_unknown"):
            await whatsapp.send(sari.wa_id, Message("halo"))
    await whatsapp.close()
    assert "LINDUNG_WHATSAPP_PHONE_NUMBER_ID" in caplog.text
    assert "LINDUNG_WHATSAPP_BUSINESS_ACCOUNT_ID" in caplog.text


async def test_a_mark_as_read_that_fails_is_missed_by_nobody(
    server: WhatsAppServer, whatsapp: WhatsApp, sari: Person
) -> None:
    (own,) = sari.wrote()
    for fault in (500, 131009, "reset", "garbage"):
        server.fault("read", fault)
        await whatsapp.mark_read(sari.wa_id, own.id)
        await whatsapp.show_typing(sari.wa_id, "wamid.tidak-ada")


# What never gets out


async def test_neither_token_nor_content_gets_into_errors_or_logs(
    server: WhatsAppServer, sari: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    content, problems = "NIK-8171015503859901", []
    whatsapp = channel_to(server.base, answer_seconds=0.3)
    await whatsapp.start()
    for fault in (400, 401, 403, 131009, 131056, 500, "reset", "hang", "garbage"):
        server.fault("*", fault, description=f"Parameter {content} is broken", times=None, seconds=0.5)
        photo = Message(content, photo="ktp-1")
        for attempt in (
            whatsapp.send(sari.wa_id, Message(content)),
            whatsapp.send(sari.wa_id, photo, file=grey_photo()),
            whatsapp.send(sari.wa_id, Deletion(file="700000001000003")),
            whatsapp.fetch(Attachment("photo", "700000001000003"), limit=10),
            whatsapp.survey(),
        ):
            with pytest.raises((SendFailed, FetchFailed)) as failed:
                await attempt
            problems += traceback.format_exception(failed.value)
            problems.append(repr(failed.value) + repr(failed.value.__cause__) + repr(failed.value.__context__))
        server.clear_faults()
    await whatsapp.close()
    everything = "".join(problems) + caplog.text
    assert "garbled_answer" in everything
    for secret in (TOKEN, APP_SECRET, VERIFY_TOKEN, content, sari.wa_id):
        assert secret not in everything


async def test_the_token_goes_in_a_header_and_never_in_an_address(
    server: WhatsAppServer, whatsapp: WhatsApp, sari: Person
) -> None:
    for number in range(30):
        server.add_template(f"lindung_lain_{number}", "Ada kabar.")
    async with heard(server, whatsapp) as found:
        await sari.sends_photo()
    photo = next(each.attachment for each in found if isinstance(each, Incoming) and each.attachment)
    await whatsapp.fetch(photo, limit=1_000_000)
    await whatsapp.survey()
    assert server.violations(rule="token_in_address") == []


@pytest.mark.parametrize(
    "address",
    [
        "https://lookaside.fbsbx.com.contoh.id/a",
        "https://fbsbx.com@contoh.id/a",
        "http://lookaside.fbsbx.com/a",
        "https://127.0.0.1:9/a",
        "/whatsapp_business/attachments",
        "",
    ],
)
async def test_the_token_goes_to_nobody_elses_host(
    server: WhatsAppServer, whatsapp: WhatsApp, sari: Person, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {"url": address, "file_size": 3}
    monkeypatch.setattr(whatsapp_methods, "about_media", lambda *_: about)
    media = server.world.keep(b"isi", "image/jpeg", "", uploaded=False)
    with pytest.raises(FetchFailed, match="strange_address"):
        await whatsapp.fetch(Attachment("photo", media.id), limit=100)
