"""What an admin gets when a broadcast is over: the numbers, a chart, a table, and the people somebody has to visit.

The files are made by a process of their own, as they always are, where what stands in them matters; elsewhere only
what would be drawn is looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from python_calamine import CalamineWorkbook

from bot import paper_reading
from conversation.papers import Chart, Workbook
from domain.broadcast import Broadcast, Counts, Kind, Outcome, State
from domain.officer import Role
from domain.topic import Topic
from handlers import broadcast_report, paper_orders, unreached
from handlers.broadcast_figures import Figures
from handlers.broadcast_reasons import reason
from handlers.paper_orders import Letter, Order
from storage.store import Tx
from tests.broadcasts import LATUHALAT, admin_id, crowd_of, frozen, now, sent, somebody
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.events import invited, planned, wants_notices
from tests.servers.telegram_things import StoredFile

TEXT = "Besok kantor tutup."
PASSO = "81.71.03.2001"
DAY = 86_400_000


async def mixed(office: LiveOffice) -> Broadcast:
    """A broadcast that came to ten of fourteen people; three more never said whether they want any."""
    crowd = await crowd_of(office, 12)
    await crowd_of(office, 2, village=PASSO, skip=50)
    await crowd_of(office, 2, village=PASSO, notices=None, skip=100)
    await crowd_of(office, 1, notices=Topic(0), skip=150)
    await office.later(seconds=1)
    office.server.chat(crowd[0]).blocked = True  # type: ignore[union-attr]
    office.server.fault("sendMessage", 400, chat_id=crowd[1], description="Bad Request: message is too long")
    office.server.fault("sendMessage", 502, chat_id=crowd[2])
    frozen_in = await frozen(office, TEXT)
    await office.store.transact(lambda tx: tx.people.set_notices(somebody(tx, crowd[3]).id, Topic.EVENTS))
    return await sent(office, frozen_in)


async def letter(office: LiveOffice, kind: str, broadcast: Broadcast, officer_id: int | None = None) -> Letter:
    """What would be drawn for an admin and said with it."""
    asked = officer_id or await admin_id(office)
    officer = await office.read(lambda tx: tx.staff.get(asked))
    assert officer is not None
    order = Order(1, kind, broadcast.id, officer.id, 0)
    found = await paper_reading.read(office.store, office.office, order, officer)
    assert found is not None
    return found


def files(person: Villager) -> list[tuple[str, StoredFile]]:
    """Every picture and document that came, with its text."""
    return [(seen.text, seen.file) for seen in person.chat.ledger if seen.file and seen.kind == "message"]


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def table(paper: object, name: str) -> list[list[Any]]:
    assert isinstance(paper, Workbook)
    return [list(row) for sheet in paper.sheets if sheet.name == name for row in sheet.rows]


@ON_BOTH
async def test_the_numbers_come_at_once_then_the_chart_and_the_table(
    office: LiveOffice, rahmat: Villager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_reading, "PAGE", 4)
    await mixed(office)
    told = (await rahmat.hears("selesai")).text
    assert told.splitlines() == [
        "Siaran 1: selesai",
        "Pengumuman, mulai 23 November 2026, 09.00 WIT, selama kurang dari 1 menit",
        "Terkirim: 10 dari 14",
        "Gagal: 1",
        "- pesannya terlalu panjang: 1",
        "Memblokir kami: 1",
        "Belum jelas sampai atau tidak: 1",
        "- jaringan sedang terganggu (http_502): 1",
        "Sudah berhenti atau tidak terjangkau: 1",
        "- sudah berhenti menerima pesan seperti ini: 1",
        "Tidak dikirimi: 4",
        "- belum pernah menjawab mau pengumuman atau tidak: 3",
        "- sudah berhenti menerima pesan seperti ini: 1",
    ]
    assert rahmat.sees()[-1].buttons == [
        "Daftar yang belum terjangkau",
        "Tabel lagi",
        "Kirim ulang yang gagal (1)",
        "Kirim ulang yang belum jelas (1)",
    ]
    await office.papers_come()
    (caption, picture), (text, paper) = files(rahmat)
    assert caption.splitlines() == [
        "Siaran 1: selesai",
        "Sudah menulis kepada kami: 0",
        "Berhenti karena siaran ini: 0",
    ]
    with Image.open(BytesIO(picture.content)) as image:
        assert (image.format, image.width) == ("PNG", 1000)
    assert (text, paper.name) == ("Tabel siaran 1, tanpa data pribadi.", "siaran-1.xlsx")
    read = sheets(paper.content)
    assert list(read) == ["Ringkasan", "Per desa", "Sebab"]
    assert [row[1] for row in read["Ringkasan"][6:]] == [14, 10, 1, 1, 1, 1, 0, 4, 0, 0]
    assert read["Per desa"][1:] == [
        ["Negeri Passo", "Baguala", 2, 0, 0, 0, 0, 0, 2],
        ["Negeri Latuhalat", "Nusaniwe", 8, 1, 1, 1, 1, 0, 1],
        ["desa belum diketahui", "", 0, 0, 0, 0, 0, 0, 1],
    ]
    assert ["Gagal", "pesannya terlalu panjang", "message_is_too_long", 1] in read["Sebab"]
    assert "WARGA" not in str(read)
    assert await office.read(lambda tx: tx.papers.wanted(limit=9)) == []
    assert office.rows("SELECT state FROM papers ORDER BY id") == [("made",), ("made",), ("wanted",)]


async def test_who_wrote_within_a_week_has_replied_and_who_only_said_stop_has_not(
    office: LiveOffice, rahmat: Villager, sari: Villager, budi: Villager
) -> None:
    await crowd_of(office, 3)
    for person in (sari, budi):
        await person.registers()
    units = [lambda tx, who=who: tx.people.set_notices(somebody(tx, who.id).id, Topic(3)) for who in (sari, budi)]
    for unit in units:
        await office.store.transact(unit)
    done = await sent(office, await frozen(office, TEXT))
    await sari.says("Terima kasih")
    await budi.says("STOP")
    await office.later(days=1)
    soon = await letter(office, "chart", done)
    assert soon.text.splitlines()[1:] == ["Sudah menulis kepada kami: 1", "Berhenti karena siaran ini: 1"]
    await office.later(days=6)
    week = await letter(office, "chart", done)
    assert week.text.splitlines() == [
        "**Siaran 1**: sesudah seminggu",
        "Menulis kepada kami dalam seminggu: 1",
        "Berhenti karena siaran ini: 1",
    ]
    assert isinstance(week.paper, Chart)
    assert [(bar.label, bar.shown) for bar in week.paper.bars] == [
        ("Terkirim", "5 (100 %)"),
        ("Tidak dikirimi", "1"),
        ("Menulis kepada kami dalam seminggu", "1"),
        ("Berhenti karena siaran ini", "1"),
    ]
    wanted = await office.read(lambda tx: [row["kind"] for row in tx.papers.wanted(limit=9)])
    assert wanted == ["chart", "report", "chart"], "one more chart after a week"
    await office.later(days=3)
    await sari.says("STATUS")
    await office.settles()
    assert "seminggu: 0 atau lebih" in (await letter(office, "chart", done)).text


async def test_a_reminder_is_told_in_a_message_only(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 2)
    frozen_in = await frozen(office, TEXT, kind=Kind.REMINDER)
    done = await now(office, frozen_in.id)
    assert done.state is State.DONE
    await rahmat.hears("Pengingat acara")
    assert office.rows("SELECT kind FROM papers") == []


# Whom to visit


async def wants(office: LiveOffice, person: Villager) -> Villager:
    await person.taps("Daftar yang belum terjangkau")
    assert await person.toast() == "Sedang dibuat. Sebentar lagi datang."
    return person


@ON_BOTH
async def test_an_admin_gets_the_people_to_visit_and_it_is_written_down_and_goes_again(
    office: LiveOffice, rahmat: Villager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_reading, "PAGE", 4)
    await mixed(office)
    await with_answers(office)
    await office.store.transact(nothing_more)
    await wants(office, rahmat)
    await rahmat.taps("Daftar yang belum terjangkau")
    assert await rahmat.toast() == "Sedang dibuat."
    await office.papers_come()
    [(text, paper)] = files(rahmat)
    assert text.splitlines()[0] == "Siaran 1: 5 orang untuk dikunjungi, urut desa."
    assert "1 orang lagi tidak dikenal" in text, "the admin's own chat has no registration"
    assert paper.name == "kunjungan-siaran-1.xlsx"
    [(name, (heads, *rows))] = sheets(paper.content).items()
    assert (name, heads[-1]) == ("Kunjungan", "Tanggal dikunjungi")
    assert [(row[1], row[5]) for row in rows] == [
        ("Negeri Passo", "belum pernah menjawab mau pengumuman atau tidak"),
        ("Negeri Passo", "belum pernah menjawab mau pengumuman atau tidak"),
        ("Negeri Latuhalat", "memblokir layanan ini"),
        ("Negeri Latuhalat", "pesannya terlalu panjang"),
        ("Negeri Latuhalat", "jaringan sedang terganggu (http_502)"),
    ]
    assert rows[2][2:5] == ["WARGA 900000001", "RT 003/RW 002, Jalan Contoh 5", "0812-3450-0001"]
    assert "NIK" not in str(heads)
    seen = rahmat.sees()[-1]
    assert not seen.protected, "it is to be printed"
    number = await admin_id(office)
    assert office.rows("SELECT action, actor_id, detail FROM audit WHERE action LIKE 'viewed%'") == [
        ("viewed_visits", number, "1 5")
    ]
    await office.later(hours=13)
    assert [each for each in rahmat.sees() if each.file] == []
    await office.later(days=2)
    assert list(office.store.media.names()) == []


async def with_answers(office: LiveOffice) -> None:
    """Everybody has a street and a phone."""

    def unit(tx: Tx) -> None:
        for (case_id,) in office.rows("SELECT id FROM registrations"):
            case = tx.registrations.get(case_id)
            assert case is not None
            tx.registrations.put_answers(
                case, {"street": "RT 003/RW 002, Jalan Contoh 5", "phone": "+6281234500001", "village": case.area or ""}
            )

    await office.store.transact(unit)


async def test_who_looks_after_one_village_sees_nobody_elsewhere(office: LiveOffice, rahmat: Villager) -> None:
    done = await mixed(office)
    here = await admin_id(office)
    await office.store.transact(lambda tx: tx.staff.set_areas(here, [PASSO]))
    found = await letter(office, "visits", done)
    assert found.people == 2
    assert {row[1] for row in table(found.paper, "Kunjungan")} == {"Negeri Passo"}
    assert "tidak dikenal" not in found.text

    cases = office.rows("SELECT id, area FROM registrations")

    def moves_away(tx: Tx) -> None:
        case = tx.registrations.get(max(number for number, area in cases if area == PASSO))
        assert case is not None
        tx.registrations.save(case, replace(case, area=LATUHALAT))

    await office.store.transact(moves_away)
    assert (await letter(office, "visits", done)).people == 1


async def test_a_list_that_is_too_long_holds_the_first_villages_and_says_so(
    office: LiveOffice, rahmat: Villager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unreached, "MOST", 2)
    monkeypatch.setattr(paper_reading, "PAGE", 3)
    found = await letter(office, "visits", await mixed(office))
    assert {row[1] for row in table(found.paper, "Kunjungan")} == {"Negeri Passo"}
    assert "3 orang tidak muat" in found.text


async def test_nobody_but_an_admin_gets_it(
    office: LiveOffice, rahmat: Villager, dewi: Villager, joko: Villager
) -> None:
    await mixed(office)
    [button] = [each for row in rahmat.sees()[-1].rows for each in row if each.text == "Daftar yang belum terjangkau"]
    for person in (dewi, joko):
        await person.says("/start")
        await person.hears("")
        await person.taps(data=button.data)
        assert "tidak berlaku" in await person.toast()
    for data in ("p:visits", "p:visits:0", "p:secret:1", "p:poster:zz", "p"):
        await rahmat.taps(data=data)
        assert "tidak berlaku" in await rahmat.toast()
    assert office.rows("SELECT count(*) FROM papers WHERE kind = 'visits'") == [(0,)]


# When something goes wrong


def nothing_more(tx: Tx, *, but: int = 0) -> None:
    """No other file is made than so many, for each takes its time."""
    for row in tx.papers.wanted(limit=9)[but:]:
        tx.papers.fail(row["id"], "x")


async def one_wanted(office: LiveOffice) -> Order:
    """A chart is wanted, and nothing else."""
    await crowd_of(office, 2)
    await sent(office, await frozen(office, TEXT))
    await office.store.transact(nothing_more, but=1)
    found = await office.read(paper_orders.next_order)
    assert found is not None
    return found


async def written(office: LiveOffice, order: Order) -> tuple[Letter, str]:
    """As far as the loop is when the file is written and nobody knows of it."""
    officer = await office.read(lambda tx: paper_orders.asker(tx, order))
    assert officer is not None
    found = await paper_reading.read(office.store, office.office, order, officer)
    assert found is not None
    name = "ab" * 16
    await asyncio.to_thread(office.store.media.write, picture(), name=name)
    return found, name


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "PNG")
    return out.getvalue()


async def starts_again(office: LiveOffice) -> None:
    """As after a kill: files without a row are swept first."""
    await office.restarts()
    office.store.media.sweep(await office.read(lambda tx: tx.media_names()), grace=0)
    await office.papers_come()


async def killed_when_written(office: LiveOffice, order: Order) -> None:
    await written(office, order)


async def killed_when_handed_over(office: LiveOffice, order: Order) -> None:
    found, name = await written(office, order)
    office.store.stirred = lambda: None  # nobody sends it any more
    await office.store.transact(paper_orders.hand_over, office.office, order, found, name)


async def handed_over_twice(office: LiveOffice, order: Order) -> None:
    """The first commit was not heard of."""
    found, name = await written(office, order)
    for _ in range(2):
        await office.store.transact(paper_orders.hand_over, office.office, order, found, name)


@pytest.mark.parametrize("dies", [killed_when_written, killed_when_handed_over, handed_over_twice])
async def test_a_file_comes_once_wherever_the_program_dies(
    office: LiveOffice, rahmat: Villager, dies: Callable[[LiveOffice, Order], Awaitable[None]]
) -> None:
    await dies(office, await one_wanted(office))
    await starts_again(office)
    assert len(files(rahmat)) == 1
    [(name,)] = office.rows("SELECT name FROM papers WHERE state = 'made'")
    assert list(office.store.media.names()) == [name]


def children() -> set[str]:
    """Processes that this one has started and that are not over."""
    return {each for path in Path("/proc/self/task").glob("*/children") for each in path.read_text().split()}


async def test_at_the_stop_the_process_that_draws_is_ended_and_the_file_is_made_after_the_next_start(
    office: LiveOffice, rahmat: Villager
) -> None:
    await one_wanted(office)
    before = children()
    running = asyncio.create_task(office.papers.run())
    async with asyncio.timeout(20):
        while children() == before:
            await office.server.world.bell.heard(0.01)
        office.papers.stop()
        await running
    assert children() == before
    assert files(rahmat) == []
    await starts_again(office)
    assert len(files(rahmat)) == 1


async def test_what_cannot_be_made_is_tried_five_times_and_then_the_admin_may_ask_again(
    office: LiveOffice, rahmat: Villager
) -> None:
    order = await one_wanted(office)
    pauses = []
    for tries in range(5):
        found = await office.read(paper_orders.next_order)
        assert found == replace(order, tries=tries)
        await office.store.transact(paper_orders.failed, office.office, found, "slow")
        assert await office.read(paper_orders.next_order) is None
        papers = office.rows("SELECT id, state, next_at FROM papers")
        [(state, next_at)] = [(state, next_at) for number, state, next_at in papers if number == order.id]
        if state == "wanted":
            pauses.append((next_at - int(office.clock().timestamp() * 1000)) // 1000)
            await office.later(seconds=pauses[-1])
    assert pauses == [30, 120, 480, 1920]
    await rahmat.hears("Gambar hasil siaran tidak bisa dibuat.")
    await rahmat.taps("Minta lagi")
    assert await rahmat.toast() == "Sedang dibuat. Sebentar lagi datang."


async def test_an_admin_who_is_one_no_longer_gets_nothing(office: LiveOffice, rahmat: Villager) -> None:
    await office.joins("Dewi", Role.ADMIN)
    order = await one_wanted(office)
    found, name = await written(office, order)
    await office.store.transact(lambda tx: tx.staff.set_state(order.officer_id, "suspended"))
    await office.store.transact(paper_orders.hand_over, office.office, order, found, name)
    await office.papers_come()
    assert files(rahmat) == []
    assert list(office.store.media.names()) == []
    assert office.rows("SELECT code FROM papers WHERE state = 'failed' AND code <> 'x'") == [("nobody",)]


async def test_what_is_forgotten_meanwhile_is_not_made(office: LiveOffice, rahmat: Villager) -> None:
    number = await admin_id(office)
    await office.store.transact(lambda tx: tx.papers.want("report", 77, number))
    await office.papers_come()
    assert office.rows("SELECT state, code FROM papers") == [("failed", "gone")]


# In words


def test_a_share_is_none_or_all_only_where_it_is() -> None:
    say = broadcast_report._share
    assert [say(0, 9), say(1, 900), say(450, 900), say(899, 900), say(900, 900)] == [
        "(0 %)",
        "(< 1 %)",
        "(50 %)",
        "(> 99 %)",
        "(100 %)",
    ]


def test_figures_add_up_like_the_counts_of_the_broadcast() -> None:
    figures = Figures()
    row = {"village": LATUHALAT, "code": "", "opted_out": 1, "replied": 2}
    figures.add([{**row, "outcome": "sent", "n": 3}, {**row, "outcome": "delivered", "n": 2}])
    figures.add([{**row, "outcome": "left_out", "code": "quiet", "n": 4}, {**row, "outcome": "waiting", "n": 1}])
    assert figures.counts == Counts(total=6, sent=5, delivered=2, left_out=(("quiet", 4),))
    assert (figures.opted_out, figures.replied) == (4, 8)


def test_a_code_nobody_has_met_is_shown_as_it_is() -> None:
    assert reason(Outcome.FAILED, "peer_flood", str) == "peer_flood"  # type: ignore[arg-type]


# Of an event


async def test_the_poster_leads_to_the_event_and_the_list_names_who_comes(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    await wants_notices(office, sari)
    event = await planned(office)
    await invited(office, event)
    await sari.taps("Hadir")
    await office.settles()
    number = await admin_id(office)
    await office.store.transact(nothing_more)
    for kind in ("poster", "event"):
        await office.store.transact(lambda tx, kind=kind: tx.papers.want(kind, event.id, number))
    await office.papers_come()
    (_, poster), (text, listed) = files(rahmat)
    assert (poster.name, listed.name) == (f"poster-{event.word}.pdf", f"acara-{event.word}.xlsx")
    page = pypdfium2.PdfDocument(poster.content)
    [code] = zxingcpp.read_barcodes(page[0].render(scale=1.5).to_pil())
    page.close()
    assert code.text == office.office.links["telegram"](f"e_{event.word}")
    assert "1 orang" in text
    assert "data pribadi" in text
    read = sheets(listed.content)
    assert read["Per desa"][1][:2] == ["Negeri Latuhalat", 1]
    assert read["Peserta"][1][:3] == ["Negeri Latuhalat", "SARNI TUHUMURY", "hadir"]
    assert office.rows("SELECT detail FROM audit WHERE action = 'viewed_event'") == [(f"{event.word} 1",)]
    await office.later(hours=13)
    assert [each.file.name for each in rahmat.sees() if each.file] == [poster.name], "the poster shows nobody's data"
