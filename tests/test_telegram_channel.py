"""What is particular to Telegram, over real HTTP: starting, polling, its limits and its groups.

What every channel promises is in test_channels.py, what happens on bad days in test_telegram_faults.py, what
updates mean in test_telegram_updates.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from channels.base import Permanent, Polls
from channels.labels import shorten
from channels.telegram import Telegram
from channels.telegram_text import rows, to_html
from conversation.messages import (
    Acknowledgement,
    Choice,
    Edit,
    Incoming,
    Kind,
    Leave,
    Message,
)
from tests.servers.telegram import TOKEN, TelegramServer
from tests.servers.telegram_people import Person, grey_photo

YES_NO = (Choice("Setuju", "c:1:yes"), Choice("Tidak", "c:1:no"))


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def telegram(server: TelegramServer) -> AsyncIterator[Telegram]:
    telegram = Telegram(token=TOKEN, api_url=server.base, poll_seconds=0)
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
    assert await telegram.poll(offset) == ([], None)
    assert all(isinstance(incoming, Incoming) for incoming in news)
    return list(news)


# Starting


async def test_the_channel_knows_its_own_account_and_its_powers(telegram: Telegram) -> None:
    assert telegram.bot == TOKEN.split(":")[0]
    assert telegram.username
    assert isinstance(telegram, Polls)
    assert telegram.link("uji_42") == f"https://t.me/{telegram.username}?start=uji_42"
    assert telegram.link() == f"https://t.me/{telegram.username}"


async def test_a_left_over_webhook_is_taken_away_and_nothing_that_waits_is_lost(
    server: TelegramServer,
) -> None:
    server.updates.set_webhook("https://127.0.0.1:8443/lama", "", 40, drop=False)
    sari = server.person("Sari")
    await sari.says("halo")
    telegram = Telegram(token=TOKEN, api_url=server.base, poll_seconds=0)
    await telegram.start()
    assert server.updates.webhook is None
    assert [incoming.text for incoming in await receive(telegram)] == ["halo"]
    await telegram.close()


async def test_a_webhook_is_set_with_its_secret_and_stays_at_the_end(server: TelegramServer) -> None:
    url = "https://127.0.0.1:8443/telegram"
    telegram = Telegram(token=TOKEN, api_url=server.base, webhook_url=url, webhook_secret="rahasia-uji")
    await telegram.start()
    await telegram.start()
    await telegram.close()
    webhook = server.updates.webhook
    assert webhook is not None
    assert (webhook.url, webhook.secret) == (url, "rahasia-uji")
    allowed = {"message", "edited_message", "callback_query", "my_chat_member", "channel_post"}
    assert server.updates.allowed == allowed
    assert not server.violations("error")


async def test_the_bots_own_texts_are_written_once(server: TelegramServer, telegram: Telegram) -> None:
    texts = {"name": "Lindung", "description": "Kami bantu daftar.", "short_description": "Daftar di sini"}
    for _ in range(2):
        await telegram.describe(**texts, commands=[("daftar", "Mulai daftar"), ("status", "Lihat berkas")])
    assert server.person("Sari").commands() == ["daftar", "status"]
    assert server.world.profile["name", ""] == "Lindung"
    assert server.world.profile["short_description", ""] == "Daftar di sini"
    for method in ("setMyName", "setMyDescription", "setMyShortDescription", "setMyCommands"):
        assert len(server.calls(method)) == 1


async def test_no_httpx_connection_is_opened(
    server: TelegramServer, sari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("httpx was used")

    monkeypatch.setattr(httpx.AsyncClient, "__init__", refuse)
    monkeypatch.setattr(httpx.Client, "__init__", refuse)
    telegram = Telegram(token=TOKEN, api_url=server.base, poll_seconds=0)
    await telegram.start()
    await receive(telegram)
    await telegram.send(str(sari.id), Message("halo"))
    await telegram.close()
    await sari.hears("halo")


# Hearing


async def test_an_update_is_forgotten_only_when_the_next_poll_names_it(
    server: TelegramServer, telegram: Telegram, sari: Person
) -> None:
    await sari.says("satu")
    first, offset = await telegram.poll(None)
    again, same = await telegram.poll(None)
    assert [incoming.text for incoming in first] == ["/start", "satu"]
    assert (again, same) == (first, offset)
    assert server.updates.undelivered() == 2
    assert await telegram.poll(offset) == ([], None)
    assert server.updates.undelivered() == 0


async def test_an_update_nobody_can_read_does_not_stop_the_ones_behind_it(
    server: TelegramServer, telegram: Telegram, sari: Person
) -> None:
    server.push({"message": {"message_id": "x", "chat": 5}})
    server.push({"kabar_baru": {"apa": "saja"}})
    await sari.says("sesudahnya")
    assert [incoming.text for incoming in await receive(telegram)] == ["/start", "sesudahnya"]
    assert server.updates.undelivered() == 0


async def test_ids_that_restart_lower_after_a_quiet_week_are_still_heard(
    server: TelegramServer, telegram: Telegram, sari: Person
) -> None:
    await receive(telegram)
    server.updates.next_id = 17
    await sari.says("sesudah sepi")
    _, offset = await telegram.poll(None)
    assert offset == 18


# Saying


async def test_links_are_shown_without_a_preview(server: TelegramServer, telegram: Telegram, sari: Person) -> None:
    await telegram.send(str(sari.id), Message("Lihat http://contoh.id"))
    (call,) = server.calls("sendMessage")
    assert call.params["link_preview_options"] == {"is_disabled": True}
    assert not server.violations()


async def test_words_too_long_for_a_toast_are_cut_and_a_tap_is_answered_once(telegram: Telegram, sari: Person) -> None:
    await receive(telegram)
    await telegram.send(str(sari.id), Message("Setuju?", choices=YES_NO))
    await sari.taps("Setuju")
    (tap,) = await receive(telegram)
    await telegram.send(str(sari.id), Acknowledgement(tap.tap_id, "x" * 300, alert=True))
    assert await sari.toast() == "x" * 200
    with pytest.raises(Permanent):
        await telegram.send(str(sari.id), Acknowledgement(tap.tap_id))


@pytest.mark.parametrize(
    ("labels", "stacked", "shape"),
    [
        (["Ya", "Tidak"], False, [2]),
        (["Ya", "Tidak", "Nanti"], False, [3]),
        (["1", "2", "3", "4"], False, [2, 2]),
        (["1", "2", "3", "4", "5"], False, [3, 2]),
        (["Laki-laki", "Perempuan"], False, [2]),
        (["Tidak punya HP", "Pakai nomor ini", "Ketik"], False, [2, 1]),
        (["1. Nelayan", "2. Petani"], False, [1, 1]),
        (["Kirim sekarang tanpa foto KTP", "Nanti"], False, [1, 1]),
        (["Ya", "Tidak"], True, [1, 1]),
    ],
)
def test_ready_answers_stand_in_rows_a_narrow_phone_can_show(
    labels: list[str], stacked: bool, shape: list[int]
) -> None:
    assert [len(row) for row in rows(labels, stacked=stacked)] == shape


def test_a_long_label_is_cut_at_a_word() -> None:
    label = "Pengolah hasil laut dan penjual ikan keliling di pasar Kota Ambon dan sekitarnya"
    assert shorten(label, 64) == "Pengolah hasil laut dan penjual ikan keliling di pasar Kota…"
    assert shorten("x" * 80, 64) == "x" * 63 + "…"
    assert shorten("a" * 64, 64) == "a" * 64


def test_what_people_write_cannot_become_markup() -> None:
    assert to_html("<a href='x'>Sari</a> & **Budi**") == "&lt;a href='x'&gt;Sari&lt;/a&gt; &amp; <b>Budi</b>"
    assert to_html("**tidak ditutup\n**") == "**tidak ditutup\n**"
    assert to_html("setengah \ud800 huruf") == "setengah  huruf"


async def test_the_choices_beside_the_offer_to_share_a_number_are_words_to_send(
    telegram: Telegram, sari: Person
) -> None:
    await receive(telegram)
    question = Message("Nomor HP?", choices=(Choice("Tidak punya HP", "p:none"),), asks_phone="Bagikan nomor saya")
    await telegram.send(str(sari.id), question)
    await sari.hears("Nomor HP?")
    assert sari.keyboard() == [["Bagikan nomor saya"], ["Tidak punya HP"]]
    await sari.taps("Tidak punya HP")
    (typed,) = await receive(telegram)
    assert (typed.kind, typed.text) == (Kind.TEXT, "Tidak punya HP")


async def test_marks_do_not_count_for_how_long_a_photos_text_is(telegram: Telegram, sari: Person) -> None:
    await telegram.send(str(sari.id), Message(f"**{'a' * 1024}**", photo="ktp-1"), file=grey_photo())
    with pytest.raises(Permanent, match="caption_too_long"):
        await telegram.send(str(sari.id), Message("a" * 1025, photo="ktp-1"), file=grey_photo())


# Changing and taking back


async def test_nothing_is_left_to_take_away_from_typed_answers(telegram: Telegram, sari: Person) -> None:
    ref = await telegram.send(str(sari.id), Message("Nomor HP?", asks_phone="Bagikan nomor saya"))
    await telegram.send(str(sari.id), Edit(of=1), ref=ref)


async def test_an_older_server_that_keeps_texts_as_texts_empties_them(
    server: TelegramServer, telegram: Telegram, sari: Person
) -> None:
    ref = await telegram.send(str(sari.id), Message("NIK 8171", choices=YES_NO))
    server.fault("editMessageMedia", 400, description="Bad Request: there is no media in the message to edit")
    await telegram.send(str(sari.id), Edit(of=1, blank=True), ref=ref)
    (blank,) = sari.sees()
    assert (blank.text, blank.buttons) == ("…", [])


async def test_what_is_no_address_is_refused(telegram: Telegram) -> None:
    with pytest.raises(Permanent, match="bad_address"):
        await telegram.send("bukan-angka", Message("halo"))
    await telegram.show_typing("bukan-angka")


# Groups


async def test_a_group_is_told_and_left(telegram: Telegram, sari: Person) -> None:
    await receive(telegram)
    group = await sari.adds_bot_to_group()
    (added,) = await receive(telegram)
    assert (added.kind, added.address.id) == (Kind.GROUP, str(group.id))
    await telegram.send(str(group.id), Message("Kami hanya melayani chat pribadi."))
    for _ in range(2):
        await telegram.send(str(group.id), Leave())
    assert not group.bot_inside
    assert await receive(telegram) == []
