"""Receipt numbers read aloud over bad lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.receipt import new_receipt, parse_receipt

NUMBERS = st.integers(0, 9_999_999)


def drawn(number: int) -> str:
    return new_receipt("AMB", lambda below: number % below)


def outcome(text: str) -> str | Invalid:
    try:
        return parse_receipt(text, "AMB")
    except Invalid as refused:
        return refused


@given(NUMBERS)
def test_a_new_number_is_written_as_letters_and_two_groups_and_read_back(number):
    receipt = drawn(number)
    assert receipt[:4] == "AMB-"
    assert receipt[8] == "-"
    assert receipt[4:8] + receipt[9:12] == f"{number:07}"
    assert parse_receipt(receipt, "AMB") == receipt


@given(NUMBERS)
def test_it_is_read_in_any_spelling(number):
    receipt = drawn(number)
    digits = receipt[4:].replace("-", "")
    for typed in (
        receipt.lower(),
        digits,
        f"amb {digits[:4]} {digits[4:]}",
        f" AMB{digits}\n",
        " ".join(digits),
    ):
        assert parse_receipt(typed, "AMB") == receipt


@given(NUMBERS, st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number, place, shift):
    digits = drawn(number)[4:].replace("-", "")
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    with pytest.raises(Invalid, match="receipt_check_digit"):
        parse_receipt(wrong, "AMB")


@given(NUMBERS, st.integers(0, 6))
def test_two_swapped_neighbours_are_always_noticed(number, place):
    digits = drawn(number)[4:].replace("-", "")
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    if swapped != digits:
        with pytest.raises(Invalid, match="receipt_check_digit"):
            parse_receipt(swapped, "AMB")


@pytest.mark.parametrize(
    "text",
    ["", "AMB", "4829", "TTE-4829-1735", "AMB-4829-17351", "AMB-48Z9-1735", "AMB-4829-173O", "1" * 500],
)
def test_what_is_no_receipt_number_is_told_apart_from_a_slip(text):
    with pytest.raises(Invalid, match="receipt_not_understood"):
        parse_receipt(text, "AMB")


def test_numbers_are_drawn_from_the_whole_range():
    asked = []
    new_receipt("AMB", lambda below: asked.append(below) or 0)
    assert asked == [10_000_000]


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text):
    receipt = outcome(text)
    if isinstance(receipt, Invalid):
        assert receipt.facts == {}
    else:
        assert parse_receipt(receipt, "AMB") == receipt
