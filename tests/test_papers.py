"""The files that admins get: read back as Excel, a phone's camera and a printer would.

Made as the program makes them, each in a process of its own. The people in them are invented.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pypdfium2
import pytest
import uvloop
import xlsxwriter
import zxingcpp
from PIL import Image
from python_calamine import CalamineWorkbook

from bot.paper_chart import chart
from bot.paper_poster import poster
from bot.paper_workbook import sheet_names
from bot.papers import PaperFailed, make
from conversation.papers import Bar, Cell, Chart, Paper, Poster, Sheet, TooMuch, Workbook
from tests.zygote import ROOT

WIT = timezone(timedelta(hours=9))
LINK = "https://t.me/LindungUjiBot?start=H-7KQ2M9XD4A"
POSTER = Poster(
    office="Dinas Tenaga Kerja Kota Ambon (uji)",
    title="Sosialisasi BPJS Ketenagakerjaan untuk nelayan",
    date_line="Sabtu, 12 Desember 2026, pukul 09.00 WIT",
    place_line="Balai Desa Latuhalat, Kecamatan Nusaniwe",
    lines=("Iuran mulai Rp16.800 sebulan.", "Jum’at sebelumnya: bantuan mengisi di kafé Señor."),
    bring="Bawa: KTP dan HP, jika ada.",
    link=LINK,
    link_hint="Pindai dengan kamera HP.",
    word="HADIR KUMIS",
    word_hint="Atau kirim kata ini ke @LindungUjiBot:",
    footer="Pertanyaan: 0812-3450-0000.",
)
CHART = Chart(
    "Hasil siaran",
    "12 Desember 2026, 09.00–09.28 WIT",
    (Bar("Terkirim", 900, "good", "900 (90 %)"), Bar("Gagal", 90, "bad"), Bar("Tidak jelas", 0, "unclear")),
)
ROWS: list[tuple[Cell, ...]] = [
    ("Sari", "9917015503859901", 3, 0.25, date(2026, 12, 12), datetime(2026, 12, 12, 9, 5, tzinfo=WIT)),
    ('=HYPERLINK("http://x")', "+62812", -1, None, date(1900, 1, 1), datetime(1900, 3, 1, 23, 59, 59, tzinfo=UTC)),
    ("-1+1", "@SUM(A1)", 10**12, 1e-7, None, "2026-12-12"),
    (" Budi & <Joko> _x0041_ \x07\n", "https://x.test", 0, 2.5, "", "’é ñ 🎉"),
]
HEADS = ("Nama", "Nomor", "Jumlah", "Bagian", "Hari", "Saat")


def book(data: bytes) -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(BytesIO(data))


def the_page(paper: Poster) -> tuple[Image.Image, str]:
    """The only page, as a printer of 100 dots an inch shows it, and its text."""
    pdf = pypdfium2.PdfDocument(poster(paper))
    try:
        assert len(pdf) == 1
        assert pdf.get_page_size(0) == pytest.approx((595.28, 841.89), abs=0.1)
        return pdf[0].render(scale=100 / 72).to_pil(), " ".join(pdf[0].get_textpage().get_text_range().split())
    finally:
        pdf.close()


async def test_a_workbook_holds_texts_numbers_and_days_as_what_they_are() -> None:
    sheets = (Sheet("Siaran: 12/12", HEADS, ROWS), Sheet("Kosong", HEADS, ()), Sheet("siaran  12 12", ("A",), [("b",)]))
    read = book(await make(Workbook("Laporan", sheets)))
    assert read.sheet_names == ["Siaran 12 12", "Kosong", "siaran 12 12 2"]
    heads, sari, formula, minus, budi = read.get_sheet_by_index(0).to_python()
    assert heads == list(HEADS)
    assert sari == ["Sari", "9917015503859901", 3, 0.25, date(2026, 12, 12), datetime(2026, 12, 12, 9, 5)]  # noqa: DTZ001
    assert formula[:4] == ['=HYPERLINK("http://x")', "+62812", -1, ""]
    assert minus == ["-1+1", "@SUM(A1)", 10**12, 1e-7, "", "2026-12-12"]
    assert budi[0].startswith(" Budi & <Joko> _x0041_ ")
    assert budi[1:] == ["https://x.test", 0, 2.5, "", "’é ñ 🎉"]
    assert read.get_sheet_by_index(1).to_python() == [list(HEADS)]
    assert read.get_sheet_by_index(2).to_python() == [["A"], ["b"]]


async def test_the_rows_of_a_workbook_are_written_as_xlsxwriter_writes_them(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "theirs.xlsx", {"constant_memory": True, "remove_timezone": True}) as theirs:
        sheet, head = theirs.add_worksheet("Siaran"), theirs.add_format({"bold": True})
        day, moment = theirs.add_format({"num_format": "d"}), theirs.add_format({"num_format": "h"})
        for column, text in enumerate(HEADS):
            sheet.write_string(0, column, text, head)
        for number, row in enumerate(ROWS, 1):
            for column, value in enumerate(row):
                if isinstance(value, str) and value:
                    sheet.write_string(number, column, value)
                elif isinstance(value, date):
                    sheet.write_datetime(number, column, value, moment if isinstance(value, datetime) else day)
                elif isinstance(value, int | float):
                    sheet.write_number(number, column, value)
    ours = await make(Workbook("Laporan", (Sheet("Siaran", HEADS, ROWS),)))
    # A number may be spelled in another way; what Excel reads is compared above.
    assert rows_of(ours)[0::2] == rows_of((tmp_path / "theirs.xlsx").read_bytes())[0::2]


def rows_of(data: bytes) -> list[str]:
    """Everything of the rows below the heads, by turns outside and inside of numbers."""
    with ZipFile(BytesIO(data)) as file:
        xml = file.read("xl/worksheets/sheet1.xml").decode()
    rows = xml.partition('<row r="2"')[2].partition("</sheetData>")[0]
    return rows.replace("</v>", "<v>").split("<v>")


async def test_heads_stay_in_sight_bold_with_a_filter_and_wide_enough() -> None:
    with ZipFile(BytesIO(await make(Workbook("Laporan", (Sheet("Siaran", HEADS, ROWS),))))) as file:
        xml, styles = file.read("xl/worksheets/sheet1.xml").decode(), file.read("xl/styles.xml").decode()
        assert "<dc:title>Laporan</dc:title>" in file.read("docProps/core.xml").decode()
    assert 'topLeftCell="A2" activePane="bottomLeft" state="frozen"' in xml
    assert '<autoFilter ref="A1:F5"/>' in xml
    assert '<dimension ref="A1:F5"/>' in xml
    assert float(xml.partition('<col min="1" max="1" width="')[2].partition('"')[0]) > len("=HYPERLINK()")
    assert "<b/>" in styles


def test_names_of_sheets_are_such_as_excel_takes() -> None:
    long = "Daftar orang yang tidak terjangkau di Latuhalat"
    assert sheet_names(["", "History", "a/b:c", "'x'", long, long]) == [
        *(" 2".strip(), "History 2", "a b c", "x"),
        *("Daftar orang yang tidak terjang", "Daftar orang yang tidak terja 2"),
    ]


async def test_fifty_thousand_people_fit_and_one_too_many_is_refused() -> None:
    rows = [(f"Orang {n}", f"99{n:014}", n, date(2026, 12, 12)) for n in range(50_000)]
    read = book(await make(Workbook("Laporan", (Sheet("Siaran", ("Nama", "NIK", "Nomor", "Hari"), rows),))))
    last = read.get_sheet_by_index(0).to_python()
    assert len(last) == 50_001
    assert last[-1] == ["Orang 49999", "9900000000049999", 49999, date(2026, 12, 12)]
    with pytest.raises(PaperFailed, match="too_much"):
        await make(Workbook("Laporan", (Sheet("Siaran", ("Nama",), [("Sari",)] * 1_048_576),)))


def test_a_chart_shows_each_outcome_as_long_as_it_is_large() -> None:
    picture = Image.open(BytesIO(chart(CHART)))
    assert (picture.format, picture.width) == ("PNG", 1000)
    assert 300 < picture.height < 1000
    shown = {colour: count for count, colour in picture.convert("RGB").getcolors(100_000) or ()}
    blue, orange = shown[0x00, 0x72, 0xB2], shown[0xD5, 0x5E, 0x00]
    assert blue / orange == pytest.approx(10, rel=0.02)
    assert (0xE6, 0x9F, 0x00) not in shown


def test_a_chart_without_anybody_or_with_long_words_is_drawn_too() -> None:
    assert Image.open(BytesIO(chart(Chart("", "", ())))).width == 1000
    long = Bar("Tidak dikirimi karena berhenti, tidak setuju 🎉 " * 5, 0, "aside", "7" * 200)
    assert Image.open(BytesIO(chart(Chart("A" * 500, "", (long, Bar("", 1)))))).width == 1000
    with pytest.raises(TooMuch):
        chart(Chart("", "", (Bar("", 1),) * 1000))


def test_a_phone_reads_the_code_of_a_poster_and_a_person_the_rest() -> None:
    picture, text = the_page(POSTER)
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == LINK
    for said in (POSTER.title, POSTER.date_line, POSTER.place_line, *POSTER.lines, POSTER.bring):
        assert said in text
    for said in (POSTER.office, POSTER.link_hint, POSTER.word, POSTER.word_hint, POSTER.footer):
        assert said in text


def test_a_poster_is_black_and_white_and_its_code_survives_a_bad_copier() -> None:
    picture, _ = the_page(POSTER)
    red, green, blue = picture.convert("RGB").split()
    assert red.tobytes() == green.tobytes() == blue.tobytes()
    copied = picture.convert("L").resize((picture.width // 2, picture.height // 2)).point(lambda grey: 90 + grey // 3)
    assert [code.text for code in zxingcpp.read_barcodes(copied)] == [LINK]


def test_a_poster_without_a_link_has_the_word_alone() -> None:
    shown = Poster(title="Rapat", date_line="Senin", place_line="Passo", word="IKAN", word_hint="Kirim kata ini:")
    picture, text = the_page(shown)
    assert zxingcpp.read_barcodes(picture) == []
    assert "Kirim kata ini: IKAN" in text
    assert (the_page(Poster(title="Rapat", date_line="Senin", place_line="Passo")))[1] == "Rapat Senin Passo"


async def test_long_texts_stay_on_one_page_and_what_cannot_is_refused() -> None:
    line = "Para nelayan, petani, pedagang dan pekerja rumahan di Latuhalat dan sekitarnya diundang hadir bersama. "
    long = Poster(
        **{name: getattr(POSTER, name) for name in ("date_line", "place_line", "bring", "link", "link_hint", "footer")},
        title="Sosialisasi perlindungan jaminan sosial ketenagakerjaan se-Kecamatan Nusaniwe dan Sirimau",
        lines=(line * 5, line * 5 + "Sampai di sini.", "Latuhalat" * 30),
        word="HADIR SOSIALISASI LATUHALAT DAN SEKITARNYA",
        word_hint=line,
    )
    picture, text = the_page(long)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [LINK]
    assert "Sampai di sini." in text
    assert "HADIR SOSIALISASI LATUHALAT DAN SEKITARNYA" in text
    with pytest.raises(PaperFailed, match="too_much"):
        await make(Poster(title="Rapat", date_line="Senin", place_line="Passo", lines=(line * 500,)))


async def test_what_takes_too_long_is_ended_and_the_next_is_made() -> None:
    with pytest.raises(PaperFailed, match="slow"):
        await make(CHART, seconds=0)
    waiting = asyncio.ensure_future(make(CHART))
    await asyncio.sleep(0)
    waiting.cancel()
    cancelled, made = await asyncio.gather(waiting, make(CHART), return_exceptions=True)
    assert isinstance(cancelled, asyncio.CancelledError)
    assert made == chart(CHART)


def test_papers_are_made_in_the_loop_of_the_program_too() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(make(CHART)).startswith(b"\x89PNG")
        with pytest.raises(PaperFailed, match="slow"):
            runner.run(make(CHART, seconds=0))


def request(paper: Paper) -> bytes:
    """What the program sends to the process, in one piece."""
    from bot.papers import _lines

    return b"".join(_lines(paper))


def desk(given: bytes, *words: str, hold: bool = True) -> tuple[int, bytes, bytes]:
    """How such a process ends, what it gives and what it says. Without `hold` we are gone as soon as we have asked."""
    process = subprocess.Popen(
        [sys.executable, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    with process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(given)
        process.stdin.flush()
        if not hold:
            process.stdin.close()
        made, said = process.stdout.read(), process.stderr.read()
        process.stdin.close()
        return process.wait(), made, said


@pytest.mark.parametrize(
    "given",
    [b"", b"Sari\n", b'{"kind": "Sari"}\n', b'{"kind": "Chart", "paper": {"title": "Sari"}}\n', request(CHART)[:-1]],
    ids=["nothing", "no JSON", "no kind", "half a chart", "cut off"],
)
def test_what_is_no_request_is_refused_in_one_word(given: bytes) -> None:
    assert desk(given, "-m", "bot.paper_desk", hold=False) == (2, b"", b"refused\n")


def test_nothing_that_anybody_wrote_is_told_when_something_breaks() -> None:
    given = request(Workbook("Sari", (Sheet("Sari", ("Sari",), [("Sari",)]),))).replace(b"[0,", b"[7,")
    code, made, said = desk(given, "-m", "bot.paper_desk")
    assert (code, made) == (1, b"")
    assert said.startswith(b"broken:ValueError:paper_workbook.py:")
    assert b"Sari" not in said


def test_the_process_ends_when_the_program_that_asked_is_gone() -> None:
    rows = [(os.urandom(64).hex(),) for _ in range(5_000)]
    with subprocess.Popen(
        [sys.executable, "-m", "bot.paper_desk"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        # Larger than a pipe holds: nobody reads it, so it waits, as if it were still at work.
        process.stdin.write(request(Workbook("Laporan", (Sheet("Siaran", ("Nama",), rows),))))
        process.stdin.close()
        assert process.wait(60) == 1


WATCHED = """
import os, sys
def watch(event, args):
    if event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and "oom_score" not in str(args[0]):
        os._exit(9)
    if event in ("tempfile.mkstemp", "tempfile.mkdtemp", "socket.connect", "subprocess.Popen"):
        os._exit(9)
sys.addaudithook(watch)
from bot.paper_desk import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    "paper", [Workbook("Laporan", (Sheet("S", HEADS, ROWS),)), CHART, POSTER], ids=lambda p: type(p).__name__
)
def test_making_a_paper_writes_to_no_disk(paper: Paper) -> None:
    code, made, said = desk(request(paper), "-B", "-c", WATCHED)
    assert (code, said) == (0, b"")
    assert len(made) > 1000


async def test_the_log_tells_how_long_it_took_and_nothing_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    await make(Chart("Sari", "Budi", ()))
    with pytest.raises(PaperFailed):
        await make(
            Chart(
                "Sari",
                "Budi",
                (),
            ),
            seconds=0,
        )
    told = "".join(capsys.readouterr())
    assert "Sari" not in told
    assert "Budi" not in told


def test_the_program_starts_without_what_papers_are_drawn_with() -> None:
    code = "import json, sys, bot.app, bot.papers; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True)
    loaded: set[Any] = set(json.loads(done.stdout))
    assert {"bot.app", "bot.papers"} <= loaded
    drawing = {"xlsxwriter", "fpdf", "segno", "fontTools", "PIL.ImageDraw", "PIL.ImageFont", "bot.paper_desk"}
    assert not loaded & drawing
