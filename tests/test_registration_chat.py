"""A worker registers, over real HTTP into a real store: consent, the form, and what is kept of it.

The words are in tests/conversations/; here is what must be true behind them. Life after the receipt number is in
test_registration_after.py.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from domain.errors import Invalid
from domain.receipt import parse_receipt
from domain.registration import Status
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.pictures import ktp_photo
from tests.servers.telegram_people import Person

PERSONAL = ("registrations", "answers", "consents", "media", "progress", "notes", "enquiries", "inbox", "name_words")


def kept(office: LiveOffice) -> dict[str, int]:
    """How many rows each table with something about people holds, where there are any."""
    counted = {table: office.rows(f"SELECT count(*) FROM {table}")[0][0] for table in PERSONAL}  # noqa: S608
    return {table: n for table, n in counted.items() if n}


# The road to the receipt


@ON_BOTH
async def test_a_fisher_needs_thirteen_messages_from_the_start_to_the_receipt(
    office: LiveOffice, sari: Villager
) -> None:
    await sari.registers("pengumuman")
    seen = await sari.hears("Nomor daftar")
    assert len(sari.wrote()) <= 13
    assert "belum terlindungi" in seen.text
    case = await office.case(sari.receipts[0])
    assert (case.status, case.area, case.occupation, case.gender, case.birth_year, case.has_photo) == (
        Status.SUBMITTED,
        "81.71.01.2001",
        "NEL",
        "P",
        1985,
        True,
    )
    answers = await office.answers(sari.receipts[0])
    assert (answers["nik"], answers["name"], answers["phone"]) == (
        "8171015503859901",
        "SARNI TUHUMURY",
        "+6281234500001",
    )


async def test_a_receipt_number_is_digits_with_a_check_digit_and_no_sequence(
    office: LiveOffice, sari: Villager, budi: Villager
) -> None:
    await sari.registers()
    await budi.registers()
    first, second = (parse_receipt(person.receipts[0], "AMB") for person in (sari, budi))
    assert int(second.replace("-", "")[3:]) - int(first.replace("-", "")[3:]) not in range(100)
    wrong = first[:-1] + str((int(first[-1]) + 1) % 10)
    with pytest.raises(Invalid, match="receipt_check_digit"):
        parse_receipt(wrong, "AMB")


# Consent


async def test_consent_is_kept_with_its_text_time_and_channel(office: LiveOffice, sari: Villager) -> None:
    await sari.starts()
    asked = await sari.hears("Bolehkah kami simpan")
    assert "gratis" in asked.text
    assert "pegawai negeri" in asked.text
    assert len([seen for seen in sari.heard() if seen.kind == "message"]) == 1
    assert kept(office) == {"progress": 1}
    await sari.taps("Setuju")
    await sari.hears("nomor KTP")
    [(kind, version, channel, answer, at)] = office.rows("SELECT kind, text_version, channel, answer, at FROM consents")
    assert (kind, channel, answer) == ("registration", "telegram", 1)
    assert version
    assert at == int(office.clock.now.timestamp() * 1000)


@pytest.mark.parametrize("no", ["TIDAK", "seng mau", "batal"])
async def test_who_says_no_leaves_nothing_but_a_hash_that_goes_after_two_weeks(
    office: LiveOffice, joko: Villager, no: str
) -> None:
    await joko.says("beta pung nama Joko Susilo")
    await joko.hears("Bolehkah")
    await joko.says(no)
    await joko.hears("Data tidak kami simpan")
    await office.settles()
    assert kept(office) == {}
    [(sealed,)] = office.rows("SELECT sealed FROM addresses")
    assert sealed is None
    await office.later(days=15)
    assert office.rows("SELECT count(*) FROM addresses") == [(0,)]
    assert office.rows("SELECT count(*) FROM seen") == [(0,)]


async def test_no_file_of_a_stranger_is_fetched(office: LiveOffice, joko: Villager) -> None:
    await joko.sends_photo(ktp_photo())
    await joko.hears("Bolehkah")
    await joko.sends_photo(ktp_photo())
    await office.settles()
    assert office.server.calls("getFile") == []
    assert kept(office) == {"progress": 1}


async def test_before_the_consent_a_human_is_named_and_no_question_is_kept(office: LiveOffice, joko: Villager) -> None:
    await joko.starts()
    await joko.says("PETUGAS")
    await joko.hears("0812-3450-0000")
    await joko.says("Apakah saya boleh daftar?")
    await office.settles()
    assert "enquiries" not in kept(office)


# The NIK


async def test_a_nik_of_another_regency_is_taken_without_a_word(office: LiveOffice, sari: Villager) -> None:
    await sari.registers(NIK="6405015503859901")
    assert not [seen for seen in sari.ledger if "kabupaten" in seen.text]
    assert (await office.answers(sari.receipts[0]))["nik"] == "6405015503859901"


async def test_an_impossible_nik_is_refused_once_and_then_taken_for_the_officer_to_see(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await sari.registers("NIK")
    await sari.says("8171019913859901")
    await sari.hears("salah ketik")
    await sari.says("SUDAH SAMA")
    for text in ("15-03-1985", "P", "SARNI", "Ambon", "Latuhalat", "-", "1", "laut", "-", "NANTI", "-", "BENAR"):
        await sari.says(text)
    await sari.hears("Nomor daftar")
    await dewi.says("/ambil")
    await dewi.hears("NIK tidak lazim")


@pytest.mark.parametrize("number", ["817101550385990", "81710155O3859901", "1111111111111111", "1234567890123456"])
async def test_length_letters_and_fillers_are_never_taken_as_they_are(
    office: LiveOffice, sari: Villager, number: str
) -> None:
    await sari.registers("NIK")
    await sari.says(number)
    await sari.says("SUDAH SAMA")
    await office.settles()
    assert office.rows("SELECT count(*) FROM answers") == [(0,)]


async def test_a_birth_date_other_than_the_niks_is_no_quarrel_but_a_note_for_the_officer(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await sari.registers("nama")
    for text in ("SALAH", "16-03-1985", "1", "perempuan", "SARNI", "Ambon", "Latuhalat", "-", "1", "laut", "-"):
        await sari.says(text)
    for text in ("NANTI", "-", "BENAR"):
        await sari.says(text)
    await sari.hears("Nomor daftar")
    assert (await office.answers(sari.receipts[0]))["birth_date"] == "1985-03-16"
    await dewi.says("/ambil")
    await dewi.hears("Tanggal lahir tidak sama dengan NIK")


@pytest.mark.given(wrong_niks_per_day=4)
async def test_somebody_trying_numbers_is_asked_to_rest_and_finds_the_form_again_tomorrow(
    office: LiveOffice, joko: Villager
) -> None:
    await joko.registers("NIK")
    for digits in range(10, 15):
        await joko.says("8" * digits)
    await joko.hears("istirahat dulu")
    await office.later(days=1)
    await joko.says("DAFTAR")
    await joko.hears("16 angka")
    await joko.says("8171010101909903")
    await joko.hears("nama lengkap")


# Who is turned away, and who is told first


async def test_a_sixteen_year_old_is_told_kindly_and_nothing_of_them_stays(office: LiveOffice, joko: Villager) -> None:
    await joko.registers("NIK")
    await joko.says("8171011503109903")
    seen = await joko.hears("18 tahun ke atas")
    assert "Terima kasih" in seen.text
    assert not {"answers", "progress", "name_words"} & kept(office).keys()


@pytest.mark.given(min_age=16)
async def test_the_ages_are_the_offices_own(office: LiveOffice, joko: Villager) -> None:
    await joko.registers("NIK")
    await joko.says("8171011503109903")
    await joko.hears("nama lengkap")


async def test_at_sixty_five_the_rule_is_told_and_an_officer_decides(
    office: LiveOffice, budi: Villager, dewi: Villager
) -> None:
    await budi.registers("NIK")
    await budi.says("8171012211619902")
    await budi.hears("di bawah 65 tahun")
    await budi.says("YA")
    for text in ("BUDI PATTIASINA", "Ambon", "Passo", "-", "2", "kebun", "-", "NANTI", "-", "BENAR"):
        await budi.says(text)
    await budi.hears("Nomor daftar")
    await dewi.says("/ambil")
    await dewi.hears("Usia 65 tahun")


async def test_the_day_before_the_sixty_fifth_birthday_nothing_is_said(office: LiveOffice, budi: Villager) -> None:
    await budi.registers("NIK")
    await budi.says("8171012411619902")
    await budi.hears("nama lengkap")


async def test_who_lives_elsewhere_and_wants_no_officer_goes_back_to_the_village(
    office: LiveOffice, budi: Villager
) -> None:
    await budi.registers("desa")
    await budi.says("Tulehu")
    await budi.taps("Di luar Kota Ambon")
    await budi.hears("Program ini untuk warga")
    await budi.says("TIDAK")
    await budi.hears("desa, negeri, atau kelurahan")


# Village and occupation


@pytest.mark.given(area="65.03")
async def test_another_regency_knows_its_own_villages(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("desa")
    await sari.says("Latuhalat")
    await sari.hears("belum kami temukan di Kabupaten Nunukan")
    await sari.says("nunukan tmur")
    await sari.hears("Nunukan Timur")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("beta bakobong", "TAN"),
        ("mancari di lau", "NEL"),
        ("papalele", "PDG"),
        ("tukang ojek", "OJK"),
        ("kita mangael", "NEL"),
        ("3", "PDG"),
        ("dalang wayang", "LNY"),
    ],
)
async def test_work_is_understood_as_people_say_it(office: LiveOffice, sari: Villager, said: str, code: str) -> None:
    await sari.registers(pekerjaan=said)
    assert (await office.case(sari.receipts[0])).occupation == code


# Phone


async def test_only_the_own_contact_is_taken(office: LiveOffice, sari: Villager, joko: Villager) -> None:
    await sari.registers("nomor HP")
    await sari.shares_contact(own=False, other=joko)
    await sari.hears("Itu nomor orang lain")
    await sari.taps("Kirim nomor saya")
    await sari.hears("foto KTP")
    assert sari.keyboard() == []


@pytest.mark.parametrize("way_out", [("BATAL", "YA"), ("HAPUS", "HAPUS DATA SAYA"), ("STOP", "1", "YA")])
async def test_the_offer_to_send_the_number_goes_with_its_question(
    office: LiveOffice, sari: Villager, way_out: tuple[str, ...]
) -> None:
    await sari.registers("nomor HP")
    assert sari.keyboard()
    for text in way_out:
        await sari.says(text)
    await office.settles()
    assert sari.keyboard() == []


async def test_a_family_shares_one_phone_and_the_officer_is_told(
    office: LiveOffice, sari: Villager, budi: Villager, dewi: Villager
) -> None:
    await sari.registers()
    await budi.registers(nomor_HP="0812 3450 0001")
    await dewi.says(f"/ambil {budi.receipts[0]}")
    await dewi.hears("dipakai juga di 1 pendaftaran lain")


# Photo


async def test_the_photo_lies_encrypted_and_without_what_the_phone_wrote_into_it(
    office: LiveOffice, sari: Villager, tmp_path: Path
) -> None:
    sent = ktp_photo()
    await sari.registers(photo=sent)
    [stored] = (tmp_path / "media").iterdir()
    data = stored.read_bytes()
    assert b"JFIF" not in data
    assert sent[200:232] not in data
    read = await asyncio.to_thread(office.store.media.read, stored.name)
    assert read.startswith(b"\xff\xd8")


async def test_what_somebody_says_while_the_photo_loads_waits_its_turn_and_nobody_else_does(
    office: LiveOffice, sari: Villager, budi: Villager
) -> None:
    await sari.registers("foto")
    slow = office.server.fault("file_download", "slow", seconds=0.3)
    await sari.sends_photo(ktp_photo())
    await sari.says("Yohana, anak")
    await slow.met.wait()
    await budi.starts()
    await budi.hears("Bolehkah")
    assert sari.heard() == []
    await sari.hears("Keluarga: Yohana, anak")


async def test_a_photo_that_cannot_be_fetched_is_asked_for_again(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("foto")
    office.server.fault("getFile", 400, description="Bad Request: file is too big")
    await sari.sends_photo(ktp_photo())
    await sari.hears("Mohon kirim sekali lagi")
    await sari.sends_photo(ktp_photo())
    await sari.hears("keluarga")


async def test_of_an_album_one_picture_is_kept(office: LiveOffice, sari: Villager, tmp_path: Path) -> None:
    await sari.registers("foto")
    await sari.sends_album([ktp_photo(), ktp_photo(), ktp_photo()])
    await sari.hears("Satu foto sudah cukup")
    await office.settles()
    assert len(list((tmp_path / "media").iterdir())) == 1
    assert len([seen for seen in sari.heard() if "Satu foto" in seen.text]) == 1


@pytest.mark.given(photos_per_hour=2)
async def test_a_flood_of_photos_is_answered_with_a_request_to_wait(office: LiveOffice, sari: Villager) -> None:
    await sari.registers("foto")
    for _ in range(2):
        await sari.sends_photo(ktp_photo(blurred=True))
        await office.settles()
    await sari.sends_photo(ktp_photo())
    await sari.hears("Mohon tunggu satu jam")
    await office.later(hours=1)
    await sari.sends_photo(ktp_photo())
    await sari.hears("keluarga")


# Taps, groups, floods


async def test_an_old_choice_changes_nothing_and_says_so(office: LiveOffice, sari: Villager) -> None:
    await sari.starts()
    asked = await sari.hears("Bolehkah")
    old = asked.button("Tidak")
    assert old is not None
    await sari.taps("Setuju")
    await sari.hears("16 angka")
    assert sari.chat.messages[asked.message_id].rows == ()
    await sari.taps(data=old.data, message_id=asked.message_id)
    assert await sari.toast() == "Sudah dijawab."
    await sari.hears_nothing(within=0.05)
    assert kept(office)["registrations"] == 1


@pytest.mark.parametrize(
    "data", ["f:1:consent:0:9", "f:2:nik:0", "f:x:y:z", "w:nothing", "zzz", "f", ":", "f:1:consent:²"]
)
async def test_a_forged_choice_does_nothing(office: LiveOffice, joko: Villager, data: str) -> None:
    await joko.starts()
    await joko.hears("Bolehkah")
    await joko.taps(data=data)
    assert await joko.toast()
    assert kept(office) == {"progress": 1}
    assert office.rows("SELECT count(*) FROM inbox") == [(0,)]


async def test_in_a_group_the_service_says_once_where_it_works_and_leaves(office: LiveOffice, sari: Villager) -> None:
    group = await sari.adds_bot_to_group()
    seen = await group.hears("percakapan pribadi")
    assert "https://t.me/" in seen.text
    await office.settles()
    assert not group.bot_inside
    assert len(group.heard()) == 1
    assert kept(office) == {}


@pytest.mark.given(messages_per_minute=4)
async def test_a_flood_of_messages_gets_one_kind_warning(office: LiveOffice, joko: Villager) -> None:
    for _ in range(6):
        await joko.says("p")
    await office.settles()
    warnings = [seen for seen in joko.ledger if "tunggu satu menit" in seen.text]
    assert len(warnings) == 1
    await office.later(minutes=1)
    await joko.says("p")
    await joko.hears("Bolehkah")


async def test_nobody_needs_a_name_to_be_met(office: LiveOffice, sari: Villager) -> None:
    assert isinstance(sari, Person)
    await sari.starts()
    seen = await sari.hears("Bapak/Ibu")
    assert "Sari" not in seen.text
