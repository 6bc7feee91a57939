"""Makes the tables in `storage/areas/` from four CSV files of codes and names; run once per new regulation.

`python -m storage.areas_build FOLDER`, where FOLDER holds areas.csv (code, level, name), villages.csv (code,
name), retired-areas.csv (code, name) and village-notes.csv (code, kind, certainty, aliases, name). The
service itself never runs it.
"""

import csv
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from storage.areas import FOLDER

Row = dict[str, str]


def build(source: Path, target: Path) -> None:
    """Write regions.txt, retired.txt, notes.txt and villages/NN.txt into `target`, sorted by code."""
    _write(target / "regions.txt", (_line(row) for row in _rows(source / "areas.csv")))
    _write(target / "retired.txt", (_line(row) for row in _rows(source / "retired-areas.csv")))
    notes = _rows(source / "village-notes.csv")
    _write(target / "notes.txt", (f"{row['code']}\t{row['kind']}\t{row['aliases']}" for row in notes))
    villages = _rows(source / "villages.csv")
    for province, rows in groupby(villages, key=lambda row: row["code"][:2]):
        _write(target / "villages" / f"{province}.txt", _by_district(rows))


def _by_district(rows: Iterable[Row]) -> Iterable[str]:
    """The district's code on a line of its own, below it each village's own number and name."""
    for district, inside in groupby(rows, key=lambda row: row["code"].rpartition(".")[0]):
        yield district
        for row in inside:
            yield f"{row['code'].rpartition('.')[2]} {_name(row)}"


def _line(row: Row) -> str:
    return f"{row['code']} {_name(row)}"


def _name(row: Row) -> str:
    return " ".join(row["name"].split())


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["code"])


def _write(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]), FOLDER)
