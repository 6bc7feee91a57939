"""The whole job at the demo's page: the real program, a real Chromium, three phones, and SIGKILL in between.

SCREENSHOTS=1 (make screenshots) also writes the pictures of docs/images. Not for: what each question says to each
answer (tests/conversations/) or what a crash may cost at any point (the crash tests).
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page

from tests.phones import CHROMIUM, Phone, connected, drawn_ktp, window
from tests.program import OFFICE, ROOT, Program, free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

IMAGES = ROOT / "docs" / "images"
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 390, "height": 844}
CARD = ("Tempat/Tgl Lahir : AMBON, 15-03-1985", "Jenis kelamin : PEREMPUAN", "Alamat : DUSUN OMPUTTY", "Agama : -")
AS_THE_DEMO = dict.fromkeys(("database_url", "key_file", "media_dir", "control_socket", *OFFICE))
"""Nothing set: the demo has places of its own in the folder it is started in."""


async def test_ibu_sari_registers_dewi_checks_and_nothing_is_lost(tmp_path: Path) -> None:
    program = Program(tmp_path, quick=False, http_port=free_port(), undo_seconds=1, **AS_THE_DEMO)
    async with program, window(**WIDE) as browser:
        page = await browser.new_page()
        address = program.screen.split("Web chat (demo):")[1].split()[0]
        await page.goto(address)
        await connected(page)
        sari, dewi, rahmat = (Phone(page, name) for name in ("Ibu Sari", "Dewi", "Rahmat"))

        await dewi.hears("/ambil")
        await _begins_with_mistakes(page, sari)

        # Killed while she types on: what she writes meanwhile waits on her phone.
        await program.kills()
        await sari.says("1")
        await program.starts()
        await connected(page)
        await sari.hears("Di mana")
        receipt = await _finishes(page, sari)

        await dewi.sees("1 pendaftaran baru")
        await _asks_for_a_correction(page, dewi, receipt)
        await _corrects(sari, receipt)

        # A decision taken back, and one that waits while the program is killed.
        await _restarts(program, page, undo_seconds=60)
        await _approves(dewi, receipt)
        await dewi.taps("Urungkan")
        await dewi.hears("diurungkan")
        await _restarts(program, page, undo_seconds=2)
        await dewi.taps("Lihat KTP")
        await dewi.hears("8171015503859901")
        await dewi.taps("Setujui")
        await dewi.hears("Pekerja dikabari dalam")
        await _restarts(program, page, undo_seconds=2)

        await sari.hears("Kabar baik, Ibu Sarni")
        await dewi.sees("Setujui. Pekerja sudah dikabari.")
        await rahmat.says("/ringkas")
        await rahmat.hears("Pendaftaran masuk: 1")
        await picture(page, "three-phones")
        await dewi.says(f"/riwayat {receipt}")
        history = await dewi.hears("Riwayat")
        for told in ("SARNI TUHUMURI → SARNI TUHUMURY", "Dewi melihat KTP dan NIK", "Perlu diperbaiki"):
            assert told in history

        # Once and no more: one receipt, one request, one piece of good news, and no NIK left with the officer.
        await sari.sees("Nomor daftar:")
        await sari.sees("ada yang perlu diperbaiki")
        await sari.sees("Kabar baik")
        await dewi.sees("8171015503859901", times=0)
        assert program.starts_made == 5
        assert await program.stops() == 0


async def _begins_with_mistakes(page: Page, sari: Phone) -> None:
    """From the greeting to the occupation, typed and tapped, with slips on the way."""
    await sari.taps("Mulai")
    await sari.hears("gratis")
    await sari.taps("Setuju")
    await sari.hears("nomor KTP (NIK)")
    await sari.says("817101550385990")
    await sari.hears("15 angka")
    await sari.says("81710155O3859901")
    await sari.hears("huruf O")
    await sari.says("8171015503859901")
    await sari.hears("15 Maret 1985, perempuan")
    await picture(page, "mistakes", of=sari)
    await sari.says("SARNI TUHUMURI")
    await sari.hears("lahir")
    await sari.says("Ambon")
    await sari.hears("desa, negeri, atau kelurahan")
    await sari.says("Passo")
    await sari.hears("Desa: Negeri Passo, Kec. Baguala. Kalau salah, balas SALAH.")
    await sari.says("SALAH")
    await sari.hears("desa, negeri, atau kelurahan")
    await sari.says("Latualat")
    await sari.hears("1. Negeri Latuhalat")
    await sari.taps("Negeri Latuhalat")
    await sari.hears("RT/RW")
    await sari.says("RT 001/RW 002, Dusun Omputty")
    await sari.hears("pekerjaan utama")


async def _finishes(page: Page, sari: Phone) -> str:
    """From the work place to the receipt; its number."""
    await sari.says("laut Latuhalat")
    await sari.hears("nomor HP")
    await sari.taps("Kirim nomor saya")
    await sari.hears("foto KTP")
    await sari.sends(drawn_ktp(name="SARNI TUHUMURY", nik="8171015503859901", lines=CARD, blurred=True))
    await sari.hears("kurang jelas")
    await sari.sends(drawn_ktp(name="SARNI TUHUMURY", nik="8171015503859901", lines=CARD))
    await sari.hears("keluarga")
    await sari.says("Yohana, anak")
    summary = await sari.hears("Mohon diperiksa")
    for answer in ("SARNI TUHUMURI", "**** **** **** **01", "Negeri Latuhalat", "0812-3450-0001", "sudah ada"):
        assert answer in summary
    await sari.taps("Benar")
    receipt = (await sari.hears("Nomor daftar:")).split("Nomor daftar: ")[1].split()[0]
    await sari.hears("pengumuman")
    await sari.taps("Ya")
    await sari.hears("Terima kasih")
    await picture(page, "receipt", of=sari)
    return receipt


async def _asks_for_a_correction(page: Page, dewi: Phone, receipt: str) -> None:
    """Claims, looks, finds the slip in the name, and writes a note."""
    await dewi.taps("Ambil berikutnya")
    card = await dewi.hears(receipt)
    assert "8171015503859901" not in card
    await picture(page, "card", of=dewi)
    await dewi.taps("Setujui")
    await dewi.is_told("Lihat KTP dulu")
    await dewi.taps("Lihat KTP")
    await dewi.hears("NIK: 8171015503859901")
    await dewi.taps("Perbaiki")
    await dewi.hears("Apa yang perlu diperbaiki")
    await dewi.says("4")
    await dewi.hears("Nama tidak sama dengan KTP")
    await dewi.says("Huruf terakhir di KTP: Y.")
    await dewi.hears("Pekerja dikabari dalam")
    await dewi.sees("NIK: 8171015503859901", times=0)


async def _corrects(sari: Phone, receipt: str) -> None:
    """Hears what is wrong and answers that alone."""
    request = await sari.hears("ada yang perlu diperbaiki")
    assert receipt in request
    assert "Huruf terakhir di KTP: Y." in request
    await sari.says("SARNI TUHUMURY")
    await sari.hears("Terima kasih")


async def _approves(dewi: Phone, receipt: str) -> None:
    """The straight decision: three taps."""
    await dewi.taps("Ambil berikutnya")
    await dewi.hears(receipt)
    await dewi.taps("Lihat KTP")
    await dewi.hears("SARNI TUHUMURY")
    await dewi.taps("Setujui")
    await dewi.hears("Pekerja dikabari dalam")


async def _restarts(program: Program, page: Page, *, undo_seconds: int) -> None:
    await program.kills()
    program.settings["undo_seconds"] = str(undo_seconds)
    await program.starts()
    await connected(page)


async def picture(page: Page, name: str, *, of: Phone | None = None) -> None:
    """Write a picture for the documents, where they are asked for; of one phone it is the narrow page."""
    if not os.environ.get("SCREENSHOTS"):
        return
    if of is not None:
        await page.set_viewport_size(NARROW)
        await page.get_by_role("button", name=f"{of.name},").click()
    await page.wait_for_timeout(600)
    shot = await page.screenshot()
    await page.set_viewport_size(WIDE)
    IMAGES.mkdir(exist_ok=True)
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(200, dither=Image.Dither.NONE).save(
        IMAGES / f"{name}.png", optimize=True
    )
