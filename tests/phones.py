"""The phones of the demo page in a real Chromium, as the people who hold them use them: read, type, tap, send.

    sari = Phone(page, "Ibu Sari")
    await sari.says("DAFTAR")
    await sari.hears("gratis")              # a message that came after what she did last
    await sari.taps("Setuju")               # the newest button of this name

Not for: the page's own manners (test_webchat_page.py) or starting the program (program.py).
"""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from PIL import Image, ImageDraw, ImageFilter, ImageFont
from playwright.async_api import BrowserContext, Locator, Page, async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_PATIENCE = 20.0

_NEW = "(all, known) => all.filter(one => !known.includes(one.dataset.id)).map(one => one.innerText)"
_KNOWN = "all => all.map(one => one.dataset.id)"


@asynccontextmanager
async def window(*, width: int, height: int, scale: float = 1) -> AsyncIterator[BrowserContext]:
    """A browser window of this size, speaking Indonesian, in Ambon's time."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        window = await browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale="id-ID",
            timezone_id="Asia/Jayapura",
        )
        window.set_default_timeout(_PATIENCE * 1000)
        try:
            yield window
        finally:
            await browser.close()


async def connected(page: Page) -> None:
    """Wait until the page speaks with the program."""
    await expect(page.locator("#line")).to_have_text("Tersambung", timeout=_PATIENCE * 1000)


class Phone:
    """One phone of the page; `name` is its owner's."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name
        self.element: Locator = page.get_by_role("region", name=f"HP {name},")
        self._known: list[str] = []

    async def says(self, text: str) -> None:
        """Type and send."""
        await self._looks()
        box = self.element.get_by_role("textbox")
        await box.fill(text)
        await box.press("Enter")

    async def taps(self, label: str) -> None:
        """Press the newest button of this name."""
        await self._looks()
        await self.element.get_by_role("button", name=label, exact=True).last.click()

    async def sends(self, picture: bytes, *, name: str = "ktp.jpg") -> None:
        """Send a picture with the paper clip."""
        await self._looks()
        async with self.page.expect_file_chooser() as choosing:
            await self.element.get_by_role("button", name="Lampirkan").click()
            await self.element.get_by_role("menuitem", name="Kirim foto").click()
        await (await choosing.value).set_files({"name": name, "mimeType": "image/jpeg", "buffer": picture})

    async def hears(self, text: str) -> str:
        """Wait for a message that holds this text and came after the person's last doing; the whole message."""
        new: list[str] = []
        for _ in range(int(_PATIENCE / 0.05)):
            new = await self._theirs.evaluate_all(_NEW, self._known)
            if found := [message for message in new if text in message]:
                return str(found[-1])
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.name} does not hear {text!r} but {new!r}")

    async def sees(self, text: str, *, times: int = 1) -> None:
        """Wait until this text stands in the chat exactly so many times."""
        found = self._theirs.filter(has_text=text)
        await expect(found).to_have_count(times, timeout=_PATIENCE * 1000)

    async def is_told(self, text: str) -> None:
        """Wait for the short answer to a tap, which goes again by itself."""
        told = self.element.get_by_role("status")
        await expect(told).to_contain_text(text, timeout=_PATIENCE * 1000)

    async def is_read(self) -> None:
        """Wait until the program has stored everything this person said."""
        await expect(self.element.locator(".ticks.sent")).to_have_count(0, timeout=_PATIENCE * 1000)

    @property
    def _theirs(self) -> Locator:
        return self.element.locator(".message.theirs")

    async def _looks(self) -> None:
        self._known = await self._theirs.evaluate_all(_KNOWN)


def drawn_ktp(*, name: str, nik: str, lines: tuple[str, ...] = (), blurred: bool = False) -> bytes:
    """A picture like a photo of a KTP on a table, with invented writing and the word for specimen across it."""
    card = Image.new("RGB", (1000, 630), (178, 205, 226))
    draw = ImageDraw.Draw(card)
    for y in range(0, 630, 6):
        draw.line((0, y, 1000, y), fill=(168, 196, 219))
    draw.text((500, 46), "PROVINSI MALUKU", anchor="mm", fill=(15, 20, 35), font=_font(36))
    draw.text((500, 92), "KOTA AMBON", anchor="mm", fill=(15, 20, 35), font=_font(34))
    draw.text((40, 150), f"NIK : {nik}", fill=(10, 15, 30), font=_font(44))
    for row, line in enumerate((f"Nama : {name}", *lines)):
        draw.text((40, 220 + row * 46), line, fill=(15, 20, 35), font=_font(29))
    draw.rectangle((760, 210, 960, 460), fill=(176, 60, 52))
    draw.ellipse((812, 240, 908, 350), fill=(122, 84, 66))
    draw.pieslice((780, 350, 940, 560), 180, 360, fill=(60, 74, 96))
    draw.rectangle((760, 460, 960, 470), fill=(178, 205, 226))
    draw.text((500, 560), "CONTOH, BUKAN KTP", anchor="mm", fill=(198, 60, 60), font=_font(54))
    table = Image.new("RGB", (1180, 800), (148, 116, 84))
    table.paste(card, (90, 85))
    if blurred:
        table = table.filter(ImageFilter.GaussianBlur(14))
    file = io.BytesIO()
    table.save(file, "JPEG", quality=88)
    return file.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
