"""Birth dates as people write them, and the ages that follow."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import BirthDate, age_code, age_on, parse_birth_date
from domain.errors import Invalid

DAY = date(2026, 11, 20)
BORN = date(1985, 3, 15)
SPELLINGS = """
Januari Jan
Februari Feb Pebruari Peb
Maret Mar
April Apr
Mei
Juni Jun
Juli Jul
Agustus Agu Agt Ags
September Sep Sept
Oktober Okt
November Nov Nopember Nop
Desember Des
"""
MONTHS = [line.split() for line in SPELLINGS.split("\n") if line]


def outcome(text: str) -> BirthDate | Invalid:
    try:
        return parse_birth_date(text, as_of=DAY)
    except Invalid as refused:
        return refused


@pytest.mark.parametrize(
    "text",
    [
        "15-03-1985",
        "15/3/85",
        "15.3.1985",
        "15 3 1985",
        "15031985",
        "150385",
        "1985-03-15",
        "15 Maret 1985",
        "15 MAR 85",
        "15maret1985",
        "15-mar-85",
        "15 Mar, 1985",
        "15 – 03 – 1985",
        "15,3,1985",
        "15 Maret '85",
        "lahir tgl 15 bulan 3 taong 85",
        "beta lahir tanggal 15 bulan maret tahun 1985",
        "tgl. 15 bln 3 thn 1985 pak",
        "１５-03-1985",
    ],
)
def test_the_same_day_in_many_spellings(text):
    assert parse_birth_date(text, as_of=DAY) == BirthDate(BORN)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Ambon, 15-03-1985", "Ambon"),
        ("Ambon 15 Maret 1985", "Ambon"),
        ("saya lahir di Ambon tanggal 15 Maret 1985", "Ambon"),
        ("Lahir 15 Maret 1985 di Ambon", "Ambon"),
        ("TTL: Rumah Tiga, 15/3/85", "Rumah Tiga"),
        ("Hunuth/Durian Patah, 15.3.85", "Hunuth/Durian Patah"),
    ],
)
def test_the_birth_place_in_front_is_kept(text, place):
    assert parse_birth_date(text, as_of=DAY) == BirthDate(BORN, place)


@pytest.mark.parametrize(("word", "month"), [(word, n) for n, words in enumerate(MONTHS, 1) for word in words])
def test_every_spelling_of_a_month(word, month):
    assert parse_birth_date(f"1 {word} 1979", as_of=DAY).date == date(1979, month, 1)


@pytest.mark.parametrize(
    "text", ["03/15/1985", "31-02-1980", "29-02-1985", "00-01-1985", "15-03-985", "15-03-1085", "15-13-85"]
)
def test_a_day_the_calendar_does_not_have_is_refused_and_never_swapped(text):
    with pytest.raises(Invalid, match="date_invalid"):
        parse_birth_date(text, as_of=DAY)


@pytest.mark.parametrize(
    "text",
    [
        "umur 41 tahun",
        "41",
        "1985",
        "15 maret",
        "besok",
        "lima belas maret",
        "",
        "15-03-1985 atau 16-03-1985",
        "15-03-1985 16-03-1985",
        "kira-kira 15-3-85",
        "15-O3-1985",
        "15 lima 1985",
        "saya lupa, mungkin 1-1-70",
        "1" * 500,
    ],
)
def test_a_guess_an_age_or_two_dates_are_asked_again(text):
    with pytest.raises(Invalid, match="date_not_understood"):
        parse_birth_date(text, as_of=DAY)


def test_a_day_to_come_is_told_and_today_is_not_to_come():
    for text in ("21-11-2026", "15-03-2085"):
        with pytest.raises(Invalid, match="date_future"):
            parse_birth_date(text, as_of=DAY)
    assert parse_birth_date("20-11-2026", as_of=DAY).date == DAY


@given(
    st.dates(date(1900, 1, 1), DAY),
    st.sampled_from(["{d}-{m}-{y}", "{d}/{m}/{y}", "{d} {n} {y}", "{y}-{m}-{d}", "Ambon, {d}.{m}.{y}"]),
)
def test_a_written_date_is_read_back(born, shape):
    written = shape.format(d=born.day, m=born.month, y=born.year, n=MONTHS[born.month - 1][0])
    assert parse_birth_date(written, as_of=DAY).date == born


@given(st.dates(date(1927, 1, 1), DAY))
def test_two_digits_of_the_year_are_enough_for_anyone_alive_at_work(born):
    assert parse_birth_date(f"{born:%d-%m-%y}", as_of=DAY).date == born


@given(st.one_of(st.text(max_size=60), st.text(alphabet="0123456789 -/.,tglmaret", max_size=30)))
def test_no_text_breaks_the_reading(text):
    born = outcome(text)
    if isinstance(born, Invalid):
        assert born.code in {"date_invalid", "date_future", "date_not_understood"}
        assert born.facts == {}
    else:
        assert date(1900, 1, 1) <= born.date <= DAY
        assert repr(born) == str(born) == "BirthDate(****)"


def test_a_leap_day_birthday_counts_from_the_first_of_march():
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18
    assert age_on(date(2008, 2, 29), date(2028, 2, 29)) == 20


@given(st.dates(date(1930, 1, 1), date(2020, 1, 1)), st.integers(0, 30000))
def test_nobody_grows_younger(born, days):
    day = born + timedelta(days=days)
    assert 0 <= age_on(born, day) <= age_on(born, day + timedelta(days=1)) <= age_on(born, day) + 1


@pytest.mark.parametrize(("age", "code"), [(17, "age_under_limit"), (18, None), (64, None), (65, "age_over_limit")])
def test_the_age_limits_are_those_given(age, code):
    assert age_code(age, min_age=18, max_age_exclusive=65) == code
