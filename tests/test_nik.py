"""The NIK: what is taken, what is said about the rest, and that nobody reads it off a log."""

import pickle
import string
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.nik import IMPOSSIBLE, PROVINCES, RETIRED_REGENCIES, Nik, region_note
from storage.areas import FOLDER, load_places

DAY = date(2026, 11, 20)
CODES = {"nik_length", "nik_not_digits", "nik_placeholder", "nik_is_phone", "nik_is_kpj", *IMPOSSIBLE}


def refusal(text: str) -> Invalid:
    with pytest.raises(Invalid) as refused:
        Nik.parse(text, as_of=DAY)
    return refused.value


def outcome(read: Callable[..., Nik], text: str, **given: date) -> Nik | Invalid:
    try:
        return read(text, **given)
    except Invalid as refused:
        return refused


@st.composite
def births_and_niks(draw) -> tuple[date, str, str]:
    born = draw(st.dates(date(1940, 1, 1), date(2010, 1, 1)))
    gender = draw(st.sampled_from("LP"))
    province = draw(st.sampled_from(sorted(PROVINCES)))
    place = draw(st.integers(0, 9999))
    serial = draw(st.integers(1, 9999))
    day = born.day + (40 if gender == "P" else 0)
    return born, gender, f"{province}{place:04}{day:02}{born:%m%y}{serial:04}"


@given(births_and_niks())
def test_every_issued_nik_gives_back_birth_and_gender(person):
    born, gender, digits = person
    nik = Nik.parse(digits, as_of=DAY)
    assert (nik.birth(DAY), nik.gender, nik.unusual, nik.agrees_with(born)) == (born, gender, False, True)
    assert nik.doubt(DAY) is None


@given(births_and_niks(), st.sampled_from([" ", "-", ".", "  ", "–", "\u200b", "\u00a0"]))
def test_however_the_groups_are_set_apart_it_is_the_same_nik(person, gap):
    digits = person[2]
    typed = gap.join(digits[start : start + 4] for start in range(0, 16, 4))
    assert Nik.parse(f" {typed}\n", as_of=DAY).digits == digits


@given(st.one_of(st.text(max_size=60), st.text(alphabet=string.digits + " .-O+", max_size=24)))
def test_no_text_breaks_the_reading(text):
    for nik in (outcome(Nik.parse, text, as_of=DAY), outcome(Nik.take_unusual, text)):
        if isinstance(nik, Invalid):
            assert nik.code in CODES
            assert len(str(nik.facts)) < 40
        else:
            assert len(nik.digits) == 16


@given(births_and_niks())
def test_nothing_that_prints_a_nik_shows_more_than_its_last_two_digits(person):
    digits = person[2]
    nik = Nik(digits)
    for shown in (repr(nik), str(nik), f"{nik}", nik.masked, repr({"nik": nik}), repr([nik])):
        assert "".join(c for c in shown if c.isdigit()) == digits[-2:]
    assert nik.masked == f"**** **** **** **{digits[-2:]}"
    assert repr(nik) == f"Nik(**************{digits[-2:]})"


def test_a_nik_cannot_be_built_from_anything_else():
    for wrong in ("8171", "81710215O3859901", "８１７１０２１５０３８５９９０１", "8171021503859901\n"):
        with pytest.raises(ValueError, match="16 digits") as refused:
            Nik(wrong)
        assert wrong not in str(refused.value)


def test_equal_digits_are_the_same_nik_also_after_storage():
    nik = Nik("8171021503859901")
    assert pickle.loads(pickle.dumps(nik)) == nik  # noqa: S301  our own bytes
    assert len({nik, Nik("8171021503859901")}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "NIK saya 8171021503859901",
        "no. KTP: 8171 0215 0385 9901",
        "nik:8171021503859901",
        "8171 0215 0385 9901 pak.",
        "８１７１０２１５０３８５９９０１",
    ],
)
def test_a_label_in_front_and_wide_digits_do_not_matter(text):
    assert Nik.parse(text, as_of=DAY).digits == "8171021503859901"


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("81710215O3859901", 9),
        ("8171 O215 0385 9901", 5),
        ("l171021503859901", 1),
        ("tidak tahu", 1),
        ("8171021503859901x", 17),
    ],
)
def test_a_letter_among_the_digits_is_shown_its_place(text, position):
    refused = refusal(text)
    assert (refused.code, refused.facts) == ("nik_not_digits", {"position": position})


@pytest.mark.parametrize(
    "text", ["081234500001", "+62 812-3450-0001", "6281234500001", "81234500001", "0062812345000012"]
)
def test_a_phone_number_is_recognised(text):
    assert refusal(text).code == "nik_is_phone"


def test_a_membership_number_is_recognised():
    assert refusal("19012345678").code == "nik_is_kpj"


@pytest.mark.parametrize("missing", range(2, 7))
def test_the_beginning_of_a_nik_from_ambon_is_no_phone_number(missing):
    assert refusal("8171021503859901"[:-missing]).code in {"nik_length", "nik_is_kpj"}


def test_a_family_card_is_asked_about_once_and_can_be_insisted_on():
    issued_in_2012 = "8171021503129901"
    assert refusal(issued_in_2012).code == "nik_is_family_card"
    nik = Nik.take_unusual(issued_in_2012)
    assert nik.doubt(DAY) == "nik_is_family_card"
    assert nik.unusual is False
    assert nik.birth(DAY) is None, "its date is asked for, not believed"


def test_a_fifteen_year_old_is_no_family_card():
    assert Nik.parse("8171022011119901", as_of=DAY).birth(DAY) == date(2011, 11, 20)
    assert refusal("8171022111119901").code == "nik_is_family_card"


@pytest.mark.parametrize(
    ("digits", "code"),
    [
        ("8171021513859905", "nik_bad_date"),
        ("8171020003859906", "nik_bad_date"),
        ("8171024003859908", "nik_bad_date"),
        ("8171023102859908", "nik_bad_date"),
        ("8171021503850000", "nik_bad_serial"),
        ("9971021503859912", "nik_unknown_province"),
        ("2071021503859912", "nik_unknown_province"),
    ],
)
def test_an_impossible_nik_is_refused_once_and_taken_as_unusual(digits, code):
    assert refusal(digits).code == code
    assert code in IMPOSSIBLE
    nik = Nik.take_unusual(digits)
    assert (nik.unusual, nik.birth(DAY), nik.gender, nik.doubt(DAY)) == (True, None, None, code)


@pytest.mark.parametrize(
    "filler", [*(digit * 16 for digit in string.digits), "1234567890123456", "1234 5678 9012 3456"]
)
def test_fillers_are_never_taken(filler):
    assert refusal(filler).code == "nik_placeholder"
    with pytest.raises(Invalid, match="nik_placeholder"):
        Nik.take_unusual(filler)


@pytest.mark.parametrize("text", ["817102150385990", "81710215038599011", "81710215O3859901", ""])
def test_sudah_sama_takes_no_wrong_length_and_no_letters(text):
    with pytest.raises(Invalid):
        Nik.take_unusual(text)


def test_two_digits_of_the_year_are_read_by_the_day_of_asking():
    nik = Nik("8171021503269901")
    assert nik.birth(date(2025, 1, 1)) == date(1926, 3, 15)
    assert nik.birth(date(2046, 1, 1)) == date(2026, 3, 15)
    assert Nik("8171022902009911").birth(DAY) == date(2000, 2, 29)


def test_a_stated_birth_date_of_another_century_agrees():
    assert Nik("8171021503859901").agrees_with(date(1885, 3, 15))
    assert Nik("8171025503859901").agrees_with(date(1985, 3, 15))
    assert not Nik("8171021503859901").agrees_with(date(1985, 3, 16))


def test_the_parts_of_the_region():
    nik = Nik("8171021503859901")
    assert (nik.province, nik.regency, nik.region) == ("81", "81.71", "81.71.02")


def test_a_move_is_told_but_not_when_the_code_is_retired():
    places = load_places("81.71")
    from_makassar, retired, unknown = (
        Nik("7371011503859915"),
        Nik("9201015503859914"),
        Nik("6405021503859913"),
    )
    ask = {"area": "81.71", "known": places.knows}
    assert region_note(from_makassar, **ask) == "nik_region_differs"
    assert region_note(from_makassar, **ask, village="73.71.01.1001") is None
    assert region_note(Nik("8171021503859901"), **ask, village="73.71.01.1001") == "nik_region_differs"
    assert region_note(retired, **ask) is None
    assert region_note(unknown, **ask) == "nik_region_unknown"
    assert region_note(Nik("9971021503859912"), **ask) == "nik_region_unknown"


def test_provinces_and_retired_regencies_are_those_of_the_tables():
    regions = [line.split(" ")[0] for line in (FOLDER / "regions.txt").read_text().splitlines()]
    retired = [line.split(" ")[0] for line in (FOLDER / "retired.txt").read_text().splitlines()]
    assert {code for code in regions if len(code) == 2} == PROVINCES
    assert {code[:5] for code in retired} == RETIRED_REGENCIES
    assert not RETIRED_REGENCIES & set(regions)
