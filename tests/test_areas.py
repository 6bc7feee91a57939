"""The country's areas as shipped, and the search for the village a person means."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.region import Match, Places, labels, zone_of
from storage.areas import FOLDER, AreaUnknown, areas, load_places
from storage.areas_build import build

AMBON, TERNATE, NUNUKAN = load_places("81.71"), load_places("82.71"), load_places("65.03")


def found(places: Places, text: str) -> tuple[str, list[str]]:
    match = places.find(text)
    return match.kind, list(labels(match.villages))


def table(name: str) -> list[str]:
    return (FOLDER / name).read_text(encoding="utf-8").splitlines()


def test_the_tables_hold_the_whole_country():
    codes = [line.split(" ")[0] for line in table("regions.txt")]
    assert [sum(code.count(".") == level for code in codes) for level in range(3)] == [38, 514, 7285]
    assert len(table("retired.txt")) == 138
    assert len(table("notes.txt")) == 41
    villages = [line for path in sorted(FOLDER.glob("villages/*.txt")) for line in table(f"villages/{path.name}")]
    assert sum(" " in line for line in villages) == 83_762
    assert {line for line in villages if " " not in line} <= set(codes)


def test_the_notice_names_source_and_licence():
    notice = (FOLDER / "NOTICE").read_text(encoding="utf-8")
    for named in ("300.2.2-2430 Tahun 2025", "idn-area-data, version 4.0.1", "ODbL", "83,762"):
        assert named in notice


@pytest.mark.parametrize(
    ("places", "districts", "villages", "kelurahan"),
    [(AMBON, 5, 50, 20), (TERNATE, 8, 78, 78), (NUNUKAN, 21, 240, 8)],
)
def test_the_counts_of_the_three_first_areas(places, districts, villages, kelurahan):
    assert (len(places.districts), len(places.villages)) == (districts, villages)
    assert sum(village.kind == "kelurahan" for village in places.villages) == kelurahan


def test_every_area_of_the_country_loads_and_finds_its_own_villages():
    count = 0
    for code, _ in list(areas())[::37]:
        places = load_places(code)
        assert places.villages, code
        for village in places.villages[::25]:
            count += 1
            match = places.find(f"{village.label}, kecamatan {village.district_name}")
            assert village in match.villages or len(match.villages) == 6, village.code
    assert count > 50


def test_all_514_areas_are_named():
    named = dict(areas())
    assert len(named) == 514
    assert named["81.71"] == "Kota Ambon"


@pytest.mark.parametrize("code", ["", "81", "81.71.01", "99.99", "8171", "92.01"])
def test_an_unknown_area_is_one_plain_sentence(code):
    with pytest.raises(AreaUnknown, match="No city or regency has the code"):
        load_places(code)


def test_an_area_knows_its_province_and_zone():
    area = AMBON.area
    assert (area.code, area.name, area.province_code, area.province_name) == (
        "81.71",
        "Kota Ambon",
        "81",
        "Maluku",
    )
    assert (area.zone, area.zone_label) == ("Asia/Jayapura", "WIT")
    assert (NUNUKAN.area.zone, NUNUKAN.area.zone_label) == ("Asia/Makassar", "WITA")
    by_zone = {
        "Asia/Jakarta": "11 21 31 36 61 62",
        "Asia/Makassar": "51 53 63 64 65 71 76",
        "Asia/Jayapura": "81 82 91 96",
    }
    for zone, provinces in by_zone.items():
        assert {zone_of(code) for code in provinces.split()} == {zone}


def test_current_and_retired_codes_of_the_whole_country_are_known():
    for code in ("81", "81.71", "81.71.02", "73.71.01", "92.01", "92.01.01"):
        assert AMBON.knows(code), code
    for code in ("64.05", "64.05.02", "99", "81.71.99", ""):
        assert not AMBON.knows(code), code


@pytest.mark.parametrize(
    ("text", "village"),
    [
        ("Latuhalat", "Negeri Latuhalat"),
        ("beta tinggal di Latuhalat", "Negeri Latuhalat"),
        ("desa Latuhalat", "Negeri Latuhalat"),
        ("NEGERI SOYA", "Negeri Soya"),
        ("kel. Batu Meja", "Kelurahan Batu Meja"),
        ("batumeja", "Kelurahan Batu Meja"),
        ("kelurahan nusaniwe", "Kelurahan Nusaniwe"),
        ("negeri Nusaniwe", "Negeri Nusaniwe"),
        ("Paso", "Negeri Passo"),
        ("rumah 3", "Negeri Rumah Tiga"),
        ("Durian Patah", "Desa Hunuth/Durian Patah"),
        ("hunuth/durian patah", "Desa Hunuth/Durian Patah"),
        ("negeri lama", "Desa Negeri Lama"),
        ("desa negeri lama", "Desa Negeri Lama"),
        ("Karpan", "Kelurahan Karang Panjang"),
        ("Soya, kec. Sirimau, Kota Ambon", "Negeri Soya"),
        ("negeri Seilale", "Negeri Seilale"),
        ("Latta", "Desa Latta"),
        ("Hative Kecil", "Negeri Hative Kecil"),
        ("Laha", "Negeri Laha"),
    ],
)
def test_a_village_of_ambon_named_clearly_is_taken(text, village):
    assert found(AMBON, text) == ("exact", [village])


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("Nusaniwe", ["Kelurahan Nusaniwe", "Negeri Nusaniwe"]),
        ("urimesing", ["Kelurahan Urimessing", "Negeri Urimessing"]),
        ("Silale", ["Kelurahan Silale", "Negeri Seilale"]),
        ("Seilale", ["Negeri Seilale", "Kelurahan Silale"]),
        ("latuhalad", ["Negeri Latuhalat"]),
        ("latuh", ["Negeri Latuhalat"]),
        ("hative", ["Negeri Hative Kecil", "Negeri Hative Besar"]),
        ("tiga", ["Negeri Rumah Tiga"]),
        ("Latuhalat dekat gereja", ["Negeri Latuhalat"]),
        ("Lata", ["Desa Latta", "Negeri Laha"]),
    ],
)
def test_a_doubtful_name_is_offered_back(text, offered):
    assert found(AMBON, text) == ("ask", offered)


def test_twins_of_one_kind_are_told_apart_by_their_district():
    assert found(NUNUKAN, "Labuk") == ("ask", ["Desa Labuk (Sembakung)", "Desa Labuk (Lumbis Ogong)"])
    assert found(NUNUKAN, "Labuk, Sembakung") == ("exact", ["Desa Labuk"])
    assert found(NUNUKAN, "Tanjung Harapan") == ("ask", ["Kelurahan Tanjung Harapan", "Desa Tanjung Harapan"])
    assert found(NUNUKAN, "Patal I") == ("ask", ["Desa Patal I", "Desa Patal II"])


def test_names_of_ternate_in_its_own_spellings():
    for text in ("Dufa2", "dufadufa", "Dufa-Dufa", "kita tinggal di Dufa Dufa"):
        assert found(TERNATE, text) == ("exact", ["Kelurahan Dufa-Dufa"])
    assert found(TERNATE, "makassar") == ("ask", ["Kelurahan Makassar Barat", "Kelurahan Makassar Timur"])
    assert found(TERNATE, "Takoma") == ("ask", ["Kelurahan Takoma", "Kelurahan Takome"])
    assert found(TERNATE, "Sangaji") == ("exact", ["Kelurahan Sangaji"])


def test_a_district_leads_to_its_villages():
    for text in ("Sirimau", "kec. sirimau", "beta tinggal di kecamatan Sirimau", "sirimao"):
        match = AMBON.find(text)
        assert (match.kind, match.district.name, len(match.villages)) == ("district", "Sirimau", 14), text
    assert AMBON.find("kecamatan Nusaniwe").kind == "district"
    assert AMBON.find("Nusaniwe").district.code == "81.71.01"


@pytest.mark.parametrize(
    "text", ["", "???", "Jakarta", "Makassar", "Kota Ambon", "ambon", "kecamatan Menteng", "x" * 400]
)
def test_what_is_not_here_is_nothing(text):
    assert AMBON.find(text) == Match("none")


def test_a_village_written_whole_is_never_another_one():
    for places in (AMBON, TERNATE, NUNUKAN):
        for village in places.villages:
            match = places.find(f"{village.label} kecamatan {village.district_name}")
            assert match.kind in {"exact", "ask"}
            assert village in match.villages
            assert match.kind == "ask" or match.villages == (village,)
            for alias in village.aliases:
                assert village in places.find(alias).villages


@given(st.text(max_size=80))
def test_no_text_breaks_the_search(text):
    match = AMBON.find(text)
    assert (match.kind == "none") is (match.villages == ())
    assert match.kind != "exact" or len(match.villages) == 1
    assert match.kind != "ask" or len(match.villages) <= 6


def test_villages_are_reached_by_code():
    assert AMBON.village("81.71.02.2009").label == "Negeri Soya"
    assert AMBON.village("82.71.01.1005") is None


def test_the_tables_are_what_the_builder_makes(tmp_path: Path):
    source, built = tmp_path / "csv", tmp_path / "built"
    source.mkdir()
    (source / "areas.csv").write_text(
        "code,level,name\n81,province,Maluku\n81.71,regency,Kota  Ambon\n81.71.01,district,Nusaniwe\n"
    )
    (source / "villages.csv").write_text("code,name\n81.71.01.2003,Nusaniwe\n81.71.01.1006,Nusaniwe\n")
    (source / "retired-areas.csv").write_text("code,name\n92.01,Kabupaten Sorong\n")
    (source / "village-notes.csv").write_text(
        "code,kind,certainty,aliases,name\n81.71.01.2003,negeri,likely,Nusanive|N,Nusaniwe\n"
    )
    build(source, built)
    assert (built / "regions.txt").read_text() == "81 Maluku\n81.71 Kota Ambon\n81.71.01 Nusaniwe\n"
    assert (built / "villages/81.txt").read_text() == "81.71.01\n1006 Nusaniwe\n2003 Nusaniwe\n"
    assert (built / "retired.txt").read_text() == "92.01 Kabupaten Sorong\n"
    assert (built / "notes.txt").read_text() == "81.71.01.2003\tnegeri\tNusanive|N\n"
