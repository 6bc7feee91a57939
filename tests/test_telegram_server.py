"""The Telegram stand-in is as strict as Telegram: raw calls, python-telegram-bot, faults, pace, people.

Not about our bot: if these pass, a test in which our bot causes no violation means something.
"""

import asyncio
import contextlib
import io
import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from PIL import Image
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
)
from telegram.error import BadRequest, Forbidden, RetryAfter

from tests.servers.telegram import TelegramServer
from tests.servers.telegram_caller import Caller
from tests.servers.telegram_html import BadMarkup, parse_html
from tests.servers.telegram_people import grey_photo

YES_NO = {"inline_keyboard": [[{"text": "✅ Ya", "callback_data": "ya"}, {"text": "Tidak", "callback_data": "tidak"}]]}


@pytest.fixture(autouse=True)
def timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the library warns otherwise, and warnings are errors


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def call(server: TelegramServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(server, session)


@pytest.fixture
def sari(server: TelegramServer) -> Any:
    return server.person("Sari", started=True)


def keyboard(*rows: Any) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


def photo(width: int, height: int) -> bytes:
    return grey_photo(width, height)


# Refusals

BAD_TEXTS = [
    ({"text": ""}, "message text is empty"),
    ({"text": "  \n "}, "text must be non-empty"),
    ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
    ({"text": "a" * 4097}, "message is too long"),
    ({"text": "<b>" + "a" * 4097 + "</b>", "parse_mode": "HTML"}, "message is too long"),
    ({"text": "hai", "parse_mode": "Wiki"}, "unsupported parse_mode"),
    ({"text": "hai", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ({"text": "hai", "reply_markup": []}, "object expected as reply markup"),
    (
        {"text": "hai", "reply_markup": keyboard({"text": "Ya"})},
        'field "inline_keyboard" of the InlineKeyboard',
    ),
    (
        {"text": "hai", "reply_markup": keyboard([{"text": "Ya"}])},
        "can't parse inline keyboard button: Text button",
    ),
    (
        {"text": "hai", "reply_markup": keyboard([{"callback_data": "x"}])},
        "can't parse inline keyboard button: Can't",
    ),
    (
        {"text": "hai", "reply_markup": keyboard([{"text": " ", "callback_data": "x"}])},
        "inline keyboard button text",
    ),
    (
        {"text": "hai", "reply_markup": keyboard([{"text": "Ya", "callback_data": "é" * 33}])},
        "BUTTON_DATA_INVALID",
    ),
    (
        {"text": "hai", "reply_markup": keyboard([{"text": "Ya", "url": "bukan alamat"}])},
        "inline keyboard button URL",
    ),
    (
        {"text": "hai", "reply_markup": keyboard([{"text": "x", "callback_data": "x"}] * 9)},
        "reply markup is too long",
    ),
    ({"text": "hai", "reply_markup": {"keyboard": [[""]]}}, "keyboard button text must be non-empty"),
    ({"text": "hai", "reply_markup": {"keyboard": ["Ya"]}}, 'field "keyboard" must be an Array of Arrays'),
    ({"text": "hai", "chat_id": ""}, "chat_id is empty"),
    ({"text": "hai", "chat_id": 12345}, "chat not found"),
    ({"text": "hai", "chat_id": "@seseorang"}, "chat not found"),
]


@pytest.mark.parametrize(("params", "sentence"), BAD_TEXTS)
async def test_a_message_telegram_would_refuse_is_refused(call: Caller, sari: Any, params: Any, sentence: str) -> None:
    refusal = await call.fails("sendMessage", **{"chat_id": sari.id, **params})
    assert refusal.startswith(f"400 Bad Request: {sentence}")
    assert [each.severity for each in call.server.violations()] == ["error"]
    assert sari.ledger == []


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("<b>NIK", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é <tabel>x</tabel>", 'Unsupported start tag "tabel" at byte offset 3'),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("5 <6", "Unclosed start tag at byte offset 2"),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("</b>", "Unexpected end tag at byte offset 0"),
        ("<b>x</i></b>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ('<a href="x>y</a>', "Empty attribute name"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_markup_telegram_would_refuse_is_refused(source: str, sentence: str) -> None:
    with pytest.raises(BadMarkup) as refused:
        parse_html(source)
    assert str(refused.value).startswith(sentence)


def test_good_markup_becomes_text_and_entities() -> None:
    text, entities = parse_html(
        '👍 <b>NIK <i>Ibu</i></b> &lt;16&gt; &amp; &copy; &#33; <a href="https://x.id/?a&amp;b">x</a>'
    )
    assert text == "👍 NIK Ibu <16> & &copy; ! x"
    assert entities == [
        {"type": "bold", "offset": 3, "length": 7},
        {"type": "italic", "offset": 7, "length": 3},
        {"type": "text_link", "offset": 27, "length": 1, "url": "https://x.id/?a&b"},
    ]


async def test_a_text_of_4096_characters_after_parsing_is_taken(call: Caller, sari: Any) -> None:
    answer = await call("sendMessage", chat_id=sari.id, parse_mode="HTML", text="&lt;" * 4096)
    assert answer["result"]["text"] == "<" * 4096


async def test_people_who_cannot_be_reached_are_refused_with_403(call: Caller, sari: Any) -> None:
    joko, budi = call.server.person("Joko"), call.server.person("Budi", started=True)
    send = {"text": "hai"}
    refusal = await call.fails("sendMessage", chat_id=joko.id, **send)
    assert refusal == "403 Forbidden: bot can't initiate conversation with a user"
    await sari.blocks()
    budi.deletes_account()
    call.server.world.violations.clear()
    assert await call.fails("sendMessage", chat_id=sari.id, **send) == "403 Forbidden: bot was blocked by the user"
    assert await call.fails("sendMessage", chat_id=budi.id, **send) == "403 Forbidden: user is deactivated"
    assert call.server.violations() == []
    await call.fails("sendMessage", chat_id=sari.id, **send)
    assert [each.rule for each in call.server.violations("warn")] == ["sent_to_the_unreachable"]
    await sari.starts()
    assert (await call("sendMessage", chat_id=sari.id, **send))["ok"]


async def test_a_wrong_token_and_an_unknown_method_are_refused(call: Caller, server: TelegramServer) -> None:
    async with call.session.get(f"{server.base}/bot1:salah/getMe") as answer:
        assert (answer.status, (await answer.json())["description"]) == (401, "Unauthorized")
    assert (await call.fails("sendDice")).startswith("404 Not Found")
    assert {each.rule for each in server.violations("error")} == {"wrong_token", "unknown_method"}
    async with call.session.get(f"{server.base}/bot{server.token}/getme") as answer:
        assert (await answer.json())["result"]["is_bot"] is True


async def test_an_unknown_parameter_is_a_slip(call: Caller, sari: Any) -> None:
    await call("sendMessage", chat_id=sari.id, text="hai", parsemode="HTML")
    assert [(each.rule, each.detail) for each in call.server.violations("warn")] == [("unknown_parameter", "parsemode")]


async def test_edits_that_telegram_would_refuse_are_refused(call: Caller, sari: Any) -> None:
    sent = (await call("sendMessage", chat_id=sari.id, text="<b>a</b>", parse_mode="HTML", reply_markup=YES_NO))[
        "result"
    ]
    where = {"chat_id": sari.id, "message_id": sent["message_id"]}
    same = await call.fails("editMessageText", **where, text="<b>a</b> ", parse_mode="HTML", reply_markup=YES_NO)
    assert same.startswith("400 Bad Request: message is not modified: specified new message content and reply")
    assert (await call("editMessageText", **where, text="a", reply_markup=YES_NO))["result"]["text"] == "a"
    assert (await call("editMessageReplyMarkup", **where))["result"].get("reply_markup") is None
    assert await call.fails("editMessageCaption", **where, caption="x") == (
        "400 Bad Request: there is no caption in the message to edit"
    )
    assert await call.fails("editMessageText", **where, text="x" * 4097) == "400 Bad Request: MESSAGE_TOO_LONG"
    gone = await call.fails("editMessageText", chat_id=sari.id, message_id=9, text="x")
    assert gone == "400 Bad Request: message to edit not found"
    own = await sari.says("halo")
    assert await call.fails("editMessageText", chat_id=sari.id, message_id=own, text="x") == (
        "400 Bad Request: message can't be edited"
    )
    keys = {"keyboard": [["Ya"]]}
    sent = (await call("sendMessage", chat_id=sari.id, text="b", reply_markup=keys))["result"]
    where["message_id"] = sent["message_id"]
    assert await call.fails("editMessageText", **where, text="c") == "400 Bad Request: message can't be edited"


async def test_deletion_has_its_limits(call: Caller, sari: Any) -> None:
    own = await sari.says("NIK saya 9901")
    sent = (await call("sendMessage", chat_id=sari.id, text="a"))["result"]["message_id"]
    old = (await call("sendMessage", chat_id=sari.id, text="b"))["result"]["message_id"]
    assert (await call("deleteMessage", chat_id=sari.id, message_id=own))["result"] is True
    assert (await call("deleteMessage", chat_id=sari.id, message_id=sent))["result"] is True
    assert await call.fails("deleteMessage", chat_id=sari.id, message_id=sent) == (
        "400 Bad Request: message to delete not found"
    )
    call.server.skip(hours=48.1)
    assert await call.fails("deleteMessage", chat_id=sari.id, message_id=old) == (
        "400 Bad Request: message can't be deleted for everyone"
    )
    assert [message.text for message in sari.sees()] == ["b"]
    assert sari.wrote() == []
    assert [seen.kind for seen in sari.ledger] == ["message", "message", "deletion", "deletion"]


async def upload(call: Caller, method: str, chat_id: int, field: str, content: bytes, **params: str) -> dict[str, Any]:
    form = aiohttp.FormData({"chat_id": str(chat_id), **params})
    form.add_field(field, io.BytesIO(content), filename="gambar.jpg", content_type="image/jpeg")
    url = f"{call.server.base}/bot{call.server.token}/{method}"
    async with call.session.post(url, data=form) as answer:
        return await answer.json()


async def test_photos_are_checked(call: Caller, sari: Any) -> None:
    for content, sentence in [
        (b"bukan foto", "IMAGE_PROCESS_FAILED"),
        (b"", "file must be non-empty"),
        (photo(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (b"\xff" * (10 * 1024 * 1024 + 1), "file of size 10485761 bytes is too big for a photo"),
    ]:
        answer = await upload(call, "sendPhoto", sari.id, "photo", content)
        assert answer["description"].startswith(f"Bad Request: {sentence}")
    answer = await upload(call, "sendPhoto", sari.id, "photo", photo(640, 480), caption="x" * 1025)
    assert answer["description"] == "Bad Request: message caption is too long"
    good = (await upload(call, "sendPhoto", sari.id, "photo", photo(640, 480), caption="KTP", protect_content="true"))[
        "result"
    ]
    assert (good["photo"][-1]["width"], good["caption"], good["has_protected_content"]) == (640, "KTP", True)
    again = await call("sendPhoto", chat_id=sari.id, photo=good["photo"][0]["file_id"])
    assert again["ok"]
    wrong = await call.fails("sendDocument", chat_id=sari.id, document=good["photo"][-1]["file_id"])
    assert wrong == "400 Bad Request: can't use file of type Photo as Document"
    assert (await call.fails("sendPhoto", chat_id=sari.id, photo="AgACx")).startswith("400 Bad Request: wrong file id")
    assert (await call.fails("sendPhoto", chat_id=sari.id)).startswith("400 Bad Request: there is no photo in")
    assert [seen.protected for seen in sari.ledger] == [True, False]


async def test_a_photo_is_replaced_by_another(call: Caller, sari: Any) -> None:
    sent = (await upload(call, "sendPhoto", sari.id, "photo", photo(640, 480), caption="NIK"))["result"]
    media = json.dumps({"type": "photo", "media": "attach://kosong"})
    where = {"message_id": str(sent["message_id"])}
    answer = await upload(call, "editMessageMedia", sari.id, "kosong", photo(90, 90), media=media, **where)
    assert (answer["result"]["photo"][-1]["width"], answer["result"].get("caption")) == (90, None)
    assert [message.text for message in sari.sees()] == [""]
    wrong = await call.fails("editMessageText", chat_id=sari.id, text="x", **where)
    assert wrong == "400 Bad Request: there is no text in the message to edit"


async def test_commands_are_checked_and_seen_by_scope(call: Caller, sari: Any) -> None:
    def menu(command: str, description: str = "Daftar") -> list[dict[str, str]]:
        return [{"command": command, "description": description}]

    for commands, sentence in [
        (menu("Daftar"), "BOT_COMMAND_INVALID"),
        (menu("data saya"), "BOT_COMMAND_INVALID"),
        (menu("a" * 33), "command length must not exceed 32"),
        (menu("daftar", " "), "command description must be non-empty"),
        (menu("daftar", "x" * 257), "command description length must not exceed 256"),
        (menu("daftar") * 101, "BOT_COMMANDS_TOO_MUCH"),
        ([{"command": "daftar"}], "can't parse BotCommand"),
    ]:
        assert (await call.fails("setMyCommands", commands=commands)).startswith(f"400 Bad Request: {sentence}")
    await call("setMyCommands", commands=menu("daftar"), scope={"type": "all_private_chats"}, language_code="id")
    assert sari.commands() == ["daftar"]
    chat = {"type": "chat", "chat_id": sari.id}
    await call("setMyCommands", commands=menu("ambil"), scope=chat)
    assert sari.commands() == ["ambil"]
    await call("deleteMyCommands", scope=chat)
    assert sari.commands() == ["daftar"]
    scope = {"type": "chat", "chat_id": 5}
    assert await call.fails("setMyCommands", commands=menu("a"), scope=scope) == "400 Bad Request: chat not found"
    assert (await call.fails("setMyName", name="x" * 65)).startswith("400")
    assert (await call.fails("setMyName", name="x", language_code="ind")).startswith("400 Bad Request: invalid lang")


# Taps


async def test_a_tap_is_answered_once_and_in_time(call: Caller, server: TelegramServer, sari: Any) -> None:
    await call("sendMessage", chat_id=sari.id, text="Sudah benar?", reply_markup=YES_NO)
    await sari.taps("Ya")
    update = (await call("getUpdates"))["result"][-1]["callback_query"]
    assert (update["data"], update["from"]["id"], update["message"]["text"]) == (
        "ya",
        sari.id,
        "Sudah benar?",
    )
    assert server.unanswered() == 1
    await call("answerCallbackQuery", callback_query_id=update["id"], text="Baik")
    assert await sari.toast() == "Baik"
    late = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await call.fails("answerCallbackQuery", callback_query_id=update["id"]) == late
    assert await call.fails("answerCallbackQuery", callback_query_id="1") == late
    await sari.taps("Tidak")
    server.skip(seconds=20)
    assert await call.fails("answerCallbackQuery", callback_query_id=sari.tap.tap_id) == late


async def test_a_forged_tap_arrives_and_a_missing_button_is_missed(call: Caller, sari: Any) -> None:
    await sari.taps(data="setujui:7", message_id=3)
    query = (await call("getUpdates"))["result"][0]["callback_query"]
    assert (query["data"], query["message"]["date"]) == ("setujui:7", 0)
    with pytest.raises(AssertionError, match="finds no button 'Setujui'"):
        await sari.taps("Setujui", within=0.05)


async def test_a_reply_keyboard_is_pressed_and_taken_away(call: Caller, sari: Any) -> None:
    keys = {"keyboard": [[{"text": "Kirim nomor", "request_contact": True}], ["Tidak punya HP"]]}
    await call("sendMessage", chat_id=sari.id, text="Nomor HP?", reply_markup=keys)
    assert sari.keyboard() == [["Kirim nomor"], ["Tidak punya HP"]]
    await sari.taps("Kirim nomor")
    await sari.taps("Tidak punya HP")
    messages = [update["message"] for update in (await call("getUpdates"))["result"]]
    assert messages[0]["contact"]["user_id"] == sari.id
    assert messages[1]["text"] == "Tidak punya HP"
    await call("sendMessage", chat_id=sari.id, text="Baik", reply_markup={"remove_keyboard": True})
    assert sari.keyboard() == []
    group = await sari.adds_bot_to_group()
    refusal = await call.fails("sendMessage", chat_id=group.id, text="x", reply_markup=keys)
    assert refusal == "400 Bad Request: phone number can be requested in private chats only"


# People


async def test_a_person_hears_what_came_after_their_last_action(call: Caller, sari: Any) -> None:
    await call("sendMessage", chat_id=sari.id, text="Selamat datang")
    assert (await sari.hears("Selamat")).text == "Selamat datang"
    await sari.says("halo")
    await sari.hears_nothing(within=0.01)
    with pytest.raises(AssertionError, match="did not hear 'Selamat'"):
        await sari.hears("Selamat", within=0.01)
    later = asyncio.create_task(sari.hears("NIK"))
    sent = (await call("sendMessage", chat_id=sari.id, text="Berapa?", reply_markup=YES_NO))["result"]
    await call("editMessageText", chat_id=sari.id, message_id=sent["message_id"], text="NIK berapa?")
    assert (await later).kind == "edit"
    assert [message.text for message in sari.sees()] == ["Selamat datang", "NIK berapa?"]
    assert sari.sees()[-1].buttons == []


async def test_everything_a_person_can_send_is_read_by_the_library(
    call: Caller, server: TelegramServer, sari: Any
) -> None:
    budi = server.person("Budi")
    await sari.starts("KODE")
    await sari.sends_photo(photo(800, 600), caption="ini")
    await sari.sends_photo(photo(800, 600), as_document=True)
    await sari.sends_album([photo(640, 480), photo(640, 480)])
    await sari.sends_document(b"%PDF", "ktp.pdf")
    await sari.voice()
    await sari.sticker()
    await sari.shares_contact(own=False, other=budi)
    await sari.says("salah")
    await sari.edits("benar")
    await sari.blocks()
    await sari.unblocks()
    async with Bot(server.token, base_url=f"{server.base}/bot", base_file_url=f"{server.base}/file/bot") as bot:
        updates = await bot.get_updates(timeout=0)
        assert [update.update_id for update in updates] == list(range(updates[0].update_id, updates[0].update_id + 13))
        messages = [update.effective_message for update in updates]
        assert messages[0].text == "/start KODE"
        assert (messages[1].photo[-1].width, messages[1].caption) == (800, "ini")
        assert messages[2].document.mime_type == "image/jpeg"
        assert messages[3].media_group_id == messages[4].media_group_id
        assert (messages[6].voice.mime_type, messages[7].sticker.emoji) == ("audio/ogg", "👍")
        assert messages[8].contact.user_id == budi.id
        assert updates[10].edited_message.text == "benar"
        assert [each.my_chat_member.new_chat_member.status for each in updates[11:]] == ["kicked", "member"]
        file = await bot.get_file(messages[1].photo[-1].file_id)
        content = bytes(await file.download_as_bytearray())
        assert Image.open(io.BytesIO(content)).size == (800, 600)
        server.fault("file_download", 404, description="Not Found")
        with pytest.raises(Exception, match="Not Found"):
            await file.download_as_bytearray()


async def test_a_group_is_told_once_and_left(call: Caller, sari: Any) -> None:
    group = await sari.adds_bot_to_group()
    change, news = (await call("getUpdates"))["result"]
    assert change["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert news["message"]["new_chat_members"][0]["is_bot"]
    await call("sendMessage", chat_id=group.id, text="Hanya chat pribadi")
    await group.hears("chat pribadi")
    await call("leaveChat", chat_id=group.id)
    assert not group.bot_inside
    assert await call.fails("sendMessage", chat_id=group.id, text="x") == (
        "403 Forbidden: bot is not a member of the group chat"
    )


# The library and the process


async def test_the_library_finds_everything_as_with_telegram(server: TelegramServer, sari: Any) -> None:
    async with Bot(server.token, base_url=f"{server.base}/bot", base_file_url=f"{server.base}/file/bot") as bot:
        assert (await bot.get_me()).username == "lindung_uji_bot"
        assert (await bot.get_chat(sari.id)).first_name == "Sari"
        markup = InlineKeyboardMarkup([[InlineKeyboardButton("Ya", callback_data="ya")]])
        sent = await bot.send_message(sari.id, "<b>Halo</b>", parse_mode="HTML", reply_markup=markup)
        assert (sent.text, sent.entities[0].type) == ("Halo", "bold")
        await bot.edit_message_text("Hai", chat_id=sari.id, message_id=sent.message_id)
        with pytest.raises(BadRequest, match="Message is not modified"):
            await bot.edit_message_text("Hai", chat_id=sari.id, message_id=sent.message_id)
        card = await bot.send_photo(sari.id, photo(640, 480), caption="KTP", protect_content=True)
        await bot.edit_message_caption(sari.id, card.message_id, caption="")
        await bot.edit_message_media(InputMediaPhoto(photo(90, 90)), sari.id, card.message_id)
        await bot.send_document(sari.id, b"isi", filename="a.txt")
        await bot.send_chat_action(sari.id, "typing")
        await bot.delete_message(sari.id, card.message_id)
        await bot.set_my_commands([BotCommand("daftar", "Daftar")], scope=BotCommandScopeChat(sari.id))
        assert [each.command for each in await bot.get_my_commands(BotCommandScopeChat(sari.id))] == ["daftar"]
        await bot.set_my_description("Perlindungan pekerja", language_code="id")
        await bot.set_webhook(f"{server.base}/nowhere", secret_token="r", allowed_updates=["message"])
        assert (await bot.get_webhook_info()).allowed_updates == ("message",)
        await bot.delete_webhook()
        server.fault("sendMessage", 429, retry_after=3)
        with pytest.raises(RetryAfter):
            await bot.send_message(sari.id, "x")
        await sari.blocks()
        with pytest.raises(Forbidden, match="blocked"):
            await bot.send_message(sari.id, "x")
    assert [each.rule for each in server.violations("warn")] == ["not_modified"]
    assert [call.method for call in server.calls("sendPhoto", chat_id=sari.id)] == ["sendPhoto"]


async def test_the_server_runs_as_a_process_for_a_bench() -> None:
    arguments = ["-m", "tests.servers.telegram", "--token", "990001:x", "--latency-ms", "20"]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        base = (await process.stdout.readline()).decode().strip()
        async with aiohttp.ClientSession(base) as session:
            await (await session.post("/_control/people", json={"first_id": 5000, "count": 10})).read()
            wait = asyncio.create_task(session.get("/_control/wait?chat_id=5009&after=0"))
            began = time.monotonic()
            await (await session.post("/bot990001:x/sendMessage", data={"chat_id": "5009", "text": "Halo"})).read()
            assert time.monotonic() - began >= 0.02
            body = await (await wait).json()
            assert ([each["text"] for each in body["seen"]], body["next"]) == (["Halo"], 1)
            stats = await (await session.get("/_control/stats")).json()
            assert (stats["calls"], stats["codes"]) == ({"sendMessage": 1}, {"200": 1})
            assert (await session.get("/_control/seen?chat_id=1")).status == 404
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
    assert process.returncode == 0
