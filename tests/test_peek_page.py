"""The page of photo and NIK in a real Chromium: a link, a button, a look, and nothing after it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright, expect

from bot.page import PageDoor
from bot.web import build_doors
from conversation.messages import Photo
from domain.limits import Limits
from domain.registration import Registration
from domain.rules import Rules
from tests.office_desk import SARI, OfficeDesk, Someone, database, engine_for
from tests.pictures import ktp_photo
from tests.program import free_port
from tests.servers.doors import open_doors

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
DRAWN = os.environ.get("PEEK_PICTURES", "")
"""A folder for pictures of the page, for whoever wants to look at it."""

expect.set_options(timeout=20_000)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


async def nothing(channel: str, body: bytes, headers: Mapping[str, str]) -> int:
    return 404


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    """An office whose network takes no message back, with its door open."""
    with database("sqlite", tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        port = free_port()
        desk.office = replace(desk.office, limits={"test": Limits(deletes=False)}, page=f"http://127.0.0.1:{port}")
        await desk.store.open()
        door = PageDoor(desk.store, desk.office)
        async with open_doors(build_doors(receive=nothing, rooms={door.path: door}), port=port):
            yield desk
        await desk.store.close()


@pytest_asyncio.fixture(loop_scope="module")
async def dewi(desk: OfficeDesk) -> Someone:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    return dewi


@pytest_asyncio.fixture(loop_scope="module")
async def case(desk: OfficeDesk, dewi: Someone) -> Registration:
    """A case with its photo on the disk, which Dewi has taken."""
    case = await desk.registers(desk.someone("Sari"))
    photo = await desk.store.transact(lambda tx: tx.registrations.photo(case.id))
    assert photo is not None
    desk.store.media.write(ktp_photo(), name=photo.name)
    await dewi.says("/ambil")
    return case


@pytest_asyncio.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"], loop_scope="module")
async def window(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser without scripts, on a phone and on a desk: the page needs none."""
    phone = request.param is PHONE
    window = await browser.new_context(
        viewport=request.param, locale="id-ID", java_script_enabled=False, has_touch=phone, is_mobile=phone
    )
    window.set_default_timeout(20_000)
    yield window
    await window.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(window: BrowserContext) -> AsyncIterator[Page]:
    """A page; at the end nothing on it may have been kept back by its own policy, or come from elsewhere."""
    page = await window.new_page()
    broken: list[str] = []
    page.on("console", lambda line: broken.append(line.text) if "olicy" in line.text else None)
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(("http://127.0.0.1", "data:")) else broken.append(asked.url),
    )
    yield page
    assert broken == []


async def link(dewi: Someone, case: Registration) -> str:
    found = re.search(r"^http\S+$", await dewi.says(f"/halaman {case.receipt}"), re.MULTILINE)
    assert found is not None
    return found[0]


async def draw(page: Page, name: str) -> None:
    if DRAWN:
        size = page.viewport_size
        assert size is not None
        await page.screenshot(path=f"{DRAWN}/{name}-{size['width']}.png", full_page=True)


async def fits(page: Page) -> bool:
    """Whether nothing stands out to the side."""
    box, size = await page.locator("main").bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    return box["x"] >= 0 and box["x"] + box["width"] <= size["width"]


async def test_a_link_a_button_a_look_and_nothing_after_it(
    desk: OfficeDesk, dewi: Someone, case: Registration, page: Page
) -> None:
    await page.goto(await link(dewi, case))
    button = page.get_by_role("button", name="Tampilkan")
    await expect(button).to_be_visible()
    assert SARI["nik"] not in await page.content()
    await draw(page, "button")
    await button.click()
    await expect(page.get_by_text(SARI["nik"])).to_be_visible()
    await expect(page.get_by_role("heading", name=f"Kasus {case.receipt}")).to_be_visible()
    photo = page.get_by_role("img", name="Foto KTP")
    await expect(photo).to_be_visible()
    assert await fits(page)
    await draw(page, "shown")
    assert "Pekerja dikabari" in await dewi.taps("Setujui")
    await page.reload()
    await expect(page.get_by_text("sudah dipakai")).to_be_visible()
    assert SARI["nik"] not in await page.content()
    assert await page.locator("img").count() == 0
    await draw(page, "used")
    for way in (page.go_back, page.go_forward, page.reload):
        with contextlib.suppress(Error):  # the browser asks before it sends a form again
            await way()
        await page.wait_for_load_state()
        await expect(page.locator("body")).not_to_contain_text(SARI["nik"])


async def test_the_button_is_reached_with_keys_alone(dewi: Someone, case: Registration, page: Page) -> None:
    await page.goto(await link(dewi, case))
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Tampilkan")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(SARI["nik"])).to_be_visible()


async def test_a_press_on_the_photo_makes_it_large_and_another_one_small(
    desk: OfficeDesk, dewi: Someone, case: Registration, page: Page
) -> None:
    letter = io.BytesIO()
    Image.new("RGB", (600, 900), "white").save(letter, "JPEG")
    desk.store.media.write(letter.getvalue(), name="f" * 32)
    await desk.store.transact(lambda tx: tx.registrations.add_photo(case.id, "evidence", Photo("f" * 32, 600, 900)))
    await page.goto(await link(dewi, case))
    await page.get_by_role("button", name="Tampilkan").click()
    photo = page.get_by_role("img", name="Foto KTP")
    small = await photo.bounding_box()
    await photo.click()
    await expect(page.get_by_role("link", name="Kecilkan lagi")).to_have_count(1)
    large = await photo.bounding_box()
    assert small is not None
    assert large is not None
    assert large["width"] > 2 * small["width"]
    assert await fits(page)
    await draw(page, "large")
    await page.get_by_role("link", name="Kecilkan lagi").click()
    again = await photo.bounding_box()
    assert again is not None
    assert again["width"] == small["width"]
    await expect(page.get_by_text(SARI["nik"])).to_be_visible()
    await expect(page.get_by_role("img", name=f"Surat untuk {case.receipt}")).to_be_visible()
    await draw(page, "letter")


async def test_it_can_be_read_by_who_does_not_see_it(dewi: Someone, case: Registration, page: Page) -> None:
    await page.goto(await link(dewi, case))
    for press in (True, False):
        assert await page.locator("html").get_attribute("lang") == "id"
        assert await page.get_by_role("heading", level=1).count() == 1
        tree = await page.locator("body").aria_snapshot()
        assert not re.findall(r"- (?:button|img|link)(?: \[[^\]]*\])*:?$", tree, re.MULTILINE)
        if press:
            await page.get_by_role("button").click()
            await expect(page.get_by_text(SARI["nik"])).to_be_visible()
