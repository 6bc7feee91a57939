"""The words people answer with: each means what the writing guide's table says, and only as the whole answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.words import clean, command, is_listed, meanings, normal, number

TABLE = {
    "yes": "ya y iya iyah iyo yo ye yes yup yoi betul btl benar bnr ok oke oks okay okey k sip siap setuju stuju boleh"
    " bisa mau lanjut io batul btul bole jadi 👍 ✅",
    "done": "sudah sdh udah udh su",
    "no": "tidak tdk gak ga nggak ngga enggak engga gk g no n bukan bkn belum blm jangan kurang ndak tak 👎 seng sing"
    " tra tara balong balom jang bukang",
    "wrong": "salah sala",
    "cancel": "batal cancel keluar",
    "back": "kembali balik back mundur sebelumnya bale",
    "restart": "ulang ulangi reset",
    "change": "ubah ganti edit perbaiki betulkan ralat koreksi",
    "skip": "lewati lewat skip nanti kosong - tarada trada",
    "help": "bantuan bantu tolong help bingung bagaimana gimana cara ?",
    "human": "petugas admin orang operator telpon telepon hubungi",
    "status": "status cek",
    "start": "daftar mulai start halo hai hallo hello pagi siang sore malam assalamualaikum syalom shalom p",
    "info": "info",
    "stop": "stop berhenti unsubscribe",
    "erase": "hapus delete",
    "thanks": "makasih mksh trims tq thx dangke danke syukur 🙏",
}
PHRASES = {
    "yes": ["sudah benar", "sdh benar", "batul sudah", "su batul", "oke sudah"],
    "no": ["seng mau", "seng jadi", "tar mau"],
    "cancel": ["btl batal", "stop daftar", "tidak jadi", "gak jadi", "ga jadi", "nda jadi", "seng jadi", "tar jadi"],
    "restart": ["ulang dari awal", "mulai lagi", "dari awal"],
    "change": ["ganti itu", "kasi bae", "kase bae"],
    "skip": ["nanti saja", "nanti dulu", "lain kali", "tidak ada", "tdk ada", "gak ada", "ga punya", "tidak punya"],
    "help": ["tidak mengerti", "gak ngerti", "gak paham", "tolong dolo", "beta seng mangarti", "mangarti?"],
    "human": ["bicara dengan orang", "KTP ilang"],
    "status": ["cek status", "sudah sampai mana", "gimana data saya", "bagaimana pendaftaran saya"],
    "start": ["/start", "selamat pagi", "mau daftar", "mo daftar", "beta mau daftar"],
    "stop": ["jangan kirim lagi", "jang kirim lai"],
    "erase": ["hapus data", "hapus data saya"],
    "my_data": ["data saya", "/data"],
    "thanks": ["terima kasih"],
}


@pytest.mark.parametrize("meaning", sorted(TABLE))
def test_each_listed_word_means_what_the_guide_says(meaning: str) -> None:
    listed = [*TABLE[meaning].split(), *PHRASES.get(meaning, [])]
    assert [word for word in listed if meaning not in meanings(word)] == []


@pytest.mark.parametrize(
    ("written", "meaning"),
    [
        ("  YA!! ", "yes"),
        ("Ya, pak", "yes"),
        ("iyaaaa", "yes"),
        ("okee", "yes"),
        ("*SETUJU*", "yes"),
        ("👍🏽", "yes"),
        ("ok 👍", "yes"),
        ("nggak", "no"),
        ("Tidak, Bu.", "no"),
        ("batal dong", "cancel"),
        ("Nanti jua", "skip"),
        ("???", "help"),
        ("/STATUS@lindung_bot", "status"),
        ("terima kasih banyak pak", "thanks"),
    ],
)
def test_signs_case_emoji_and_small_words_around_an_answer_change_nothing(written: str, meaning: str) -> None:
    assert meaning in meanings(written)


@pytest.mark.parametrize(
    "written",
    ["ya tapi saya tidak punya KTP", "bukan begitu", "status bayar", "batalkan tidak", "yakin", "petugasnya galak", ""],
)
def test_a_word_within_a_longer_answer_counts_for_nothing(written: str) -> None:
    assert not is_listed(written)


@pytest.mark.parametrize(
    "written",
    ["STOP.", "stop dong", "Stop kirim", "*STOP*", "STOP 🙏", "🛑", "Stoppp", "Jang kirim lai", "BERHENTI!", "/stop"],
)
def test_there_are_many_ways_to_say_stop(written: str) -> None:
    assert meanings(written) == {"stop"}


@pytest.mark.parametrize(
    "written", ["stop di depan rumah", "bantuan stop bulan ini", "saya mau stop merokok", "jangan kirim KTP"]
)
def test_stop_as_one_of_many_words_is_none(written: str) -> None:
    assert meanings(written) == frozenset()


@pytest.mark.parametrize("particle", ["pak", "bu", "kak", "min", "dong", "sih", "lah", "e", "jua", "jo"])
def test_a_particle_alone_is_no_answer(particle: str) -> None:
    assert "yes" not in meanings(particle)


def test_the_words_that_could_mean_two_things_are_settled_as_the_guide_says() -> None:
    assert "cancel" not in meanings("btl")
    assert meanings("info") == {"info"}
    assert "stop" in meanings("berhenti")
    assert "cancel" not in meanings("berhenti")
    assert {"cancel", "no"} <= meanings("seng jadi")
    assert "yes" not in meanings("sudah")
    assert "yes" not in meanings("🙏")
    assert "resume_notices" in meanings("MULAI")
    assert "yes" not in meanings("1")
    assert meanings("/mulai") == meanings("MULAI")


@pytest.mark.parametrize("name", ["Syukur", "Tara", "P", "Orang", "Siap", "Malam", "Cara", "Reset"])
def test_where_any_answer_is_free_a_name_is_no_command(name: str) -> None:
    assert is_listed(name)
    assert command(name, free=True) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BATAL", "cancel"),
        ("kembali", "back"),
        ("Bantuan", "help"),
        ("PETUGAS!", "human"),
        ("status", "status"),
        ("UBAH", "change"),
        ("info", "info"),
        ("stop", "stop"),
        ("hapus", "erase"),
        ("data saya", "my_data"),
        ("/batal", "cancel"),
        ("/bantuan", "help"),
        ("/help", "help"),
    ],
)
def test_the_plain_command_words_command_everywhere(written: str, meant: str) -> None:
    assert command(written, free=True) == meant
    assert command(written, free=False) == meant


def test_other_words_command_only_where_answers_are_not_free() -> None:
    assert command("balik", free=False) == "back"
    assert command("balik", free=True) is None


@pytest.mark.parametrize(("written", "chosen"), [("1", 1), (" 7. ", 7), ("2)", 2), ("11", 11), ("0", 0)])
def test_a_choice_is_its_number_exactly(written: str, chosen: int) -> None:
    assert number(written) == chosen


@pytest.mark.parametrize("written", ["1 dan 2", "satu", "1a", "-1", "1000", "²", "١", ""])
def test_nothing_else_is_a_number(written: str) -> None:
    assert number(written) is None


def test_invisible_signs_and_double_blanks_do_not_stay() -> None:
    assert clean("\u202eSARNI \u00a0 TUHUMURY\u200b \n  Latuhalat ") == "SARNI TUHUMURY\nLatuhalat"


@given(st.text())
def test_any_text_can_be_read_and_reading_it_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert normal(normal(text)) == normal(text)
    assert meanings(text) == meanings(clean(text))
    number(text)
