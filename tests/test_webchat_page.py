"""The web chat's page in a real Chromium: it looks after every word, and behaves like a phone."""

from __future__ import annotations

import asyncio
import io
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from bot.web import build_doors
from channels.base import FetchFailed, Stopped, Temporary
from channels.webchat import WebChat
from conversation.messages import (
    Acknowledgement,
    Attachment,
    Choice,
    Commands,
    Deletion,
    Edit,
    Incoming,
    Kind,
    Message,
    Outgoing,
)
from tests.servers.doors import open_doors

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TOKEN = "a-token-of-the-demo-page"
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 390, "height": 844}

SARI, BUDI, DEWI = "worker-1", "worker-2", "officer-1"
YES_NO = (Choice("Ya", "a:1:yes"), Choice("Tidak", "a:1:no"))

# A busy machine may draw late; nothing here is about how soon.
expect.set_options(timeout=20_000)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


class Service:
    """What stands behind the page: it hears, can be stopped and started, and says what a test tells it to."""

    def __init__(self) -> None:
        self.webchat = WebChat(patience=20)
        self.status = 200
        self.heard: asyncio.Queue[Incoming] = asyncio.Queue()
        self.refused: list[str] = []
        self.port = 0
        self._open = AsyncExitStack()

    async def receive(self, channel: str, body: bytes, headers: Mapping[str, str]) -> int:
        (incoming,) = self.webchat.read(body, headers)
        assert isinstance(incoming, Incoming)
        if self.status != 200:
            self.refused.append(incoming.key)
            return self.status
        self.heard.put_nowait(incoming)
        return 200

    async def start(self) -> None:
        await self.webchat.start()
        app = build_doors(receive=self.receive, webchat=self.webchat, page_token=TOKEN)
        doors = open_doors(app, webchat=self.webchat, port=self.port)
        self.port = await self._open.enter_async_context(doors)

    async def stop(self) -> None:
        await self._open.aclose()

    async def hears(self) -> Incoming:
        return await asyncio.wait_for(self.heard.get(), 20)

    async def says(self, out: Outgoing | str, *, to: str = SARI, **rest: object) -> str:
        message = Message(out) if isinstance(out, str) else out
        return await self.webchat.send(to, message, **rest) or ""  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/demo/{TOKEN}/"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def service() -> AsyncIterator[Service]:
    service = Service()
    await service.start()
    yield service
    await service.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def window(browser: Browser) -> AsyncIterator[BrowserContext]:
    window = await browser.new_context(viewport=WIDE, locale="id-ID", timezone_id="Asia/Jayapura")
    window.set_default_timeout(20_000)
    yield window
    await window.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(window: BrowserContext, service: Service) -> AsyncIterator[Page]:
    """The page, open and connected; at the end it must have broken nothing, its own policy included."""
    page = await window.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on(
        "console",
        lambda line: broken.append(line.text) if re.search("policy|Uncaught|TypeError", line.text) else None,
    )
    await page.goto(service.address)
    await connected(page)
    yield page
    assert broken == []


async def connected(page: Page) -> None:
    await expect(page.locator("#line")).to_have_text("Tersambung", timeout=20_000)


def phone(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=f"HP {name},")


async def write(page: Page, name: str, text: str) -> None:
    box = phone(page, name).get_by_role("textbox")
    await box.fill(text)
    await box.press("Enter")


def bubbles(page: Page, name: str) -> Locator:
    return phone(page, name).locator(".message .text")


def ticks(page: Page, name: str) -> Locator:
    return phone(page, name).locator(".ticks")


def picture(width: int = 400, height: int = 250) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (40, 120, 160)).save(file, "JPEG")
    return file.getvalue()


async def attach(page: Page, name: str, entry: str, *files: dict[str, object]) -> None:
    async with page.expect_file_chooser() as choosing:
        await phone(page, name).get_by_role("button", name="Lampirkan").click()
        await phone(page, name).get_by_role("menuitem", name=entry).click()
    await (await choosing.value).set_files(list(files))  # type: ignore[arg-type]


def file(name: str, mime: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": mime, "buffer": content}


async def test_ibu_sari_starts_answers_and_taps(page: Page, service: Service) -> None:
    await expect(page.locator(".phone")).to_have_count(3)
    sari = phone(page, "Ibu Sari")
    await sari.get_by_role("button", name="Mulai").click()
    start = await service.hears()
    assert (start.kind, start.text, start.first_name) == (Kind.TEXT, "/start", "Sari")
    await expect(ticks(page, "Ibu Sari")).to_have_text("Sudah diterima")

    sent_id = await service.says(Message("Ini **gratis**. Mau mulai?", YES_NO))
    await expect(sari.locator(".theirs strong")).to_have_text("gratis")
    await sari.get_by_role("button", name="Ya").click()
    tap = await service.hears()
    assert (tap.kind, tap.tap, tap.message_id) == (Kind.TAP, "a:1:yes", sent_id)
    await expect(sari.get_by_role("button", name="Ya")).to_have_attribute("aria-busy", "true")

    await service.says(Acknowledgement(tap.tap_id, "Sudah dijawab"))
    await expect(sari.get_by_role("status")).to_have_text("Sudah dijawab")
    await expect(sari.get_by_role("button", name="Ya")).not_to_have_attribute("aria-busy", "true")
    await service.says(Edit(1), ref=sent_id)
    await expect(sari.get_by_role("button", name="Ya")).to_have_count(0)
    await expect(sari.get_by_role("log")).to_be_focused()
    await expect(sari.locator(".theirs")).not_to_contain_text("diubah")


async def test_what_the_service_writes_is_text_and_nothing_else(page: Page, service: Service) -> None:
    wicked = "<img src=x onerror=alert(1)> <b>x</b> &amp; \u202eterbalik\u0000"
    await service.says(Message(wicked, (Choice("<i>Ya</i>", "y"),)))
    await expect(bubbles(page, "Ibu Sari")).to_contain_text("<img src=x onerror=alert(1)> <b>x</b> &amp;")
    await expect(phone(page, "Ibu Sari").get_by_role("button", name="<i>Ya</i>")).to_be_visible()
    assert await phone(page, "Ibu Sari").locator(".log img").count() == 0


async def test_edits_and_deletions_are_applied(page: Page, service: Service) -> None:
    first = await service.says("Satu")
    second = await service.says("Dua")
    await service.says(Edit(1, "Satu **lagi**", YES_NO), ref=first)
    await expect(bubbles(page, "Ibu Sari").first).to_have_text("Satu lagi")
    await expect(phone(page, "Ibu Sari").locator(".facts").first).to_contain_text("diubah")
    await expect(phone(page, "Ibu Sari").get_by_role("button", name="Tidak")).to_be_visible()
    await service.says(Deletion(2), ref=second)
    await expect(bubbles(page, "Ibu Sari")).to_have_count(1)
    await service.says(Deletion(2), ref=second)


async def test_a_deletion_takes_the_officer_s_own_words_back_too(page: Page, service: Service) -> None:
    await write(page, "Dewi", "/cari 8171021503859901")
    search = await service.hears()
    await service.says(Deletion(message_id=search.message_id), to=DEWI)
    await expect(bubbles(page, "Dewi")).to_have_count(0)


async def test_a_protected_photo_is_marked_shown_large_and_blanked(page: Page, service: Service) -> None:
    dewi = phone(page, "Dewi")
    sent_id = await service.says(
        Message("NIK 8171 0215 0385 9901", photo="p.bin", protected=True), to=DEWI, file=picture()
    )
    await expect(dewi.locator(".facts")).to_contain_text("Dilindungi")
    await dewi.get_by_role("button", name="Lihat foto").click()
    large = page.get_by_role("dialog", name="Foto")
    await expect(large.get_by_role("img")).to_have_js_property("naturalWidth", 400)
    await page.keyboard.press("Escape")
    await expect(large).to_be_hidden()
    await service.says(Edit(1, blank=True), to=DEWI, ref=sent_id)
    await expect(bubbles(page, "Dewi")).to_have_text("Isi pesan ini sudah dihapus.")
    await expect(dewi.get_by_role("button", name="Lihat foto")).to_have_count(0)
    await page.reload()
    await expect(bubbles(page, "Dewi")).to_have_text("Isi pesan ini sudah dihapus.")


async def test_a_document_is_a_card_that_is_saved_under_its_name(page: Page, service: Service) -> None:
    name, paper = "Hadir Latuhalat & Nusaniwe.xlsx", b"PK" + bytes(range(256)) * 2000
    out = Message("Daftar **hadir** hari ini.", YES_NO, document="d-1", document_name=name)
    await service.says(out, to=DEWI, file=paper)
    await service.says(Message("Rahasia", document="d-2", document_name="a.pdf", protected=True), to=DEWI, file=b"x")
    await page.reload()
    dewi = phone(page, "Dewi")
    card = dewi.get_by_role("button", name=f"Simpan {name}, 512 kB")
    async with page.expect_download() as saving:
        await card.click()
    saved = await saving.value
    assert saved.suggested_filename.removesuffix(".xlsx").startswith("Hadir Latuhalat")
    assert (await asyncio.to_thread(Path(await saved.path()).read_bytes)) == paper
    await expect(bubbles(page, "Dewi").first).to_contain_text("Daftar hadir hari ini.")
    await expect(dewi.locator(".file")).to_have_count(2)
    await expect(dewi.get_by_role("button", name="Simpan")).to_have_count(1)


async def test_a_reload_keeps_everything(page: Page, service: Service) -> None:
    await service.says(Commands((("status", "Lihat status"),)))
    await service.says(Message("Kirim nomor HP.", YES_NO, asks_phone="Kirim nomor saya"))
    await attach(page, "Ibu Sari", "Kirim foto", file("ktp.jpg", "image/jpeg", picture()))
    photo = await service.hears()
    await expect(ticks(page, "Ibu Sari")).to_have_text("Sudah diterima")
    await page.reload()
    await connected(page)
    sari = phone(page, "Ibu Sari")
    await expect(bubbles(page, "Ibu Sari")).to_have_text("Kirim nomor HP.")
    await expect(sari.get_by_role("button", name="Kirim nomor saya")).to_be_visible()
    await expect(sari.get_by_role("button", name="Menu perintah")).to_be_visible()
    await expect(sari.get_by_role("img", name="Foto yang dikirim")).to_have_js_property("naturalWidth", 400)
    assert photo.attachment is not None
    assert await service.webchat.fetch(photo.attachment, limit=1_000_000) == picture()


async def test_nothing_typed_is_lost_while_the_service_is_away(page: Page, service: Service) -> None:
    await write(page, "Ibu Sari", "satu")
    assert (await service.hears()).text == "satu"
    await service.stop()
    for text in ("dua", "tiga", "empat"):
        await write(page, "Ibu Sari", text)
    await write(page, "Dewi", "/antrean")
    await expect(page.locator("#line")).to_have_text("Menyambung lagi…")
    await expect(ticks(page, "Ibu Sari").last).to_have_text("Terkirim, menunggu layanan")
    await service.start()
    await connected(page)
    heard = [await service.hears() for _ in range(4)]
    assert [said.text for said in heard if said.address.id == SARI] == ["dua", "tiga", "empat"]
    assert [said.text for said in heard if said.address.id == DEWI] == ["/antrean"]
    await expect(ticks(page, "Ibu Sari").last).to_have_text("Sudah diterima")
    assert service.heard.empty()


async def test_what_waits_survives_a_reload(page: Page, service: Service) -> None:
    service.status = 503
    await write(page, "Ibu Sari", "satu")
    await write(page, "Ibu Sari", "dua")
    await expect(ticks(page, "Ibu Sari").last).to_have_text("Terkirim, menunggu layanan")
    await page.reload()
    service.status = 200
    heard = [await service.hears() for _ in range(2)]
    assert [said.text for said in heard] == ["satu", "dua"]
    assert set(service.refused) == {heard[0].key}


async def test_a_repeat_is_shown_once(page: Page, service: Service) -> None:
    await page.route("**/confirm", lambda route: route.abort())
    service.webchat.patience = 1
    with pytest.raises(Temporary):
        await service.says("Halo")
    await expect(bubbles(page, "Ibu Sari")).to_have_text("Halo")
    service.webchat.patience = 20
    await page.unroute("**/confirm")
    sent_id = await service.says("Halo")
    await service.says(Edit(1, "Halo lagi"), ref=sent_id)
    await expect(bubbles(page, "Ibu Sari")).to_have_text("Halo lagi")


async def test_pictures_documents_and_albums_are_told_apart(page: Page, service: Service) -> None:
    await attach(page, "Ibu Sari", "Kirim berkas", file("ktp.png", "image/png", b"\x89PNG"))
    await attach(page, "Ibu Sari", "Kirim berkas", file("surat.pdf", "application/pdf", b"%PDF-1.7"))
    two = [file(f"{n}.jpg", "image/jpeg", picture()) for n in range(2)]
    await attach(page, "Ibu Sari", "Kirim foto", *two)
    files = [(await service.hears()).attachment for _ in range(4)]
    assert all(isinstance(sent, Attachment) for sent in files)
    assert [sent.what for sent in files if sent] == ["image", "document", "photo", "photo"]
    assert [sent.mime for sent in files[:2] if sent] == ["image/png", "application/pdf"]
    assert [sent.file_name for sent in files[:2] if sent] == ["ktp.png", "surat.pdf"]
    assert files[1] is not None
    assert await service.webchat.fetch(files[1], limit=100) == b"%PDF-1.7"
    albums = [sent.album for sent in files if sent]
    assert albums[:2] == ["", ""]
    assert albums[2] == albums[3] != ""
    await expect(phone(page, "Ibu Sari").locator(".file").last).to_contain_text("surat.pdf")


async def test_a_file_the_page_never_had_is_gone(page: Page, service: Service) -> None:
    with pytest.raises(FetchFailed) as problem:
        await service.webchat.fetch(Attachment("photo", "f-1"), limit=100)
    assert problem.value.final


async def test_the_own_number_is_shared_by_one_press(page: Page, service: Service) -> None:
    await service.says(Message("Nomor HP?", asks_phone="Kirim nomor HP saya"))
    offer = phone(page, "Ibu Sari").get_by_role("button", name="Kirim nomor HP saya")
    await offer.click()
    shared = await service.hears()
    assert (shared.kind, shared.phone, shared.own) == (Kind.PHONE, "+6281234500001", True)
    await expect(offer).to_be_hidden()
    await expect(phone(page, "Ibu Sari").locator(".file")).to_contain_text("0812-3450-0001")
    without = (Choice("Tidak punya HP", "f:1:phone:0"),)
    await service.says(Message("Nomor HP?", without, asks_phone="Kirim nomor HP saya"))
    await expect(offer).to_be_visible()
    ready = phone(page, "Ibu Sari").get_by_role("button", name="Tidak punya HP")
    await expect(ready).to_be_visible()
    await service.says(Message("Baik.", ends_phone=True))
    await expect(offer).to_be_hidden()
    await expect(ready).to_have_count(0)


async def test_the_newest_own_message_can_be_changed(page: Page, service: Service) -> None:
    await write(page, "Ibu Sari", "SARNI")
    await write(page, "Ibu Sari", "TUHUMURI")
    first, second = await service.hears(), await service.hears()
    box = phone(page, "Ibu Sari").get_by_role("textbox")
    await box.press("ArrowUp")
    await expect(box).to_have_value("TUHUMURI")
    await write(page, "Ibu Sari", "TUHUMURY")
    edit = await service.hears()
    assert (edit.kind, edit.text, edit.message_id) == (Kind.EDIT, "TUHUMURY", second.message_id)
    await expect(bubbles(page, "Ibu Sari")).to_have_text(["SARNI", "TUHUMURY"])
    await expect(phone(page, "Ibu Sari").get_by_role("button", name="Ubah pesan ini")).to_have_count(1)
    await phone(page, "Ibu Sari").get_by_role("button", name="Ubah pesan ini").click()
    await box.press("Escape")
    await expect(box).to_have_value("")
    assert first.message_id != second.message_id
    assert service.heard.empty()


async def test_commands_are_chosen_with_keys_alone(page: Page, service: Service) -> None:
    dewi = phone(page, "Dewi")
    await expect(dewi.get_by_role("button", name="Menu perintah")).to_be_hidden()
    await service.says(Commands((("antrean", "Lihat antrean"), ("ambil", "Ambil satu"))), to=DEWI)
    menu = dewi.get_by_role("button", name="Menu perintah")
    await menu.focus()
    await page.keyboard.press("Enter")
    await expect(dewi.get_by_role("menuitem", name="/antrean")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(menu).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert (await service.hears()).text == "/ambil"
    await expect(dewi.get_by_role("textbox")).to_be_focused()
    await service.says(Commands(), to=DEWI)
    await expect(menu).to_be_hidden()


async def test_an_alert_waits_to_be_read(page: Page, service: Service) -> None:
    await service.says(Message("Setuju?", YES_NO))
    await phone(page, "Ibu Sari").get_by_role("button", name="Ya").click()
    tap = await service.hears()
    await service.says(Acknowledgement(tap.tap_id, "Sudah diputus oleh Dewi.", alert=True))
    alert = phone(page, "Ibu Sari").get_by_role("alertdialog")
    await expect(alert).to_contain_text("Sudah diputus oleh Dewi.")
    await expect(alert.get_by_role("button", name="Baik")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(alert).to_be_hidden()


async def test_dots_show_that_an_answer_comes(page: Page, service: Service) -> None:
    await service.webchat.show_typing(SARI)
    await expect(phone(page, "Ibu Sari").locator(".busy")).to_have_text("sedang mengetik…")
    await service.says("Ini dia.")
    await expect(phone(page, "Ibu Sari").locator(".busy")).to_have_text("layanan pesan")
    await expect(phone(page, "Ibu Sari").locator(".dots")).to_have_count(0)


async def test_who_blocks_the_service_is_unreachable_until_coming_back(page: Page, service: Service) -> None:
    sari = phone(page, "Ibu Sari")
    await sari.get_by_role("button", name="Pilihan lain").click()
    await sari.get_by_role("menuitem", name="Blokir layanan").click()
    assert (await service.hears()).kind is Kind.BLOCKED
    with pytest.raises(Stopped):
        await service.says("Halo")
    await sari.get_by_role("button", name="Buka blokir").click()
    assert (await service.hears()).kind is Kind.RETURNED
    await service.says("Halo")
    await expect(bubbles(page, "Ibu Sari")).to_have_text("Halo")


async def test_a_cleared_chat_is_empty_and_stays_so(page: Page, service: Service) -> None:
    await service.says(Message("KTP", photo="p.bin"), file=picture())
    sari = phone(page, "Ibu Sari")
    await sari.get_by_role("button", name="Pilihan lain").click()
    await sari.get_by_role("menuitem", name="Bersihkan percakapan").click()
    await expect(sari.get_by_role("button", name="Mulai")).to_be_visible()
    await page.reload()
    await connected(page)
    await expect(sari.locator(".message")).to_have_count(0)


async def test_pak_budi_gets_a_phone_of_his_own(page: Page, service: Service) -> None:
    await page.get_by_role("button", name="Tambah HP").click()
    await page.get_by_role("menuitem", name="Pekerja").click()
    await write(page, "Pak Budi", "DAFTAR")
    said = await service.hears()
    assert (said.address.id, said.first_name) == (BUDI, "Budi")
    await expect(bubbles(page, "Ibu Sari")).to_have_count(0)
    await page.reload()
    await expect(bubbles(page, "Pak Budi")).to_have_text("DAFTAR")


async def test_a_message_for_a_phone_not_yet_there_opens_it(page: Page, service: Service) -> None:
    await service.says("Satu", to="officer-2")
    await service.says("Dua", to="officer-2")
    await expect(page.locator("#phone-officer-2 .text")).to_have_text(["Satu", "Dua"])
    with pytest.raises(Stopped):
        await service.says("Halo", to="stranger")


async def test_only_one_window_has_the_chat(page: Page, window: BrowserContext, service: Service) -> None:
    await service.says("Halo")
    second = await window.new_page()
    await second.goto(service.address)
    await second.get_by_role("button", name="Pakai di sini").click()
    await connected(second)
    await expect(bubbles(second, "Ibu Sari")).to_have_text("Halo")
    await expect(page.get_by_role("dialog", name="Peragaan ini terbuka di jendela lain")).to_be_visible()
    await service.says("Lagi")
    await expect(bubbles(second, "Ibu Sari")).to_have_count(2)
    await page.get_by_role("button", name="Pakai di sini").click()
    await connected(page)
    await expect(bubbles(page, "Ibu Sari")).to_have_text(["Halo", "Lagi"])


async def test_an_old_address_says_so(page: Page, service: Service) -> None:
    await page.route("**/events", lambda route: route.fulfill(status=403))
    await page.route("**/icon.svg", lambda route: route.fulfill(status=403))
    await page.reload()
    await expect(page.locator("#line")).to_contain_text("tidak berlaku lagi")


async def test_a_narrow_screen_shows_one_phone_and_what_waits_on_the_others(page: Page, service: Service) -> None:
    await page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    await expect(phone(page, "Ibu Sari")).to_be_visible()
    await expect(phone(page, "Dewi")).to_be_hidden()
    await service.says("Ada 1 pendaftaran baru.", to=DEWI)
    await page.get_by_role("button", name="Dewi, Petugas, 1 pesan baru").click()
    await expect(phone(page, "Dewi")).to_be_visible()
    await expect(phone(page, "Ibu Sari")).to_be_hidden()
    await expect(page.get_by_role("button", name="Dewi, Petugas", exact=True)).to_be_visible()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW["width"]


async def test_every_press_has_a_name_for_those_who_do_not_see_it(page: Page, service: Service) -> None:
    await service.says(Message("Foto", YES_NO, photo="p.bin", asks_phone="Kirim nomor"), file=picture())
    await write(page, "Ibu Sari", "ya")
    tree = await page.locator("body").aria_snapshot()
    assert not re.findall(r"- (?:button|textbox|img|log|region|dialog)(?: \[[^\]]*\])*:?$", tree, re.MULTILINE)
    assert re.search(r'log "Percakapan Ibu Sari"', tree)
    assert await page.locator("html").get_attribute("lang") == "id"


async def test_the_end_of_a_long_chat_is_in_sight(page: Page, service: Service) -> None:
    for n in range(15):
        await service.says(f"Pesan {n}\nbaris\nbaris")
    newest = phone(page, "Ibu Sari").get_by_text("Pesan 14")
    await expect(newest).to_be_in_viewport()
    await phone(page, "Ibu Sari").get_by_role("log").evaluate("log => log.scrollTo(0, 0)")
    await service.says("Pesan 15")
    await expect(phone(page, "Ibu Sari").get_by_text("Pesan 15")).not_to_be_in_viewport()
    await phone(page, "Ibu Sari").get_by_role("button", name="Ke pesan terbaru").click()
    await expect(phone(page, "Ibu Sari").get_by_text("Pesan 15")).to_be_in_viewport()
