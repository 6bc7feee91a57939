"""A broadcast at the demo's page: the real program, a real Chromium, an admin who invites and a fisher who comes.

SCREENSHOTS=1 (make screenshots) also writes the pictures for the admins' guide. Not for: every way to slip
(test_broadcast_compose.py) or what a kill may cost (test_broadcast_crash.py).
"""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.async_api import expect

from tests.phones import CHROMIUM, Phone, connected, window
from tests.program import Program, free_port
from tests.test_whole_page import AS_THE_DEMO, WIDE, picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

_REGISTERS = (
    ("DAFTAR", "gratis"),
    ("SETUJU", "nomor KTP"),
    ("8171015503859901", "perempuan"),
    ("SARNI TUHUMURY", "lahir"),
    ("Ambon", "desa, negeri"),
    ("Latuhalat", "RT/RW"),
    ("RT 001/RW 002, Dusun Omputty", "pekerjaan utama"),
    ("1", "Di mana"),
    ("laut Latuhalat", "nomor HP"),
    ("0812-3450-0001", "foto KTP"),
    ("NANTI", "keluarga"),
    ("LEWATI", "Mohon diperiksa"),
    ("BENAR", "pengumuman"),
    ("YA", "Terima kasih"),
)


async def test_rahmat_invites_fishers_and_ibu_sari_comes(tmp_path: Path) -> None:
    free = {"quiet_hours": "off", "worship_times": "off"}
    program = Program(tmp_path, quick=False, http_port=free_port(), **free, **AS_THE_DEMO)
    async with program, window(**WIDE) as browser:
        page = await browser.new_page()
        await page.goto(program.screen.split("Web chat (demo):")[1].split()[0])
        await connected(page)
        sari, rahmat = Phone(page, "Ibu Sari"), Phone(page, "Rahmat")
        for said, answer in _REGISTERS:
            await sari.says(said)
            await sari.hears(answer)

        await rahmat.says("/siaran")
        await rahmat.hears("Belum ada siaran")
        await rahmat.taps("Undang ke acara")
        await rahmat.hears("Kapan")
        for said, question in (
            ("besok jam 10 pagi", "desa"),
            ("Latuhalat", "tempat"),
            ("Balai Desa Latuhalat", "dibawa"),
            ("KTP", "teks yang sudah siap"),
        ):
            await rahmat.says(said)
            await rahmat.hears(question)
        await rahmat.taps("Pakai teks ini")
        await rahmat.hears("foto atau dokumen")
        await rahmat.says("LEWATI")
        await rahmat.hears("Dikirim ke 1 orang")
        await rahmat.says("nelayan di Latuhalat")
        await rahmat.hears("nelayan di Latuhalat")
        await picture(page, "broadcast-people", of=rahmat)
        await rahmat.says("LANJUT")
        await rahmat.hears("Di atas terlihat")
        await picture(page, "broadcast-look", of=rahmat)
        await rahmat.taps("Buat daftar penerima")
        await rahmat.hears("Dikirim ke 1 orang")
        await program.kills()
        await program.starts()
        await connected(page)

        await rahmat.taps("Kirim sekarang")
        await rahmat.hears("Selesai kira-kira")
        await rahmat.taps("Ya, kirim")
        await sari.sees("Undangan sosialisasi BPJS Ketenagakerjaan", times=1)
        await sari.taps("Hadir")
        await sari.hears("Kami catat: hadir")
        await picture(page, "broadcast-answer", of=sari)
        await rahmat.sees("Terkirim: 1 dari 1")
        chart = rahmat.element.locator("img").last
        await expect(chart).to_be_visible()
        assert await chart.evaluate("image => image.naturalWidth") > 300
        async with page.expect_download() as downloading:
            await rahmat.element.get_by_text("siaran-1.xlsx").last.click()
        table = await (await downloading.value).path()
        assert "xl/workbook.xml" in ZipFile(io.BytesIO(table.read_bytes())).namelist()
        await picture(page, "broadcast-report", of=rahmat)
        assert await program.stops() == 0
