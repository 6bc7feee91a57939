"""Answers to an invitation, the poster's word on the day, and the registrations that are born of it."""

from __future__ import annotations

from datetime import time

import pytest

from domain.broadcast import State
from domain.event import Answer
from handlers.taps import data
from tests.broadcasts import LATUHALAT
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.events import attendances, clock_at, invited, planned, strangers, wants_notices
from tests.test_privacy_at_rest import everything

# Answers


@ON_BOTH
async def test_an_invited_fisher_answers_with_a_tap_and_the_last_word_counts(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    await wants_notices(office, sari)
    event = await planned(office)
    await invited(office, event)
    await sari.hears("Balas HADIR atau TIDAK BISA")
    await sari.taps("Hadir")
    said = await sari.hears("Kami catat: hadir")
    for part in ("Rabu, 25 November 2026, 10.00 WIT", "Balai Negeri, Negeri Latuhalat", "Bawa: KTP", "TIDAK BISA"):
        assert part in said.text
    assert attendances(office) == [(LATUHALAT, "comes", False)]
    await sari.says("TIDAK BISA")
    await sari.hears("Kami catat: tidak bisa")
    await sari.says("Hadir, pak")
    await sari.hears("Kami catat: hadir")
    assert attendances(office) == [(LATUHALAT, "comes", False)]


async def test_the_same_tap_twice_says_it_once(office: LiveOffice, rahmat: Villager, sari: Villager) -> None:
    await wants_notices(office, sari)
    await invited(office, await planned(office))
    invitation = await sari.hears("Undangan sosialisasi")
    await sari.taps("Tidak bisa", message_id=invitation.message_id)
    await sari.hears("tidak bisa hadir pada Rabu")
    await sari.taps("Tidak bisa", message_id=invitation.message_id)
    await office.settles()
    assert sari.tap is not None
    assert "Sudah kami catat" in sari.tap.text
    assert not sari.last_heard


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("hadir", "comes"),
        ("Ya hadir", "comes"),
        ("beta datang", "comes"),
        ("ikut", "comes"),
        ("iya", "comes"),
        ("bisa", "comes"),
        ("seng bisa", "declines"),
        ("tidak hadir", "declines"),
        ("berhalangan", "declines"),
        ("tidak", "declines"),
        ("hadir kalau ombak teduh", None),
        ("terima kasih", None),
    ],
)
async def test_typed_words_count_as_a_whole(
    office: LiveOffice, rahmat: Villager, sari: Villager, said: str, answer: str | None
) -> None:
    await wants_notices(office, sari)
    await invited(office, await planned(office))
    await sari.says(said)
    await office.settles()
    assert [kept for _, kept, _ in attendances(office)] == ([answer] if answer else [])


async def test_a_word_of_somebody_who_was_not_invited_means_what_it_meant(
    office: LiveOffice, rahmat: Villager, sari: Villager, joko: Villager
) -> None:
    await sari.registers()
    await planned(office)
    await sari.says("HADIR")
    await sari.hears("belum mengerti")
    await joko.says("HADIR")
    await joko.hears("SETUJU")
    assert attendances(office) == []


async def test_an_open_registration_is_not_disturbed(office: LiveOffice, rahmat: Villager, sari: Villager) -> None:
    """A second person is being registered on the phone when the invitation comes."""
    await wants_notices(office, sari)
    for said in ("DAFTAR", "2", "SETUJU", "8171015503859907"):
        await sari.says(said)
    await sari.hears("nama lengkap")
    await office.later(minutes=5)
    await invited(office, await planned(office))
    await sari.says("HADIR")
    said_back = await sari.hears("Kami catat: hadir")
    assert "nama lengkap" in said_back.text
    await sari.says("JOKO SUSILO")
    await sari.hears("lahir")
    # The question came after the invitation: now it might be an answer to it.
    await sari.says("tidak bisa")
    await sari.hears("tidak bisa")
    assert [kept for _, kept, _ in attendances(office)] == ["comes"]
    await sari.taps("Tidak bisa")
    await office.settles()


async def test_of_two_meetings_it_is_asked_which_one(office: LiveOffice, rahmat: Villager, sari: Villager) -> None:
    await wants_notices(office, sari)
    first, second = await planned(office), await planned(office, days=4, place="Gereja")
    await invited(office, first)
    await invited(office, second)
    await sari.says("HADIR")
    await sari.hears("di acara mana")
    await sari.says("2")
    await sari.hears("Jumat, 27 November 2026")
    # The other one is the only one without an answer, but the last news was about this one.
    await sari.says("TIDAK BISA 1")
    await sari.hears("tidak bisa hadir pada Rabu")
    kept = await office.read(lambda tx: [(e.id, a.answer) for e, a in tx.events.of_person(_id(office))])
    assert kept == [(first.id, Answer.DECLINES), (second.id, Answer.COMES)]


async def test_with_a_question_open_the_choice_of_the_meeting_stands_by_itself(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    await wants_notices(office, sari)
    for said in ("DAFTAR", "2", "SETUJU", "8171015503859907"):
        await sari.says(said)
    await office.later(minutes=5)
    await invited(office, await planned(office))
    await invited(office, await planned(office, days=4))
    await sari.says("HADIR")
    await sari.hears("Balas HADIR 1 atau HADIR 2")
    await sari.hears("nama lengkap")
    await sari.says("HADIR 2")
    assert "nama lengkap" in (await sari.hears("Jumat, 27 November 2026")).text


async def test_old_choices_of_what_is_over_cancelled_or_not_theirs_are_answered_kindly(
    office: LiveOffice, rahmat: Villager, sari: Villager, joko: Villager
) -> None:
    await wants_notices(office, sari)
    event = await planned(office, days=1)
    await invited(office, event)
    invitation = await sari.hears("Undangan sosialisasi")
    await joko.says("/start")
    stolen = await joko.hears("SETUJU")
    await joko.taps(data=data("ev", "comes", event.id), message_id=stolen.message_id)
    await office.settles()
    assert joko.tap is not None
    assert "bukan untuk nomor ini" in joko.tap.text
    await clock_at(office, event, time(0, 5), days=1)
    await sari.taps("Hadir", message_id=invitation.message_id)
    await sari.hears("Acara Selasa, 24 November 2026 sudah selesai")
    await clock_at(office, event, time(9), days=1)
    later = await planned(office, days=3)
    await invited(office, later)
    await office.store.transact(lambda tx: tx.events.cancel(later.id))
    await sari.says("HADIR")
    await sari.hears("tidak jadi")
    assert attendances(office) == []


async def test_who_stopped_events_is_not_invited_and_may_still_answer_an_old_one(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    await wants_notices(office, sari)
    await invited(office, await planned(office))
    await sari.says("STOP UNDANGAN")
    await office.settles()
    second = await invited(office, await planned(office, days=5))
    assert second.state is State.DONE
    assert dict(second.counts.left_out)["opted_out"] == 1
    await sari.says("HADIR")
    await sari.hears("Rabu, 25 November 2026")


# The word on the poster


@ON_BOTH
async def test_the_word_marks_presence_once_and_leads_into_the_registration(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    await sari.registers("izin")
    await sari.says("TIDAK")
    event = await planned(office, days=0, at=time(11))
    await sari.says("Saya mau daftar")
    await sari.hears("SETUJU")
    await sari.says("SETUJU")
    await sari.hears("16 angka")
    await sari.says(f"hadir {event.word.lower()}")
    assert "16 angka" in (await sari.hears("Kami catat: sudah datang")).text
    await sari.says(f"{event.word[:3]} {event.word[3:]}")
    assert "16 angka" in (await sari.hears("sudah kami catat")).text
    assert attendances(office) == [(None, None, True)]
    assert strangers(office) == 0
    await sari.says("BATAL")
    await sari.says("YA")
    await sari.hears("dihapus")
    await sari.says(event.word)
    await sari.hears("SETUJU")
    await sari.says("SETUJU")
    await sari.hears("16 angka")
    # Only what was begun after the presence was born of it.
    born = office.rows("SELECT event_id FROM registrations ORDER BY id")
    assert born == [(None,), (event.id,)]


@ON_BOTH
async def test_of_a_stranger_at_the_poster_only_a_number_is_kept_until_they_agree(
    office: LiveOffice, rahmat: Villager, joko: Villager
) -> None:
    event = await planned(office, days=0, at=time(11))
    before = {name: len(rows) for name, rows in (await everything(office)).items()}
    await joko.starts(f"e_{event.word}")
    await joko.hears("SETUJU")
    await joko.says(event.word)
    await joko.hears("SETUJU")
    await office.settles()
    assert strangers(office) == 1
    kept = await everything(office)
    changed = {name for name, rows in kept.items() if len(rows) != before[name]}
    assert changed == {"addresses", "progress", "seen", "outbox"}
    assert [row["sealed"] for row in kept["addresses"] if row["id"] == _newest(kept)] == [None]
    await joko.says("SETUJU")
    await joko.hears("16 angka")
    assert (strangers(office), attendances(office)) == (0, [(None, None, True)])
    assert office.rows("SELECT event_id FROM registrations") == [(event.id,)]


async def test_a_stranger_who_says_no_stays_a_number(office: LiveOffice, rahmat: Villager, joko: Villager) -> None:
    event = await planned(office, days=0, at=time(11))
    await joko.says("/start")
    await joko.hears("SETUJU")
    await joko.says(event.word)
    await joko.hears("Di sini bisa langsung mendaftar")
    await joko.says("INFO")
    await joko.says("TIDAK")
    await joko.hears("Data tidak kami simpan")
    await office.settles()
    assert (strangers(office), attendances(office)) == (1, [])
    assert office.rows("SELECT count(*) FROM progress") == [(0,)]


async def test_a_stranger_who_agrees_days_later_was_there_on_the_day(
    office: LiveOffice, rahmat: Villager, joko: Villager
) -> None:
    event = await planned(office, days=0, at=time(11))
    await joko.says(event.word)
    await joko.hears("SETUJU")
    await office.later(days=3)
    await joko.says("SETUJU")
    await joko.hears("16 angka")
    [(present_at,)] = office.rows("SELECT present_at FROM attendances")
    assert 0 < present_at - event.starts_at < 13 * 3_600_000
    assert (strangers(office), office.rows("SELECT event_id FROM registrations")) == (0, [(None,)])


async def test_who_is_registered_hears_how_it_stands_and_brings_the_family(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    await sari.registers()
    event = await planned(office, days=0, at=time(11))
    await sari.says(event.word)
    said = await sari.hears("Kami catat: sudah datang")
    assert "Menunggu diperiksa" in said.text
    for answer in ("DAFTAR", "2", "SETUJU"):
        await sari.says(answer)
    await sari.hears("16 angka")
    await office.settles()
    assert attendances(office) == [(LATUHALAT, None, True)]
    assert office.rows("SELECT event_id FROM registrations ORDER BY id") == [(None,), (event.id,)]
    numbers = await office.read(lambda tx: (tx.events.by_village(event.id), tx.events.born(event.id)))
    assert [dict(row)["present"] for row in numbers[0]] == [1]
    assert [(row["begun"], row["sent_in"]) for row in numbers[1]] == [(1, 0)]


async def test_what_is_begun_two_days_later_was_not_born_there(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    await sari.registers()
    event = await planned(office, days=0, at=time(11))
    await sari.says(event.word)
    await sari.hears("Kami catat")
    await office.later(hours=25)
    for answer in ("DAFTAR", "2", "SETUJU"):
        await sari.says(answer)
    await sari.hears("16 angka")
    assert office.rows("SELECT count(*) FROM registrations WHERE event_id IS NOT NULL") == [(0,)]


@pytest.mark.parametrize(
    ("area", "zone", "village"),
    [("81.71", "WIT", LATUHALAT), ("65.03", "WITA", None), ("35.78", "WIB", None)],
)
async def test_the_day_is_that_of_the_area_from_midnight_to_midnight(
    office: LiveOffice, rahmat: Villager, sari: Villager, area: str, zone: str, village: str | None
) -> None:
    await office.restarts(area=area)
    await sari.says("/start")
    await sari.says("SETUJU")
    await sari.hears("16 angka")
    event = await planned(office, days=1, at=time(23, 30), village=village)
    await clock_at(office, event, time(23, 58), days=-1)
    await sari.says(event.word)
    early = await sari.hears("berlaku pada hari acara")
    assert f"Selasa, 24 November 2026, 23.30 {zone}" in early.text
    await clock_at(office, event, time(0, 1))
    await sari.says(event.word)
    await sari.hears("sudah datang")
    await clock_at(office, event, time(0, 1), days=1)
    await sari.says(f"HADIR {event.word}")
    await sari.hears("Acara Selasa, 24 November 2026 sudah selesai")
    assert [present for _, _, present in attendances(office)] == [True]


async def test_hadir_with_the_word_days_before_is_an_answer(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    await sari.registers()
    event = await planned(office)
    await sari.says(f"HADIR {event.word}")
    await sari.hears("Kami catat: hadir")
    assert attendances(office) == [(LATUHALAT, "comes", False)]


async def test_a_word_that_is_none_is_named_and_an_address_like_one_stays_an_answer(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    event = await planned(office, days=3)
    await sari.says("HADIR KTB99" if event.word != "KTB99" else "HADIR KTB98")
    await sari.hears("tidak kami kenal")
    await sari.registers("tempat kerja")
    await sari.says(event.word)
    await sari.hears("nomor HP")
    assert strangers(office) == 0


async def test_staff_who_try_the_word_are_told_that_it_works(
    office: LiveOffice, rahmat: Villager, dewi: Villager
) -> None:
    event = await planned(office, days=0, at=time(11))
    for person in (rahmat, dewi):
        await person.starts(f"e_{event.word}")
        await person.hears(f"Kata {event.word} berfungsi")
    assert (strangers(office), attendances(office)) == (0, [])


# The rights of a person


async def test_data_saya_lists_the_answers_and_hapus_takes_them_away(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    await wants_notices(office, sari)
    event = await planned(office, days=0, at=time(11))
    await invited(office, event)
    await sari.says("HADIR")
    await sari.says(event.word)
    await sari.says("DATA SAYA")
    assert "Senin, 23 November 2026, Balai Negeri: hadir, sudah datang" in (await sari.hears("kami simpan")).text
    await sari.says("HAPUS")
    await sari.says("HAPUS DATA SAYA")
    await sari.hears("sudah kami hapus")
    assert attendances(office) == []


def _id(office: LiveOffice) -> int:
    [(person_id,)] = office.rows("SELECT DISTINCT address_id FROM attendances")
    return int(person_id)


def _newest(kept: dict[str, list[dict[str, object]]]) -> object:
    return max(row["id"] for row in kept["addresses"])  # type: ignore[type-var]
