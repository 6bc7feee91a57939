"""Who a broadcast is for: conditions are put together, kept as bytes, and turned down when they make no sense."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.audience import AGES, KINDS, SECTORS, STATUSES, UNSEEN, Audience, Condition, born, lies_in, values_of
from domain.errors import Invalid
from domain.occupation import OCCUPATIONS
from domain.registration import Status
from handlers.audience_changes import joined, tidy, with_value, without_value
from tests.audiences import AMBON, audiences

FISHERS = Audience((Condition("occupation", ("NEL",)),))


def test_an_audience_without_conditions_is_everybody() -> None:
    assert Audience().conditions == ()
    assert Audience.from_bytes(Audience().to_bytes()) == Audience()


def test_conditions_are_put_in_the_place_of_those_of_their_kind_and_sign() -> None:
    some = FISHERS.put(Condition("occupation", ("TAN",))).put(Condition("occupation", ("OJK",), negated=True))
    assert (some.values("occupation"), some.values("occupation", negated=True)) == (("TAN",), ("OJK",))
    assert some.without("occupation", negated=True) == Audience((Condition("occupation", ("TAN",)),))
    assert some.without("occupation") == Audience()
    assert some.without("place") == some


def test_values_join_those_of_their_kind_and_sign() -> None:
    both = FISHERS.add(Condition("occupation", ("TAN",))).add(Condition("occupation", ("OJK",), negated=True))
    assert (both.values("occupation"), both.values("occupation", negated=True)) == (("NEL", "TAN"), ("OJK",))


def test_a_value_is_ticked_and_unticked() -> None:
    both = with_value(FISHERS, "occupation", "TAN", negated=False)
    assert both.values("occupation") == ("NEL", "TAN")
    assert without_value(both, "occupation", "NEL", negated=False).values("occupation") == ("TAN",)
    assert without_value(FISHERS, "occupation", "NEL", negated=False) == Audience()
    assert without_value(FISHERS, "age", "65+", negated=True) == FISHERS


def test_a_value_is_meant_or_left_out_but_not_both() -> None:
    turned = with_value(FISHERS, "occupation", "NEL", negated=True)
    assert turned == Audience((Condition("occupation", ("NEL",), negated=True),))
    assert with_value(turned, "occupation", "NEL", negated=False) == FISHERS


def test_of_a_kecamatan_there_is_the_whole_or_some_villages() -> None:
    village = with_value(FISHERS, "place", "81.71.01.2001", negated=False)
    whole = with_value(village, "place", "81.71.01", negated=False)
    assert whole.values("place") == ("81.71.01",)
    assert with_value(whole, "place", "81.71.01.2001", negated=False) == village
    # "Nusaniwe except Latuhalat" is no contradiction.
    assert with_value(whole, "place", "81.71.01.2001", negated=True).values("place") == ("81.71.01",)
    assert tidy(whole.add(Condition("place", ("81.71.01.2001", "81.71.02.2009")))).values("place") == (
        "81.71.01",
        "81.71.02.2009",
    )


def test_of_how_long_ago_somebody_wrote_there_is_one_answer() -> None:
    week = with_value(Audience(), "seen", "7", negated=False)
    assert with_value(week, "seen", "30", negated=False).values("seen") == ("30",)
    with pytest.raises(Invalid, match="audience_single"):
        Condition("seen", ("7", "30"))


def test_order_and_doubles_make_no_difference() -> None:
    first = Audience((Condition("age", ("65+", "18-24", "65+")), Condition("sector", ("fishery",))))
    second = Audience((Condition("sector", ("fishery",)), Condition("age", ("18-24", "65+"))))
    assert first == second
    assert first.to_bytes() == second.to_bytes()


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("gender", ("P",), "audience_kind"),
        ("occupation", ("XYZ",), "audience_value"),
        ("occupation", (), "audience_empty"),
        ("sector", ("mining",), "audience_value"),
        ("status", ("draft",), "audience_value"),
        ("age", ("18-25",), "audience_value"),
        ("place", ("81.71",), "audience_value"),
        ("place", ("81.71.01.2001' OR 1=1 --",), "audience_value"),
        ("channel", ("Telegram",), "audience_value"),
        ("coming", ("0",), "audience_value"),
        ("invited", ("1; DROP",), "audience_value"),
    ],
)
def test_what_nobody_knows_is_turned_down(kind: str, values: tuple[str, ...], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        Condition(kind, values)
    with pytest.raises(Invalid, match=code):
        Audience.from_bytes(json.dumps([[kind, values, False]]).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"{}",
        b"null",
        b"[1]",
        b'["age"]',
        b'[["age", "18-24", false]]',
        b'[["age", [18], false]]',
        b'[["age", ["18-24"]]]',
        b'[["age", ["18-24"], 0]]',
        b"[" * 60_000,
        b" " * 70_000,
    ],
)
def test_bytes_that_are_no_audience_are_turned_down(data: bytes) -> None:
    with pytest.raises(Invalid, match="audience_form"):
        Audience.from_bytes(data)


def test_a_kind_stands_there_twice_at_most() -> None:
    with pytest.raises(Invalid, match="audience_twice"):
        Audience((Condition("age", ("65+",)), Condition("age", ("18-24",))))


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(audiences())
def test_an_audience_comes_back_from_its_bytes(audience: Audience) -> None:
    assert Audience.from_bytes(audience.to_bytes()) == audience


def test_every_state_of_the_living_is_in_one_group() -> None:
    grouped = [status for group in STATUSES.values() for status in group]
    assert sorted([*grouped, *UNSEEN]) == sorted(Status)


def test_a_band_is_the_age_reached_within_the_year() -> None:
    assert born("18-24", 2026) == (2002, 2008)
    assert born("65+", 2026)[1] == 1961
    years = [year for band in AGES for first, last in [born(band, 2026)] for year in range(first, last + 1)]
    assert len(years) == len(set(years))
    assert max(years) == 2026 - 18


def test_sectors_and_occupations_are_those_of_the_programme() -> None:
    assert values_of("occupation") == tuple(one.code for one in OCCUPATIONS)
    assert set(SECTORS) == {one.sector for one in OCCUPATIONS}
    assert [kind for kind in KINDS if not values_of(kind)] == ["place", "channel", "coming", "declined", "invited"]


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=60))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    try:
        audience = Audience.from_bytes(data)
    except Invalid:
        return
    assert Audience.from_bytes(audience.to_bytes()) == audience


AREAS = st.lists(st.sampled_from(AMBON), unique=True, min_size=1, max_size=3)


@settings(max_examples=60)
@given(audience=audiences(), areas=AREAS)
def test_within_areas_no_place_lies_outside_and_nothing_else_changes(audience: Audience, areas: list[str]) -> None:
    try:
        inside = audience.within(areas)
    except Invalid:
        assert not any(lies_in(a, b) or lies_in(b, a) for a in audience.values("place") for b in areas)
        return
    places = inside.values("place")
    assert places
    assert all(any(lies_in(code, area) for area in areas) for code in places)
    assert all(any(lies_in(code, named) for named in audience.values("place") or areas) for code in places)
    assert inside.without("place", negated=False) == audience.without("place", negated=False)
    assert inside.within(areas) == inside
    assert audience.within(()) == audience


@settings(max_examples=60)
@given(audience=audiences(), meant=audiences())
def test_what_is_said_in_addition_holds_and_nothing_is_both_in_and_out(audience: Audience, meant: Audience) -> None:
    both = joined(audience, meant)
    for one in meant.conditions:
        other = meant.values(one.kind, negated=not one.negated)
        kept = both.values(one.kind, negated=one.negated)
        for value in set(one.values) - set(other):
            assert any(lies_in(value, code) for code in kept), value
            assert value not in both.values(one.kind, negated=not one.negated)
    assert joined(both, Audience()) == both
