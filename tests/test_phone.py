"""Mobile numbers as people write them, and that they print masked."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.phone import Phone


def outcome(text: str) -> Phone | Invalid:
    try:
        return Phone.parse(text)
    except Invalid as refused:
        return refused


OURS = st.from_regex(r"\A0812-?3450-?[0-9]{4}\Z").map(lambda text: text.replace("-", ""))


@pytest.mark.parametrize(
    "text",
    [
        "081234500001",
        "0812-3450-0001",
        "0812.3450.0001",
        "81234500001",
        "6281234500001",
        "+62 812 3450 0001",
        "+62 (0)812-3450-0001",
        "0062 812 3450 0001",
        "０８１２３４５０００01",
        "nomor saya 0812 3450 0001",
        "beta pung hp 081234500001, umur 41",
        "wa.me/6281234500001",
        "6281234500001@s.whatsapp.net",
    ],
)
def test_the_same_number_in_many_spellings(text):
    phone = Phone.parse(text)
    assert phone == Phone("+6281234500001")
    assert phone.national == "0812-3450-0001"


@given(OURS, st.sampled_from(["0", "62", "+62", "0062", "", "+62 "]), st.sampled_from(["", " ", "-", "."]))
def test_every_prefix_and_grouping_gives_one_number(number, prefix, gap):
    local = number[1:]
    typed = prefix + gap.join((local[:3], local[3:7], local[7:]))
    assert Phone.parse(typed).number == f"+62{local}"
    assert Phone.parse(Phone.parse(typed).national) == Phone.parse(Phone.parse(typed).number)


@pytest.mark.parametrize(("digits", "taken"), [(9, False), (10, True), (11, True), (12, True), (13, True), (14, False)])
def test_ten_to_thirteen_digits_are_a_mobile_number(digits, taken):
    typed = "08123450000123"[:digits]
    if taken:
        assert Phone.parse(typed).number == "+62" + typed[1:]
    else:
        with pytest.raises(Invalid) as refused:
            Phone.parse(typed)
        assert (refused.value.code, refused.value.facts) == ("phone_length", {"digits": digits})


@pytest.mark.parametrize("text", ["0911345678", "0921 312 345", "(0556) 123456", "+62 911 345678", "0800123456"])
def test_a_landline_and_a_service_number_are_no_mobile(text):
    with pytest.raises(Invalid, match="phone_not_mobile"):
        Phone.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tidak punya HP",
        "08I234500001",
        "0812345O0001",
        "081234500001 atau 081234500002",
        "+999 12345678",
        "0" * 300,
    ],
)
def test_what_is_not_one_number_is_asked_again(text):
    with pytest.raises(Invalid, match="phone_not_understood"):
        Phone.parse(text)


def test_a_number_from_over_the_border_is_kept_and_marked():
    for text in ("+60 12-345 6789", "60123456789", "0060123456789", "60123456789@s.whatsapp.net"):
        assert Phone.parse(text) == Phone("+60123456789", foreign=True)
    assert Phone.parse("+60 12-345 6789").national == "+60 12-345 6789"


@given(st.one_of(st.text(max_size=60), st.text(alphabet="0123456789+ -().", max_size=24)))
def test_no_text_breaks_the_reading(text):
    phone = outcome(text)
    if isinstance(phone, Invalid):
        assert phone.code in {"phone_length", "phone_not_mobile", "phone_not_understood"}
        assert set(phone.facts) <= {"digits"}
    else:
        assert re.fullmatch(r"\+[1-9][0-9]{6,14}", phone.number)
        assert phone.national


@given(OURS)
def test_nothing_that_prints_a_phone_shows_the_number(number):
    phone = Phone.parse(number)
    for shown in (repr(phone), str(phone), f"{phone}", phone.masked, repr([phone])):
        assert "".join(c for c in shown if c.isdigit()) == "62" + number[-2:]
    assert repr(phone) == f"Phone(+62*******{number[-2:]})"


def test_a_phone_cannot_be_built_from_another_form_or_with_a_false_mark():
    for number, foreign in (("081234500001", False), ("+6281234500001", True), ("+60123456789", False)):
        with pytest.raises(ValueError, match="a Phone is") as refused:
            Phone(number, foreign)
        assert number not in str(refused.value)
