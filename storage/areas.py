"""The country's areas from the tables in `storage/areas/`: gives `domain.region` values for the area served.

It reads one list of regions and the villages of one province; nothing is kept of the rest of the country.
The tables are made by `storage.areas_build`; their source and licence stand beside them in NOTICE.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from domain.region import Area, District, Kind, Places, Village, zone_of

FOLDER: Final = Path(__file__).with_name("areas")


class AreaUnknown(ValueError):  # noqa: N818  reads as what happened
    """No city or regency has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"No city or regency has the code {code!r}; Kota Ambon, for example, is 81.71.")
        self.code = code


def load_places(area_code: str) -> Places:
    """The villages and districts of one city or regency (code like 81.71), ready to be searched.

    Raises AreaUnknown.
    """
    regions = _regions()
    if area_code.count(".") != 1 or area_code not in regions:
        raise AreaUnknown(area_code)
    province = area_code[:2]
    area = Area(area_code, regions[area_code], province, regions[province], zone_of(province))
    inside = f"{area_code}."
    districts = tuple(District(code, name) for code, name in regions.items() if code.startswith(inside))
    return Places(area, districts, _villages(area_code, districts), known=_known_codes().__contains__)


def areas() -> Iterator[tuple[str, str]]:
    """Code and name of every city and regency, by code."""
    return ((code, name) for code, name in _regions().items() if code.count(".") == 1)


def _villages(area_code: str, districts: tuple[District, ...]) -> Iterator[Village]:
    notes = _notes()
    names = {district.code: district.name for district in districts}
    district = ""
    for line in _lines(f"villages/{area_code[:2]}.txt"):
        head, _, name = line.partition(" ")
        if not name:
            district = head
        elif district in names:
            code = f"{district}.{head}"
            kind, aliases = notes.get(code, (_kind(head), ()))
            yield Village(code, name, kind, district, names[district], aliases)


def _kind(number: str) -> Kind:
    """The first digit of a village's own number: 1 is a kelurahan; 2 and 3 are desa and desa adat."""
    return "kelurahan" if number.startswith("1") else "desa"


def _notes() -> dict[str, tuple[Kind, tuple[str, ...]]]:
    """What the regulation does not say: which desa is a negeri, and other spellings in use."""
    kinds: dict[str, Kind] = {"desa": "desa", "kelurahan": "kelurahan", "negeri": "negeri"}
    rows = (line.split("\t") for line in _lines("notes.txt"))
    return {code: (kinds[kind], tuple(filter(None, aliases.split("|")))) for code, kind, aliases in rows}


@cache
def _regions() -> dict[str, str]:
    """Name by code of each province, regency and district in force."""
    return dict(_code_and_name("regions.txt"))


@cache
def _known_codes() -> frozenset[str]:
    return frozenset(_regions()) | {code for code, _ in _code_and_name("retired.txt")}


def _code_and_name(name: str) -> Iterator[tuple[str, str]]:
    for line in _lines(name):
        code, _, called = line.partition(" ")
        yield code, called


def _lines(name: str) -> list[str]:
    return (FOLDER / name).read_text(encoding="utf-8").splitlines()
