"""The door to the page of photo and NIK, over real HTTP: what opens it once, and everything that must not."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from bot.page import MOST_BYTES, PageDoor
from bot.web import build_doors
from conversation.messages import Photo
from domain.limits import Limits
from domain.registration import Registration
from domain.rules import Rules
from tests.office_desk import SARI, OfficeDesk, Someone, database, engine_for
from tests.pictures import ktp_photo
from tests.program import Program, by_polling, free_port
from tests.servers.doors import open_doors
from tests.servers.officer_browser import OfficerBrowser
from tests.servers.telegram import TelegramServer
from tests.talks import Talk, Told, invented_nik

USED = "sudah dipakai atau tidak berlaku lagi"
NOBODY = f"{'a' * 56}"


async def nothing(channel: str, body: bytes, headers: Mapping[str, str]) -> int:
    return 404


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with database("sqlite", tmp_path) as address:
        yield address


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    """An office whose network takes no message back, with its door open."""
    desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
    port = free_port()
    desk.office = replace(desk.office, limits={"test": Limits(deletes=False)}, page=f"http://127.0.0.1:{port}")
    await desk.store.open()
    door = PageDoor(desk.store, desk.office)
    async with open_doors(build_doors(receive=nothing, rooms={door.path: door}), port=port):
        yield desk
    await desk.store.close()


@pytest.fixture
async def dewi(desk: OfficeDesk) -> Someone:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    return dewi


@pytest.fixture
async def case(desk: OfficeDesk, dewi: Someone) -> Registration:
    """A case with its photo on the disk, which Dewi has taken."""
    case = await desk.registers(desk.someone("Sari"))
    photo = await desk.store.transact(lambda tx: tx.registrations.photo(case.id))
    assert photo is not None
    desk.store.media.write(ktp_photo(), name=photo.name)
    await dewi.says("/ambil")
    return case


@pytest.fixture
async def link(dewi: Someone, case: Registration) -> str:
    return await ask(dewi, case)


@pytest.fixture
async def browser() -> AsyncIterator[OfficerBrowser]:
    async with OfficerBrowser() as browser:
        yield browser


async def ask(dewi: Someone, case: Registration) -> str:
    found = re.search(r"^http\S+$", await dewi.says(f"/halaman {case.receipt}"), re.MULTILINE)
    assert found is not None
    return found[0]


async def views(desk: OfficeDesk, case: Registration) -> int:
    rows = await desk.store.transact(lambda tx: tx.sights.of(case.id, limit=99))
    return [row["kind"] for row in rows].count("ktp")


async def is_unopened(desk: OfficeDesk, case: Registration, browser: OfficerBrowser, link: str) -> None:
    """All that was tried has shown nothing and used nothing up: the officer still gets in."""
    assert await views(desk, case) == 0
    status, page = await browser.looks(link)
    assert (status, SARI["nik"] in page) == (200, True)


# The straight road


async def test_dewi_presses_once_and_sees_photo_and_nik(
    desk: OfficeDesk, dewi: Someone, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    status, page = await browser.looks(link)
    assert status == 200
    for value in (SARI["nik"], SARI["name"], "4 Maret 1985", "perempuan", "RT 001/RW 002", "0812-3450-0001"):
        assert value in page
    assert str(case.receipt) in page
    picture = re.search(r'src="data:image/jpeg;base64,([^"]+)"', page)
    assert picture is not None
    assert base64.b64decode(picture[1]) == ktp_photo()
    assert await views(desk, case) == 1
    assert browser.cookies() == []
    assert "Pekerja dikabari" in await dewi.taps("Setujui")


async def test_the_button_tells_nothing_and_is_the_same_for_every_address(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    async with browser.http.get(link) as answer:
        page = await answer.text()
    for told in (str(case.receipt), SARI["nik"], SARI["name"], "Dewi", link.rpartition("/")[2]):
        assert told not in page
    spent, foreign = link, f"{desk.office.page}/lihat/{NOBODY}"
    await browser.looks(spent)
    pages = []
    for address in (spent, foreign):
        async with OfficerBrowser() as fresh, fresh.http.get(address) as answer:
            told = {name: value for name, value in answer.headers.items() if name not in ("Set-Cookie", "date")}
            pages.append((answer.status, told, re.sub(r"[0-9a-f]{64}", "", await answer.text())))
    assert pages[0] == pages[1]
    assert pages[0][2] == re.sub(r"[0-9a-f]{64}", "", page)


async def test_previews_crawlers_and_many_looks_at_the_button_open_nothing(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    for agent in ("WhatsApp/2.23", "TelegramBot (like TwitterBot)", "facebookexternalhit/1.1", "Googlebot/2.1"):
        async with OfficerBrowser() as preview:
            for method in ("GET", "HEAD", "GET"):
                async with preview.http.request(method, link, headers={"User-Agent": agent}) as answer:
                    assert answer.status == 200
                    assert SARI["nik"] not in await answer.text()
                    assert method == "GET" or await answer.read() == b""
    await is_unopened(desk, case, browser, link)


async def test_the_button_may_be_looked_at_again_before_it_is_pressed(link: str, browser: OfficerBrowser) -> None:
    first = await browser.opens(link)
    assert await browser.opens(link) == first
    assert (await browser.presses(link, first))[0] == 200


# Once, and in one browser


async def test_a_second_press_shows_nothing(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    proof = await browser.opens(link)
    cookie = browser.cookies()[0]
    await browser.presses(link, proof)
    for headers in ({}, {"Cookie": f"lihat={cookie}"}):
        status, page = await browser.presses(link, proof, **headers)
        assert (status, USED in page, SARI["nik"] in page) == (410, True, False)
    status, page = await browser.looks(link)
    assert (status, USED in page) == (410, True)
    assert "HALAMAN" in page
    assert await views(desk, case) == 1


async def test_of_many_presses_at_once_one_is_answered(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    proof = await browser.opens(link)
    async with OfficerBrowser() as other:
        others = await other.opens(link)
        said = await asyncio.gather(
            *(browser.presses(link, proof) for _ in range(8)), *(other.presses(link, others) for _ in range(8))
        )
    assert sorted(status for status, _ in said) == [200] + [410] * 15
    assert len([page for _, page in said if SARI["nik"] in page]) == 1
    assert await views(desk, case) == 1


async def test_another_browser_s_button_does_not_count(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    async with OfficerBrowser() as other, OfficerBrowser() as without:
        foreign = await other.opens(link)
        await browser.opens(link)
        for somebody in (browser, without):
            status, page = await somebody.presses(link, foreign)
            assert (status, USED in page) == (410, True)
    await is_unopened(desk, case, browser, link)


async def test_a_button_is_for_one_address(
    desk: OfficeDesk, dewi: Someone, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    other = f"{desk.office.page}/lihat/{NOBODY}"
    proof, cookie = await browser.opens(other), browser.cookies()[0]
    status, _ = await browser.presses(link, proof, Cookie=f"lihat={cookie}")
    assert status == 410
    await is_unopened(desk, case, browser, link)


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "lihat=",
        "lihat=x",
        f"lihat={'x' * 42}",
        f"lihat={'x' * 44}",
        "other=y",
        "lihat",
        "lihat=;;=",
        "__Secure-lihat=x",
    ],
)
async def test_no_made_up_cookie_counts(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser, cookie: str
) -> None:
    async with OfficerBrowser() as other:
        proof = await other.opens(link)
    async with aiohttp.ClientSession() as http, http.post(link, data={"k": proof}, headers={"Cookie": cookie}) as said:
        assert said.status == 410
    await is_unopened(desk, case, browser, link)


BODIES = [
    b"",
    b"k=",
    b"k",
    b"x=1",
    b"k=%00",
    b"k=\xff\xfe",
    b"k=%C3%A9",
    b"k={proof}&k={proof}",
    b"k={proof}&x=1&y=2",
    b"k={proof}x",
    b"K={proof}",
    b'{"k": "{proof}"}',
    b"&" * 900,
]


async def test_no_made_up_body_counts(desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser) -> None:
    proof = await browser.opens(link)
    for body in BODIES:
        data = io.BytesIO(body.replace(b"{proof}", proof.encode()))
        async with browser.http.post(link, data=data) as answer:
            assert answer.status == 410, body
            assert USED in await answer.text()
    await is_unopened(desk, case, browser, link)


async def test_a_long_body_is_not_read(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    async def in_parts() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"k" * 1024

    proof = await browser.opens(link)
    for data in (io.BytesIO(f"k={proof}&x={'y' * MOST_BYTES}".encode()), in_parts()):
        async with browser.http.post(link, data=data) as answer:
            assert answer.status == 413
    await is_unopened(desk, case, browser, link)


async def test_a_press_that_breaks_off_opens_nothing(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    proof, path = await browser.opens(link), link.removeprefix(desk.office.page)
    port = int(desk.office.page.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nCookie: lihat={browser.cookies()[0]}\r\nContent-Length: 66\r\n\r\n"
    writer.write(f"{head}k={proof[:20]}".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await is_unopened(desk, case, browser, link)


# From where a press comes


FOREIGN = [
    {"Origin": "https://lindung.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://127.0.0.1:{port}"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://127.0.0.1:{port}.example"},
    {"Origin": "http://localhost:{port}", "Host": "localhost:{port}"},
    {"Origin": "http://lindung.example", "X-Forwarded-Host": "lindung.example", "Host": "lindung.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "cross-site"},
]


async def test_a_press_from_another_site_does_not_count(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    proof, port = await browser.opens(link), desk.office.page.rpartition(":")[2]
    for headers in FOREIGN:
        told = {name: value.replace("{port}", port) for name, value in headers.items()}
        status, page = await browser.presses(link, proof, **told)
        assert (status, USED in page) == (410, True), told
    await is_unopened(desk, case, browser, link)


async def test_a_press_from_our_own_page_counts_and_a_proxy_may_stand_before_us(
    desk: OfficeDesk, link: str, browser: OfficerBrowser
) -> None:
    own = {"Origin": desk.office.page, "Sec-Fetch-Site": "same-origin"}
    proxy = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https", "Forwarded": "for=192.0.2.1", "Via": "1.1 x"}
    status, page = await browser.presses(link, await browser.opens(link), **own, **proxy)
    assert (status, SARI["nik"] in page) == (200, True)


# Who may see it


@pytest.mark.parametrize("lost", ["expired", "suspended", "given back", "decided", "changed", "newer", "erased"])
async def test_what_no_longer_holds_is_the_same_kind_page(
    desk: OfficeDesk, dewi: Someone, case: Registration, link: str, browser: OfficerBrowser, lost: str
) -> None:
    proof = await browser.opens(link)
    match lost:
        case "expired":
            await desk.passes(minutes=10)
        case "suspended":
            officer_id = await dewi.officer_id()
            await desk.store.transact(lambda tx: tx.staff.set_state(officer_id, "suspended"))
        case "given back":
            await dewi.says(f"/lepas {case.receipt}")
        case "decided":
            async with OfficerBrowser() as other:
                await other.looks(await ask(dewi, case))
            await dewi.taps("Setujui")
        case "changed":
            await desk.changes(case, street="RT 003/RW 004")
        case "newer":
            await ask(dewi, case)
        case _:
            await desk.withdraws(case)
    before = await views(desk, case)
    status, page = await browser.presses(link, proof)
    async with OfficerBrowser() as other:
        foreign = await other.looks(f"{desk.office.page}/lihat/{NOBODY}")
    assert (status, page) == foreign
    assert status == 410
    assert USED in page
    assert await views(desk, case) == before


async def test_a_stranger_who_guesses_is_answered_without_the_database(
    desk: OfficeDesk, browser: OfficerBrowser
) -> None:
    address = f"{desk.office.page}/lihat/{NOBODY}"
    proof = await browser.opens(address)
    await desk.store.close()
    for _ in range(50):
        status, page = await browser.presses(address, proof)
        assert (status, USED in page) == (410, True)


# Doors beside the door


async def test_no_path_beside_it_leads_anywhere(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    token = link.rpartition("/")[2]
    paths = (
        "/lihat",
        "/lihat/",
        f"/lihat/{token}/",
        f"/lihat/{token}/x",
        f"/lihat//{token}",
        f"/lihat/{token[:-1]}",
        f"/lihat/{token}a",
        f"/lihat/{token.upper()}",
        f"/lihat/%2e%2e/lihat/{token}",
        f"/lihat/..%2flihat%2f{token}",
        f"/lihat/{token}%00",
        f"/lihat/{token}%0a",
        f"/lihat/{token}%20",
        f"/lihat/{token};x",
        f"//lihat/{token}",
        f"/LIHAT/{token}",
        "/lihat/é" + token[1:],
        f"/x/../lihat/{token[1:]}",
        "/lihat/../../../etc/passwd",
        f"/lihat/{'a' * 8000}",
    )
    port = int(desk.office.page.rpartition(":")[2])
    for path in paths:
        for method in ("GET", "POST"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            assert (await reader.readline()).split()[1] in (b"404", b"400"), path
            writer.close()
    await is_unopened(desk, case, browser, link)


async def test_other_methods_are_not_known(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECTED", "POSTS"):
        async with browser.http.request(method, link) as answer:
            assert answer.status == 405 or answer.status == 400, method
    await is_unopened(desk, case, browser, link)


async def test_without_a_public_address_there_is_no_such_door(browser: OfficerBrowser) -> None:
    async with open_doors(build_doors(receive=nothing)) as port:
        for method in ("GET", "POST"):
            async with browser.http.request(method, f"http://127.0.0.1:{port}/lihat/{NOBODY}") as answer:
                assert answer.status == 404


# What stands beside the data


async def test_every_answer_is_guarded_and_kept_nowhere(desk: OfficeDesk, link: str, browser: OfficerBrowser) -> None:
    proof = await browser.opens(link)
    asked = [("GET", {}), ("POST", {"k": "x"}), ("POST", {"k": proof}), ("POST", {"k": proof}), ("PUT", {})]
    for method, data in asked:
        async with browser.http.request(method, link, data=data) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "form-action 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "script" not in policy
            assert "unsafe" not in policy
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
            assert answer.headers["Referrer-Policy"] == ("strict-origin" if method == "GET" else "no-referrer")
            assert "Server" not in answer.headers
            text = await answer.text()
            assert not re.search(r"<script|<iframe|<link|https?://|\son\w+=", text)


async def test_the_cookie_is_for_this_address_alone(link: str, browser: OfficerBrowser) -> None:
    async with browser.http.get(link) as answer:
        cookie = answer.headers["Set-Cookie"].lower()
    path = link[link.index("/lihat/") :]
    for part in ("httponly", "samesite=strict", "max-age=600", f"path={path}"):
        assert part in cookie.split("; ")
    assert "secure" not in cookie


async def test_over_https_below_another_path_the_cookie_is_for_https_only(desk: OfficeDesk) -> None:
    public = "https://lindung.example.test:443/kota"
    door = PageDoor(desk.store, replace(desk.office, page=public))
    assert door.path == "/kota/lihat/"
    async with (
        open_doors(build_doors(receive=nothing, rooms={door.path: door})) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        async with http.get(f"/kota/lihat/{NOBODY}", headers={"X-Forwarded-Proto": "http"}) as answer:
            cookie = answer.headers["Set-Cookie"].lower()
        assert cookie.startswith("__secure-lihat=")
        assert {"secure", f"path=/kota/lihat/{NOBODY}"} < set(cookie.split("; "))
        async with http.get(f"/lihat/{NOBODY}") as answer:
            assert answer.status == 404


async def test_what_people_wrote_is_only_ever_text(
    desk: OfficeDesk, dewi: Someone, case: Registration, browser: OfficerBrowser
) -> None:
    await desk.changes(case, name="<script>alert(1)</script> {value} $title \0", street='"><img src=x onerror=y>&amp;')
    status, page = await browser.looks(await ask(dewi, case))
    assert status == 200
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {value} $title" in page
    assert "&quot;&gt;&lt;img src=x onerror=y&gt;&amp;amp;" in page


async def test_the_letter_stands_under_the_photo(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser
) -> None:
    letter = io.BytesIO()
    Image.new("RGB", (300, 500), "white").save(letter, "JPEG")
    desk.store.media.write(letter.getvalue(), name="f" * 32)
    await desk.store.transact(lambda tx: tx.registrations.add_photo(case.id, "evidence", Photo("f" * 32, 300, 500)))
    _, page = await browser.looks(link)
    pictures = [base64.b64decode(data) for data in re.findall(r'base64,([^"]+)"', page)]
    assert pictures == [ktp_photo(), letter.getvalue()]
    assert f'alt="Surat untuk {case.receipt}"' in page


@pytest.mark.parametrize("broken", ["gone", "damaged"])
async def test_a_photo_that_cannot_be_read_is_said_to_be_so(
    desk: OfficeDesk, case: Registration, link: str, browser: OfficerBrowser, broken: str, tmp_path: Path
) -> None:
    (file,) = (tmp_path / "media").iterdir()
    if broken == "gone":
        file.unlink()
    else:
        file.write_bytes(b"\0" * 100)
    status, page = await browser.looks(link)
    assert status == 200
    assert "berkasnya tidak bisa dibaca" in page
    assert SARI["nik"] in page
    assert "<img" not in page


async def test_a_case_without_a_photo_says_so(desk: OfficeDesk, dewi: Someone, browser: OfficerBrowser) -> None:
    case = await desk.registers(desk.someone("Sari"), photo=False)
    await dewi.says(f"/ambil {case.receipt}")
    status, page = await browser.looks(await ask(dewi, case))
    assert status == 200
    assert "Foto KTP belum ada" in page
    assert "<img" not in page


async def test_while_the_database_is_away_the_link_is_kept_for_later(
    desk: OfficeDesk, url: str, link: str, browser: OfficerBrowser
) -> None:
    proof, cookie = await browser.opens(link), browser.cookies()[0]
    await desk.store.close()
    status, page = await browser.presses(link, proof)
    assert (status, "sebentar lagi" in page) == (503, True)
    # After a restart the button that was open still counts.
    await desk.crashes(engine_for(url))
    door = PageDoor(desk.store, desk.office)
    async with open_doors(build_doors(receive=nothing, rooms={door.path: door})) as port:
        again = link.replace(desk.office.page, f"http://127.0.0.1:{port}")
        status, page = await browser.presses(again, proof, Cookie=f"lihat={cookie}")
    assert (status, SARI["nik"] in page) == (200, True)


# The whole program


@pytest.mark.slow
async def test_the_running_program_opens_the_door_and_its_log_tells_nothing(
    tmp_path: Path, browser: OfficerBrowser
) -> None:
    port = free_port()
    public = f"http://127.0.0.1:{port}"
    async with TelegramServer() as server:
        program = Program(
            tmp_path, **by_polling(server.base), http_port=port, public_url=public, page_minutes=5, log_level="debug"
        )
        async with program:
            sari, dewi = Talk(server.person("Sari"), Told(invented_nik(1))), server.person("Dewi")
            await dewi.starts(await program.invites())
            await dewi.hears("/halaman")
            receipt = await sari.registers()
            await dewi.says(f"/ambil {receipt}")
            await dewi.hears("masuk", within=20.0)
            await dewi.says(f"/halaman {receipt}")
            seen = await dewi.hears(public, within=20.0)
            assert "5 menit" in seen.text
            found = re.search(r"^http\S+$", seen.text, re.MULTILINE)
            assert found is not None
            async with browser.http.post(found[0]) as answer:
                assert answer.status == 410
            status, page = await browser.looks(found[0])
            assert (status, sari.told.nik in page) == (200, True)
            assert (await browser.looks(found[0]))[0] == 410
            assert [line["code"] for line in program.logged("page_refused")] == ["no_cookie", "used"]
            assert await program.stops() == 0
        said = program.log.read_text() + program.screen
        for secret in (found[0].rpartition("/")[2], sari.told.nik, sari.told.name, receipt):
            assert secret not in said
