"""Where no message can be taken back, photo and NIK stand on a page: who gets the link, and who may still open it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conversation.messages import Photo
from domain.limits import Limits
from domain.registration import Actor, Registration, Status
from domain.rules import Rules
from handlers import due
from handlers.peek import NotShown, Sight, open_once
from storage.peeks import is_genuine
from storage.statement import Statement
from tests.office_desk import SARI, OfficeDesk, Someone, at_once, database, engine_for

PUBLIC = "https://lindung.example.test"
CANNOT_DELETE = {"test": Limits(deletes=False)}
LINK = re.compile(rf"{PUBLIC}/lihat/(\S+)$", re.MULTILINE)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as address:
        yield address


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
    desk.office = replace(desk.office, limits=CANNOT_DELETE, page=PUBLIC)
    await desk.store.open()
    yield desk
    await desk.store.close()


@pytest.fixture
def sari(desk: OfficeDesk) -> Someone:
    return desk.someone("Sari")


@pytest.fixture
async def dewi(desk: OfficeDesk) -> Someone:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    return dewi


@pytest.fixture
async def case(desk: OfficeDesk, sari: Someone, dewi: Someone) -> Registration:
    """A case that Dewi has taken."""
    case = await desk.registers(sari)
    await dewi.says("/ambil")
    return case


def token_in(text: str) -> str:
    found = LINK.search(text)
    assert found is not None, text
    return found[1]


async def opens(desk: OfficeDesk, token: str) -> Sight | NotShown:
    return await desk.store.transact(open_once, token, desk.office)


async def views(desk: OfficeDesk, case: Registration) -> list[str]:
    rows = await desk.store.transact(lambda tx: tx.sights.of(case.id, limit=9))
    return [row["kind"] for row in rows]


async def test_what_cannot_be_taken_back_is_a_link_and_shows_nobody(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    heard = await dewi.taps("Lihat KTP")
    assert "sendiri" in heard
    assert "10 menit" in heard
    assert "satu kali" in heard
    assert str(case.receipt) in heard
    assert SARI["nik"] not in dewi.screen
    shown = dewi.chat.shown[-1]
    assert not shown.photo
    assert [choice.label for choice in shown.choices] == ["Setujui", "Perbaiki", "Tolak"]
    assert await views(desk, case) == ["card"]
    assert "Lihat KTP dulu" in await dewi.taps("Setujui")


async def test_who_has_opened_it_may_approve(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    sight = await opens(desk, token_in(await dewi.taps("Lihat KTP")))
    assert isinstance(sight, Sight)
    assert sight.receipt == case.receipt
    assert sight.photo
    assert not sight.letter
    values = [value for _, value in sight.facts]
    assert values[:2] == [SARI["nik"], SARI["name"]]
    assert "0812-3450-0001" in values
    assert SARI["nik"] not in repr(sight)
    assert await views(desk, case) == ["ktp", "card"]
    actions = [row["action"] for row in await desk.store.transact(lambda tx: tx.audit.of(case.id))]
    assert actions.count("viewed_ktp") == 1
    assert "Pekerja dikabari" in await dewi.taps("Setujui")


async def test_the_letter_of_the_village_stands_on_it_too(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    letter = Photo("f" * 32, 800, 1200)
    await desk.store.transact(lambda tx: tx.registrations.add_photo(case.id, "evidence", letter))
    sight = await opens(desk, token_in(await dewi.taps("Lihat KTP")))
    assert isinstance(sight, Sight)
    assert sight.letter == letter.name


async def test_it_opens_once(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    token = token_in(await dewi.taps("Lihat KTP"))
    assert isinstance(await opens(desk, token), Sight)
    assert await opens(desk, token) == NotShown("used")
    assert await views(desk, case) == ["ktp", "card"]


async def test_of_many_presses_at_once_one_is_shown_it(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    token = token_in(await dewi.taps("Lihat KTP"))
    found = await at_once(*(opens(desk, token) for _ in range(12)))
    assert len([one for one in found if isinstance(one, Sight)]) == 1
    assert (await views(desk, case)).count("ktp") == 1


async def test_its_time_is_over_after_ten_minutes(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    token = token_in(await dewi.taps("Lihat KTP"))
    await desk.passes(seconds=600)
    assert await opens(desk, token) == NotShown("expired")
    assert await views(desk, case) == ["card"]
    token = token_in(await dewi.taps("Lihat KTP"))
    await desk.passes(seconds=599)
    assert isinstance(await opens(desk, token), Sight)


async def test_a_newer_link_makes_the_older_one_void(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    older = token_in(await dewi.taps("Lihat KTP"))
    newer = token_in(await dewi.says(f"/halaman {case.receipt}"))
    assert await opens(desk, older) == NotShown("unknown")
    assert isinstance(await opens(desk, newer), Sight)


async def test_each_case_has_a_link_of_its_own(
    desk: OfficeDesk, sari: Someone, dewi: Someone, case: Registration
) -> None:
    first = token_in(await dewi.taps("Lihat KTP"))
    other = await desk.registers(sari, {**SARI, "nik": "8171014403859903"})
    await dewi.says(f"/ambil {other.receipt}")
    second = token_in(await dewi.says(f"/halaman {other.receipt}"))
    for token, number in ((second, other.receipt), (first, case.receipt)):
        sight = await opens(desk, token)
        assert isinstance(sight, Sight)
        assert sight.receipt == number


async def test_an_answer_that_changed_meanwhile_makes_it_void(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    token = token_in(await dewi.taps("Lihat KTP"))
    await desk.changes(case, street="RT 003/RW 004")
    assert await opens(desk, token) == NotShown("changed")
    assert isinstance(await opens(desk, token_in(await dewi.taps("Lihat KTP"))), Sight)


@pytest.mark.parametrize("lost", ["given back", "lease over", "decided", "withdrawn", "taken by Rahmat"])
async def test_who_holds_the_case_no_more_sees_nothing(
    desk: OfficeDesk, dewi: Someone, case: Registration, lost: str
) -> None:
    desk.office = replace(desk.office, rules=replace(desk.office.rules, page_time=3600))
    token = token_in(await dewi.taps("Lihat KTP"))
    match lost:
        case "given back":
            await dewi.says(f"/lepas {case.receipt}")
        case "lease over":
            await desk.passes(minutes=16)
        case "decided":
            await dewi.taps("Tolak")
            await dewi.taps("Di luar wilayah")
            await dewi.says("LEWATI")
            await desk.passes(minutes=2)
            assert await desk.status(case) is Status.REJECTED
        case "withdrawn":
            await desk.withdraws(case)
        case _:
            rahmat = desk.someone("Rahmat")
            await rahmat.joins()
            await dewi.says(f"/lepas {case.receipt}")
            await rahmat.says(f"/ambil {case.receipt}")
    before = await views(desk, case)
    assert await opens(desk, token) == NotShown("not_held")
    assert await views(desk, case) == before


@pytest.mark.parametrize("state", ["suspended", "removed"])
async def test_a_revoked_officer_sees_nothing(desk: OfficeDesk, dewi: Someone, case: Registration, state: str) -> None:
    token = token_in(await dewi.taps("Lihat KTP"))
    officer_id = await dewi.officer_id()
    await desk.store.transact(lambda tx: tx.staff.set_state(officer_id, state))
    assert await opens(desk, token) == NotShown("not_active")


async def test_opening_it_is_a_step_that_keeps_the_case(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    token = token_in(await dewi.taps("Lihat KTP"))
    await desk.passes(minutes=9)
    assert isinstance(await opens(desk, token), Sight)
    await desk.passes(minutes=14)
    assert (await desk.case(case)).officer_id == await dewi.officer_id()


async def test_without_a_public_address_it_is_said_whom_to_ask(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    desk.office = replace(desk.office, page="")
    for heard in (await dewi.taps("Lihat KTP"), await dewi.says(f"/halaman {case.receipt}")):
        assert "belum disiapkan" in heard
        assert "admin" in heard
        assert "Telegram" in heard
    assert "/halaman" not in await dewi.says("/bantuan")


async def test_where_messages_can_be_taken_back_the_page_is_there_on_request(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    desk.office = replace(desk.office, limits={})
    await dewi.taps("Lihat KTP")
    assert SARI["nik"] in dewi.last
    assert "/halaman" in await dewi.says("/bantuan")
    token = token_in(await dewi.says(f"/halaman {case.receipt}"))
    assert dewi.chat.shown[-1].protected
    assert isinstance(await opens(desk, token), Sight)
    desk.office = replace(desk.office, page="")
    assert "tekan **Lihat KTP**" in await dewi.says(f"/halaman {case.receipt}")
    # The link goes together with what was shown in the chat.
    await dewi.taps("Setujui")
    assert not [shown for shown in dewi.chat.shown if PUBLIC in shown.text or SARI["nik"] in shown.text]


async def test_the_page_of_a_colleague_s_case_or_of_none_cannot_be_asked_for(
    desk: OfficeDesk, sari: Someone, dewi: Someone, case: Registration
) -> None:
    rahmat, joko = desk.someone("Rahmat"), desk.someone("Joko")
    await rahmat.joins()
    waiting = await desk.registers(sari, {**SARI, "nik": "8171014403859903"})
    for somebody, words in (
        (rahmat, f"/halaman {case.receipt}"),
        (dewi, f"/halaman {waiting.receipt}"),
        (rahmat, "/halaman"),
        (dewi, "/halaman AMB-0000-0000"),
        (joko, f"/halaman {case.receipt}"),
    ):
        assert PUBLIC not in await somebody.says(words)
    assert PUBLIC not in await joko.sends_tap(f"c:page:{case.id}:{case.version}")
    assert await views(desk, case) == ["card"]


async def test_links_are_forgotten_after_a_day(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    token = token_in(await dewi.taps("Lihat KTP"))
    await opens(desk, token)
    for hours, kept in ((23, True), (2, False)):
        await desk.passes(hours=hours)
        await desk.store.transact(due.forget, desk.office)
        found = await desk.store.transact(lambda tx: tx.peeks.find(token))
        assert (found is not None) is kept


async def test_an_erased_registration_leaves_no_link(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    token = token_in(await dewi.taps("Lihat KTP"))
    await desk.withdraws(case)
    gone = await desk.case(case)
    await desk.store.transact(lambda tx: tx.registrations.erase(gone, by=Actor.WORKER, actor_id=None, reason="asked"))
    assert await desk.store.transact(lambda tx: tx.peeks.find(token)) is None
    assert await opens(desk, token) == NotShown("unknown")


async def test_the_token_itself_is_stored_nowhere_and_no_two_are_alike(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    tokens = {token_in(await dewi.says(f"/halaman {case.receipt}")) for _ in range(5)}
    assert len(tokens) == 5
    vault = desk.store.vault
    for token in tokens:
        assert is_genuine(token, vault)
        changed = ("a" if token[0] != "a" else "b") + token[1:]
        for wrong in (changed, token[:-1], token + "a", token.upper(), "", "a" * 56, "é" * 56, token[:55] + "="):
            assert not is_genuine(wrong, vault)
            assert await opens(desk, wrong) == NotShown("unknown")
    kept = await desk.store.engine.transact(lambda db: db.all(Statement("SELECT * FROM peeks")))
    assert len(kept) == 1
    assert not [token for token in tokens if token in str(kept) or token.encode() in bytes(kept[0]["token_digest"])]
