"""Telegram on bad days: what is tried again, what is not, and that the token never gets out."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from channels.base import FetchFailed, Permanent, SendFailed, Stopped, Temporary, Unclear
from channels.telegram import Telegram
from channels.telegram_errors import code_of
from channels.telegram_request import Request, Unreached
from conversation.messages import Attachment, Incoming, Message
from tests.servers.telegram import TOKEN, TelegramServer
from tests.servers.telegram_people import Person, grey_photo


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def telegram(server: TelegramServer) -> AsyncIterator[Telegram]:
    telegram = Telegram(token=TOKEN, api_url=server.base, poll_seconds=0, answer_seconds=0.5)
    await telegram.start()
    yield telegram
    await telegram.close()


@pytest.fixture
async def sari(server: TelegramServer) -> Person:
    sari = server.person("Sari")
    await sari.starts()
    return sari


async def receive(telegram: Telegram) -> list[Incoming]:
    """What waits at Telegram, confirmed."""
    news, offset = await telegram.poll(None)
    await telegram.poll(offset)
    return [incoming for incoming in news if isinstance(incoming, Incoming)]


def closed_port() -> str:
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize(
    ("fault", "code", "sort"),
    [
        ("500", "http_500", Unclear),
        ("502", "http_502", Unclear),
        ("late", "http_504", Unclear),
        ("reset", "unreachable", Unclear),
        ("lost", "unreachable", Unclear),
        ("hang", "timeout", Unclear),
        ("garbage", "garbled_answer", Unclear),
        ("401", "token_refused", Temporary),
        ("404", "token_refused", Temporary),
        ("409", "another_program", Temporary),
        ("429", "too_many_requests", Temporary),
    ],
)
async def test_what_may_pass_is_told_from_what_may_be_out_already(
    server: TelegramServer, telegram: Telegram, sari: Person, fault: str, code: str, sort: type[Temporary]
) -> None:
    server.fault("sendMessage", fault)
    with pytest.raises(Temporary) as failed:
        await telegram.send(str(sari.id), Message("halo"))
    assert (type(failed.value), failed.value.code) == (sort, code)
    server.doors.pace.told.clear()
    await telegram.send(str(sari.id), Message("halo lagi"))
    await sari.hears("halo lagi")
    came = sum(message.text == "halo" for message in sari.sees())
    assert came == (1 if fault in ("late", "lost") else 0)


async def test_whoever_never_got_a_connection_has_sent_nothing(server: TelegramServer, sari: Person) -> None:
    with socket.socket() as full:
        # Nobody accepts here, and after the first the kernel lets nobody wait.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        telegram = Telegram(token=TOKEN, api_url=f"http://127.0.0.1:{full.getsockname()[1]}", answer_seconds=0.3)
        failed = await failure_of(telegram, sari)
        await telegram.close()
        for each in waiting:
            each.close()
    assert (type(failed), failed.code) == (Temporary, "timeout")


async def test_a_kept_connection_that_ends_while_we_write_leaves_it_open_what_became_of_it() -> None:
    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    request = Request()
    await request.initialize()
    async with await asyncio.start_server(answer_once, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert await request.do_request(address, "POST") == (200, b"{}")
        with pytest.raises(Unreached) as failed:
            await request.do_request(address, "POST")
    await request.shutdown()
    assert (failed.value.code, failed.value.left) == ("unreachable", True)


async def failure_of(telegram: Telegram, sari: Person) -> SendFailed:
    with suppress(Temporary):
        await telegram.start()
    with pytest.raises(SendFailed) as failed:
        await telegram.send(str(sari.id), Message("halo"))
    return failed.value


async def test_telegram_says_how_long_to_wait(server: TelegramServer, telegram: Telegram, sari: Person) -> None:
    server.fault("sendMessage", 429, retry_after=7)
    with pytest.raises(Temporary) as failed:
        await telegram.send(str(sari.id), Message("halo"))
    assert (failed.value.code, failed.value.retry_after) == ("too_many_requests", 7)


@pytest.mark.parametrize(
    ("status", "description", "sort", "code"),
    [
        (400, "Bad Request: chat not found", Stopped, "chat_not_found"),
        (400, "Bad Request: user is deactivated", Stopped, "user_is_deactivated"),
        (400, "Bad Request: PEER_ID_INVALID", Stopped, "peer_id_invalid"),
        (403, "Forbidden: bot was kicked from the group chat", Stopped, "bot_was_kicked_from_the_group_chat"),
        (400, "Bad Request: message is too long", Permanent, "message_is_too_long"),
        (413, "Request Entity Too Large", Permanent, "request_entity_too_large"),
    ],
)
async def test_a_refusal_is_final_for_the_message_or_for_the_address(
    server: TelegramServer,
    telegram: Telegram,
    sari: Person,
    status: int,
    description: str,
    sort: type[SendFailed],
    code: str,
) -> None:
    server.fault("sendMessage", status, description=description)
    with pytest.raises(sort) as failed:
        await telegram.send(str(sari.id), Message("halo"))
    assert failed.value.code == code


async def test_a_deactivated_account_is_unreachable(telegram: Telegram, sari: Person) -> None:
    sari.deletes_account()
    with pytest.raises(Stopped):
        await telegram.send(str(sari.id), Message("halo"))


def test_a_code_holds_nothing_of_what_was_sent() -> None:
    assert code_of('Bad Request: can\'t parse entities: Unsupported start tag "sari"') == "cant_parse_entities"
    assert code_of("Bad Request: button URL 'http://sari.id' is invalid") == "button_url_is_invalid"
    assert code_of('Bad Request: button "Sari 8171" of 0812 is invalid') == "button_of_is_invalid"
    assert code_of("") == "refused"
    assert len(code_of("satu dua tiga empat lima enam tujuh delapan sembilan").split("_")) == 7


async def test_the_poll_waits_for_better_days(server: TelegramServer, telegram: Telegram, sari: Person) -> None:
    for fault in ("502", "garbage", "reset", "hang"):
        server.fault("getUpdates", fault)
        with pytest.raises(Temporary):
            await telegram.poll(None)
    server.fault("getUpdates", 429, retry_after=3)
    with pytest.raises(Temporary) as failed:
        await telegram.poll(None)
    assert failed.value.retry_after == 3
    assert [incoming.text for incoming in await receive(telegram)] == ["/start"]


async def test_the_start_can_be_repeated_until_telegram_answers(server: TelegramServer) -> None:
    telegram = Telegram(token=TOKEN, api_url=server.base, poll_seconds=0)
    server.fault("getMe", 502)
    server.fault("getWebhookInfo", "reset")
    for _ in range(2):
        with pytest.raises(Temporary):
            await telegram.start()
    await telegram.start()
    assert telegram.username
    await telegram.close()


async def test_nobody_listens_at_the_address() -> None:
    telegram = Telegram(token=TOKEN, api_url=closed_port())
    for attempt in (telegram.start, lambda: telegram.send("700001", Message("halo"))):
        with pytest.raises(Temporary, match="unreachable") as failed:
            await attempt()
        assert not isinstance(failed.value, Unclear)
    await telegram.close()
    with pytest.raises(Temporary, match="closed"):
        await telegram.send("700001", Message("halo"))


async def test_a_wrong_token_loses_nothing_and_the_log_says_what_to_mend(
    server: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    telegram = Telegram(token="990002:token-salah", api_url=server.base)
    with pytest.raises(Temporary, match="token_refused"):
        await telegram.start()
    await telegram.close()
    assert "LINDUNG_TELEGRAM_TOKEN" in caplog.text


async def test_neither_token_nor_content_gets_into_errors_or_logs(
    server: TelegramServer, sari: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret, content = TOKEN.split(":")[1], "NIK-8171015503850001"
    telegram = Telegram(token=TOKEN, api_url=server.base, poll_seconds=0, answer_seconds=0.3)
    await telegram.start()
    told = []
    for fault in ("400", "401", "403", "429", "500", "reset", "hang", "garbage"):
        sentence = f"Bad Request: can't parse: {content}" if fault in ("400", "403") else ""
        server.fault("*", fault, description=sentence, times=4, seconds=0.5)
        photo = Message(content, photo="ktp-1")
        for attempt in (
            telegram.send(str(sari.id), Message(content)),
            telegram.send(str(sari.id), photo, file=grey_photo()),
            telegram.fetch(Attachment("photo", content), limit=10),
            telegram.poll(None),
        ):
            with pytest.raises((SendFailed, FetchFailed)) as failed:
                await attempt
            told += traceback.format_exception(failed.value)
            told.append(repr(failed.value) + repr(failed.value.__cause__) + repr(failed.value.__context__))
        server.clear_faults()
    await telegram.send(str(sari.id), Message(content))
    await sari.says(content)
    await receive(telegram)
    server.push({"message": {"text": content, "chat": TOKEN}})
    await receive(telegram)
    await telegram.close()
    everything = "".join(told) + caplog.text
    assert "garbled_answer" in everything
    assert secret not in everything
    # A traceback quotes the lines of this file, which name the variable but never what it holds.
    assert content not in everything


# Files


@pytest.mark.parametrize(
    ("method", "fault", "final", "code"),
    [
        ("getFile", "503", False, "http_503"),
        ("getFile", "reset", False, "unreachable"),
        ("getFile", "garbage", False, "garbled_answer"),
        ("getFile", "429", False, "too_many_requests"),
        ("getFile", "401", False, "token_refused"),
        ("getFile", "400", True, "planned_fault"),
        ("file_download", "502", False, "http_502"),
        ("file_download", "404", False, "file_not_there"),
        ("file_download", "reset", False, "unreachable"),
        ("file_download", "garbage", False, "file_incomplete"),
    ],
)
async def test_a_download_that_fails_says_whether_to_try_again(
    server: TelegramServer, telegram: Telegram, sari: Person, method: str, fault: str, final: bool, code: str
) -> None:
    await receive(telegram)
    await sari.sends_photo(grey_photo())
    (incoming,) = await receive(telegram)
    assert incoming.attachment is not None
    # A download is asked for twice where a kept connection breaks.
    server.fault(method, fault, times=None)
    with pytest.raises(FetchFailed) as failed:
        await telegram.fetch(incoming.attachment, limit=1_000_000)
    server.clear_faults()
    assert (failed.value.final, failed.value.code) == (final, code)
    assert await telegram.fetch(incoming.attachment, limit=1_000_000)


async def test_a_busy_file_store_is_asked_again(server: TelegramServer, telegram: Telegram) -> None:
    sentence = "Bad Request: wrong file_id or the file is temporarily unavailable"
    server.fault("getFile", 400, description=sentence)
    with pytest.raises(FetchFailed) as failed:
        await telegram.fetch(Attachment("photo", "AgAC"), limit=1_000_000)
    assert not failed.value.final


async def test_the_folder_of_a_self_hosted_server_is_read_where_we_may(
    server: TelegramServer, telegram: Telegram, sari: Person, tmp_path: Path
) -> None:
    await receive(telegram)
    await sari.sends_photo(grey_photo())
    (incoming,) = await receive(telegram)
    assert incoming.attachment is not None
    kept = tmp_path / "file_1.jpg"
    for stored in server.world.files.values():
        stored.path = str(kept)
    with pytest.raises(FetchFailed) as failed:
        await telegram.fetch(incoming.attachment, limit=1_000_000)
    assert (failed.value.code, failed.value.final) == ("file_on_the_api_server", False)
    kept.write_bytes(grey_photo())
    assert await telegram.fetch(incoming.attachment, limit=1_000_000) == grey_photo()
    with pytest.raises(FetchFailed, match="file_too_big"):
        await telegram.fetch(Attachment("photo", incoming.attachment.ref), limit=100)
