"""Marks come back as they were given, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mark import Mark, OfRecipient, OfRow, read_mark

IDS = st.integers(0, 2**63 - 1)
MARKS = st.one_of(st.builds(OfRow, IDS, IDS, st.booleans()), st.builds(OfRecipient, IDS, IDS))


@given(MARKS)
def test_what_was_given_comes_back(mark: Mark) -> None:
    assert read_mark(str(mark)) == mark


def test_each_kind_begins_differently() -> None:
    assert [str(mark) for mark in (OfRow(7, 9), OfRow(7, 9, knock=True), OfRecipient(3, 7))] == ["o7.9", "k7.9", "b3.7"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o",
        "7",
        "x7",
        "o7",
        "o7.8.9",
        "b7",
        "b7.",
        "b7.8.9",
        "o-7",
        "o 7",
        "o٧",
        "o7\n",
        f"o{2**63}",
        "o" + "7" * 90,
    ],
)
def test_what_is_none_of_ours_is_none(text: str) -> None:
    assert read_mark(text) is None


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    mark = read_mark(text)
    assert mark is None or text[0] in "okb"
