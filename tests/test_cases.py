"""The domain guide's table of cases, row by row, as far as single values decide them."""

import csv
from datetime import date
from pathlib import Path

import pytest

from domain.dates import age_code, age_on, parse_birth_date
from domain.errors import Invalid
from domain.name import compare_names, parse_name
from domain.nik import Nik, region_note
from domain.phone import Phone
from storage.areas import load_places

DAY = date(2026, 11, 20)

# These need a registration beside the value; they are decided where registrations are tested.
ELSEWHERE = {"NIK24", "AGE06"}

with Path(__file__).with_name("cases.csv").open(encoding="utf-8", newline="") as file:
    ROWS = {row["id"]: row for row in csv.DictReader(file)}


def rows(area: str) -> list[pytest.param]:
    chosen = [row for row in ROWS.values() if row["area"] == area and row["id"] not in ELSEWHERE]
    return [pytest.param(row, id=row["id"]) for row in chosen]


def context(row: dict[str, str]) -> dict[str, str]:
    return dict(part.strip().split("=", 1) for part in row["context"].split(";") if part)


def facts(row: dict[str, str]) -> dict[str, str]:
    parts = (part.split("(")[0].strip() for part in row["expected_value"].split(";"))
    return dict(part.split("=", 1) for part in parts if "=" in part)


def refused_code(row: dict[str, str]) -> str | None:
    level, _, code = row["expected"].partition(":")
    return code if level == "error" else None


def test_the_table_is_carried_over_whole():
    assert len(ROWS) == 60
    assert set(ROWS) >= ELSEWHERE


@pytest.mark.parametrize("row", rows("NIK"))
def test_a_nik_of_the_table(row):
    code = refused_code(row)
    if code:
        with pytest.raises(Invalid) as refused:
            Nik.parse(row["input"], as_of=DAY)
        assert refused.value.code == code
        told = {key: str(value) for key, value in refused.value.facts.items()}
        assert facts(row).items() <= told.items()
        return
    nik = Nik.parse(row["input"], as_of=DAY)
    wanted = facts(row)
    read = {"birth": str(nik.birth(DAY)), "gender": nik.gender, "region": nik.region, "nik": nik.digits}
    stated = context(row).get("stated_birth")
    if stated:
        assert nik.agrees_with(date.fromisoformat(stated)) is (row["expected"] == "ok")
        del wanted["birth"]
    assert wanted.items() <= read.items()


@pytest.mark.parametrize("row", [ROWS["NIK20"], ROWS["NIK21"], ROWS["NIK22"], ROWS["NIK01"]], ids=lambda row: row["id"])
def test_the_region_in_a_nik_of_the_table(row):
    asked = context(row)
    places = load_places(asked.get("program_area", "81.71"))
    nik = Nik.parse(row["input"], as_of=DAY)
    note = region_note(nik, area=places.area.code, known=places.knows, village=asked.get("village"))
    assert (note or "ok") == row["expected"].rpartition(":")[2]


@pytest.mark.parametrize("row", rows("AGE"))
def test_an_age_of_the_table(row):
    born = parse_birth_date(row["input"], as_of=DAY).date
    age = age_on(born, date.fromisoformat(context(row)["as_of"]))
    assert str(age) == facts(row)["age"]
    assert age_code(age, min_age=18, max_age_exclusive=65) == refused_code(row)


@pytest.mark.parametrize("row", rows("DATE"))
def test_a_date_of_the_table(row):
    code = refused_code(row)
    if code:
        with pytest.raises(Invalid) as refused:
            parse_birth_date(row["input"], as_of=DAY)
        assert refused.value.code == code
        return
    born = parse_birth_date(row["input"], as_of=DAY)
    assert str(born.date) == row["expected_value"].split(";")[0]
    assert born.place == facts(row).get("birth_place")


@pytest.mark.parametrize("row", rows("PHONE"))
def test_a_phone_of_the_table(row):
    code = refused_code(row)
    if code:
        with pytest.raises(Invalid) as refused:
            Phone.parse(row["input"])
        assert refused.value.code == code
        return
    phone = Phone.parse(row["input"])
    assert phone.number == row["expected_value"]
    assert phone.foreign is (row["expected"] == "warning:phone_foreign")


@pytest.mark.parametrize("row", rows("NAME"))
def test_a_name_of_the_table(row):
    code = refused_code(row)
    if code:
        with pytest.raises(Invalid) as refused:
            parse_name(row["input"])
        assert refused.value.code == code
        return
    name = parse_name(row["input"])
    on_card = context(row).get("ktp")
    if on_card:
        assert compare_names(name.text, on_card) == facts(row)["match"]
    else:
        assert name.text == row["expected_value"]
        assert name.notes == (() if row["expected"] == "ok" else (row["expected"].removeprefix("warning:"),))
