"""What people answer when asked for their work, and the code it becomes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.occupation import COMMON, OCCUPATIONS, OTHER, find_occupation, occupation


def codes(text: str) -> list[str]:
    return [found.code for found in find_occupation(text)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nelayan", "NEL"),
        ("NEL", "NEL"),
        ("beta karja mancari ikang", "NEL"),
        ("mancari di lau", "NEL"),
        ("kita mangael", "NEL"),
        ("petani", "TAN"),
        ("beta bakobong", "TAN"),
        ("bakobong", "TAN"),
        ("bajual di pasar", "PDG"),
        ("papalele", "PDG"),
        ("papalele ikang", "PGI"),
        ("bajual ikang di pasar", "PGI"),
        ("tukang ojek", "OJK"),
        ("bawa ojek", "OJK"),
        ("petani rumput laut", "RML"),
        ("buruh nelayan", "ABK"),
        ("sopir speedboat", "MTR"),
        ("Tukang bangunan.", "BGN"),
        ("buruh bongkar muat di pelabuhan", "BMT"),
        ("tukang jahit keliling", "TKJ"),
        ("jibu-jibu", "PGI"),
        ("guru ngaji", "GNJ"),
        ("nelayann", "NEL"),
        ("tukang bagunan", "BGN"),
        ("Lainnya", OTHER),
    ],
)
def test_an_answer_that_is_certain(text, code):
    assert codes(text) == [code]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("buruh", ["BGN", "BMT", "BTN", "ABK"]),
        ("nelayan dan petani", ["NEL", "TAN"]),
        ("tukang", ["BGN", "OJK", "TKJ"]),
    ],
)
def test_an_answer_that_may_mean_several_is_asked_back(text, offered):
    assert codes(text) == offered


@pytest.mark.parametrize(
    "text",
    [
        "PNS",
        "guru honorer",
        "ibu rumah tangga",
        "mahasiswa",
        "kerja serabutan",
        "bukan nelayan",
        "dulu nelayan",
        "",
        "?",
        "x" * 999,
    ],
)
def test_what_nobody_listed_stays_free_text(text):
    assert codes(text) == []


def test_every_occupation_is_found_by_its_code_and_each_of_its_words():
    for one in OCCUPATIONS:
        assert occupation(one.code) == one
        assert codes(one.code.lower()) == [one.code]
        for phrase in one.synonyms:
            assert codes(phrase) == [one.code], phrase


def test_no_word_leads_to_two_occupations():
    phrases = [phrase for one in OCCUPATIONS for phrase in one.synonyms]
    assert len(phrases) == len(set(phrases))


def test_all_codes_of_the_programme_are_there_and_the_commonest_come_in_order():
    assert len(OCCUPATIONS) == len({one.code for one in OCCUPATIONS}) == 31
    assert [one.code for one in COMMON] == ["NEL", "TAN", "PDG", "OJK", "BGN", "BMT"]
    assert {one.code for one in OCCUPATIONS if one.sector == "transport"} == {
        "OJK",
        "BCK",
        "SPR",
        "MTR",
        "KUR",
    }
    assert occupation("XYZ") is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading(text):
    found = find_occupation(text)
    assert len({one.code for one in found}) == len(found)
