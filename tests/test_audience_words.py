"""An audience is said in one Indonesian sentence, and what an admin types is read, or given back word by word."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.networks import LABELS, SPELLINGS
from bot.texts import Voice
from conversation.say import Say
from domain.audience import KINDS, Audience, Condition, values_of
from domain.rules import Rules
from handlers.audience_reading import Unclear, explain, read
from handlers.audience_words import labels, sentence
from handlers.office import Office
from storage.areas import load_places
from tests.audiences import audiences

LATUHALAT, PASSO, SOYA = "81.71.01.2001", "81.71.03.2001", "81.71.02.2009"
NUSANIWE, SIRIMAU = "81.71.01", "81.71.02"
SPOKEN = tuple(kind for kind in KINDS if kind not in ("coming", "declined", "invited"))


@cache
def say() -> Say:
    return Voice("Asia/Jayapura")


@cache
def office(code: str = "81.71") -> Office:
    labels = {name: say()(label) for name, label in LABELS.items()}
    return Office(say(), Rules(), load_places(code), "Disnaker", "", "", "", "AMB", labels=labels, spellings=SPELLINGS)


def codes(area: str) -> tuple[str, ...]:
    places = office(area).places
    return (*(one.code for one in places.districts), *(one.code for one in places.villages))


def audience(*conditions: tuple[str, tuple[str, ...]], but: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Audience:
    return Audience((*(Condition(*one) for one in conditions), *(Condition(*one, negated=True) for one in but)))


TWO_STATES = (
    "semua orang yang belum selesai daftar atau perlu memperbaiki data, berumur 18-34 tahun atau 65 tahun ke atas,"
    " dan menulis dalam 30 hari terakhir"
)
FOUR_EXCEPTIONS = (
    "semua orang di Kec. Nusaniwe, kecuali yang di Latuhalat, yang belum pernah daftar,"
    " yang menulis dalam 7 hari terakhir, dan tukang ojek"
)
SAID = [
    (audience(), "semua orang"),
    (audience(("occupation", ("NEL", "TAN", "OJK"))), "nelayan, petani, dan tukang ojek"),
    (
        audience(("occupation", ("NEL",)), ("place", (LATUHALAT, PASSO)), ("status", ("unfinished",))),
        "nelayan di Latuhalat dan Passo yang belum selesai daftar",
    ),
    (
        audience(("status", ("unfinished",)), but=(("age", ("55-64",)),)),
        "semua orang yang belum selesai daftar, kecuali yang berumur 55-64 tahun",
    ),
    (
        audience(("place", (SIRIMAU, "81.71.01.1006"))),
        "semua orang di Kelurahan Nusaniwe dan Kec. Sirimau",
    ),
    (
        audience(("sector", ("fishery", "farming")), ("place", (SOYA,))),
        "pekerja bidang perikanan dan pertanian di Soya",
    ),
    (
        audience(("occupation", ("PGI",)), ("sector", ("trade",)), ("channel", ("telegram",))),
        "pengolah/penjual ikan bidang perdagangan yang memakai Telegram",
    ),
    (
        audience(("status", ("unfinished", "correction")), ("age", ("18-24", "25-34", "65+")), ("seen", ("30",))),
        TWO_STATES,
    ),
    (
        audience(("age", ("18-24", "25-34")), ("channel", ("webchat",))),
        "semua orang yang berumur 18-34 tahun, dan memakai percakapan web",
    ),
    (audience(but=(("place", (LATUHALAT, PASSO)),)), "semua orang, kecuali yang di Latuhalat atau Passo"),
    (
        audience(
            ("place", (NUSANIWE,)),
            but=(("occupation", ("OJK",)), ("place", (LATUHALAT,)), ("seen", ("7",)), ("status", ("none",))),
        ),
        FOUR_EXCEPTIONS,
    ),
    (
        audience(but=(("sector", ("transport", "services")),)),
        "semua orang, kecuali pekerja bidang angkutan atau jasa",
    ),
]


@pytest.mark.parametrize(("meant", "text"), SAID)
def test_an_audience_is_said_in_a_sentence_that_can_be_typed_back(meant: Audience, text: str) -> None:
    assert sentence(meant, office(), say()) == text
    assert read(text, office()) == meant


def test_events_are_called_by_their_names() -> None:
    coming = audience(("coming", ("7",)), but=(("invited", ("8", "9")),))
    assert sentence(coming, office(), say(), {"7": "Sosialisasi Latuhalat"}) == (
        "semua orang yang menjawab Hadir untuk Sosialisasi Latuhalat, kecuali yang diundang ke acara 8 atau acara 9"
    )


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data(), area=st.sampled_from(("81.71", "82.71", "65.03")))
def test_what_the_sentence_says_is_read_as_the_same_audience(data: st.DataObject, area: str) -> None:
    meant = data.draw(audiences(SPOKEN, places=codes(area)))
    assert read(sentence(meant, office(area), say()), office(area)) == meant


@pytest.mark.parametrize("area", ["81.71", "82.71", "65.03"])
def test_every_place_is_called_by_a_name_that_leads_back_to_it(area: str) -> None:
    for code in codes(area):
        alone = audience(("place", (code,)))
        assert read(sentence(alone, office(area), say()), office(area)) == alone


@pytest.mark.parametrize("kind", SPOKEN)
def test_every_value_has_a_short_label_of_its_own_and_is_said_and_read(kind: str) -> None:
    listed = labels(kind, office(), say())
    assert {value for value, _ in listed} >= set(values_of(kind))
    assert len({label for _, label in listed}) == len(listed)
    for value, label in listed:
        assert 0 < len(label) <= 40
        alone = audience((kind, (value,)))
        assert read(sentence(alone, office(), say()), office()) == alone


def test_events_have_no_labels_here() -> None:
    assert [labels(kind, office(), say()) for kind in ("coming", "declined", "invited")] == [[], [], []]


def test_a_network_that_nobody_named_is_called_as_it_is() -> None:
    assert sentence(audience(("channel", ("sms",))), office(), say()) == "semua orang yang memakai sms"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("semua", "semua orang"),
        ("SEMUA ORANG!", "semua orang"),
        ("petani kec sirimau", "petani di Kec. Sirimau"),
        ("petani di kecamatan Sirimao", "petani di Kec. Sirimau"),
        ("kec. Sirimau dan Nusaniwe", "semua orang di Kec. Nusaniwe dan Kec. Sirimau"),
        ("umur 18-24 telegram", "semua orang yang berumur 18-24 tahun dan memakai Telegram"),
        ("belum selesai", "semua orang yang belum selesai daftar"),
        ("yg blm selesai daftar", "semua orang yang belum selesai daftar"),
        ("yang menulis 30 hari terakhir", "semua orang yang menulis dalam 30 hari terakhir"),
        ("tidak menulis sebulan terakhir", "semua orang, kecuali yang menulis dalam 30 hari terakhir"),
        ("sudah 90 hari tidak menulis", "semua orang, kecuali yang menulis dalam 90 hari terakhir"),
        ("bukan ojek", "semua orang, kecuali tukang ojek"),
        ("selain ojek", "semua orang, kecuali tukang ojek"),
        ("yang bukan nelayan dan petani di Soya", "semua orang di Soya, kecuali nelayan atau petani"),
        ("bukan nelayan tapi di Soya", "semua orang di Soya, kecuali nelayan"),
        ("belum terlindungi", "semua orang, kecuali yang sudah terlindungi"),
        ("belum terlindungi dan belum selesai daftar", "semua orang yang belum selesai daftar, kecuali yang sudah"),
        ("kecuali yang tidak memakai telegram", "semua orang yang memakai Telegram"),
        ("nelayann di Rumah 3", "nelayan di Rumah Tiga"),
        ("orang bakobong di negeri soya kec sirimau", "petani di Soya"),
        ("55 tahun ke atas", "semua orang yang berumur 55 tahun ke atas"),
        ("di atas 54 tahun", "semua orang yang berumur 55 tahun ke atas"),
        ("usia di bawah 35", "semua orang yang berumur 18-34 tahun"),
        ("34 tahun ke bawah", "semua orang yang berumur 18-34 tahun"),
        ("berumur 18 sampai 24 tahun atau 65+", "semua orang yang berumur 18-24 tahun atau 65 tahun ke atas"),
        ("bidang perikanan, bangunan di kota ambon", "pekerja bidang perikanan dan bangunan di Kec. Nusaniwe, Kec."),
        ("81.71.02, 81.71.01.2001", "semua orang di Latuhalat dan Kec. Sirimau"),
        ("nelayan, kecuali yang di Latuhalat", "nelayan, kecuali yang di Latuhalat"),
        ("di telegram", "semua orang yang memakai Telegram"),
    ],
)
def test_what_admins_type_is_read(text: str, meant: str) -> None:
    assert sentence(read(text, office()), office(), say()).startswith(meant)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("perempuan nelayan", ["perempuan"]),
        ("nelayan di hutan rimba yang rajin", ["hutan rimba", "rajin"]),
        ("nelayan umur 20-30 tahun", ["umur 20-30 tahun"]),
        ("menulis 5 hari terakhir", ["menulis 5 hari terakhir"]),
        ("99.99.99", ["99.99.99"]),
        ("bukan", ["bukan"]),
        ("yang", ["yang"]),
        ("", [""]),
        ("desa", ["desa"]),
        ("bidang sihir", ["sihir"]),
        ("yang menulis", ["menulis"]),
    ],
)
def test_words_that_are_not_understood_are_named_and_no_others(text: str, unknown: list[str]) -> None:
    with pytest.raises(Unclear) as told:
        read(text, office())
    assert (list(told.value.unknown), told.value.doubts, told.value.tangled) == (unknown, (), ())


@pytest.mark.parametrize(
    ("text", "words", "choices"),
    [
        ("nelayan di Nusaniwe", "Nusaniwe", ["Kec. Nusaniwe", "Kelurahan Nusaniwe", "Negeri Nusaniwe"]),
        ("nelayan di latuhalad", "latuhalad", ["Negeri Latuhalat"]),
        ("desa latuhalad", "desa latuhalad", ["Negeri Latuhalat"]),
        ("tukang di Passo", "tukang", ["buruh bangunan", "tukang ojek", "tukang jahit/bengkel/cukur/servis"]),
    ],
)
def test_a_doubtful_name_comes_back_with_what_it_may_be(text: str, words: str, choices: list[str]) -> None:
    with pytest.raises(Unclear) as told:
        read(text, office())
    (doubt,) = told.value.doubts
    assert (doubt.words, [label for _, label in doubt.choices]) == (words, choices)
    assert told.value.unknown == ()
    for condition, _ in doubt.choices:
        assert told.value.audience.add(condition).values(doubt.kind) == condition.values


def test_a_doubt_among_the_exceptions_is_one_about_whom_to_leave_out() -> None:
    with pytest.raises(Unclear) as told:
        read("petani kecuali yang di latuhalad", office())
    ((condition, _),) = told.value.doubts[0].choices
    whole = told.value.audience.add(condition)
    assert sentence(whole, office(), say()) == "petani, kecuali yang di Latuhalat"


@pytest.mark.parametrize(
    ("text", "tangled"),
    [
        ("nelayan di Passo dan petani di Soya", ["petani", "Soya"]),
        ("semua kecuali nelayan di Latuhalat", ["Latuhalat"]),
        ("nelayan atau yang di Passo", ["Passo"]),
        ("nelayan dan pekerja bidang pertanian", ["pertanian"]),
        ("belum terlindungi atau ditolak", ["ditolak"]),
        ("bukan nelayan atau bukan petani", ["petani"]),
        ("menulis 7 hari terakhir dan menulis 30 hari terakhir", ["menulis 30 hari terakhir"]),
        ("kecuali yang tidak memakai telegram atau web", ["web"]),
    ],
)
def test_what_conditions_cannot_say_is_given_back_and_never_guessed(text: str, tangled: list[str]) -> None:
    with pytest.raises(Unclear) as told:
        read(text, office())
    assert (list(told.value.tangled), told.value.unknown, told.value.doubts) == (tangled, (), ())


def test_the_admin_is_told_what_is_unclear() -> None:
    with pytest.raises(Unclear) as told:
        read("janda di latuhalad atau nelayan", office())
    assert explain(told.value, say()).splitlines() == [
        "Kata ini belum saya mengerti: **janda**.",
        "**latuhalad** bisa berarti: Negeri Latuhalat.",
        "**nelayan** tidak bisa digabung seperti itu. Coba tulis lebih sederhana.",
    ]


def test_a_district_called_like_the_regency_is_a_doubt() -> None:
    with pytest.raises(Unclear) as told:
        read("petani di Nunukan", office("65.03"))
    (doubt,) = told.value.doubts
    assert [label for _, label in doubt.choices] == ["Kabupaten Nunukan", "Kec. Nunukan"]


def test_a_text_without_end_is_given_back() -> None:
    with pytest.raises(Unclear):
        read("nelayan " * 200, office())


PIECES = ("bukan", "kecuali", "di", "desa", "kec.", "dan", "atau", ",", "18-24", "nelayan", "passo", "telegram", "yang")


@settings(suppress_health_check=list(HealthCheck))
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        found = read(text, office())
    except Unclear as unclear:
        said = (unclear.unknown, unclear.doubts, unclear.tangled, explain(unclear, say()))
    else:
        said = (read(sentence(found, office(), say()), office()) == found,)
    assert any(said)
