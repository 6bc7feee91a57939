"""A broadcast as a late text: one line of the admin's words between words that a network has reviewed."""

from __future__ import annotations

from dataclasses import replace
from string import Formatter

import pytest

from bot.texts import Voice
from conversation.late import HEADS, LATE_TEXTS, LONGEST, LateText, with_head
from domain.broadcast import Broadcast, Content, Kind, State
from domain.limits import Limits
from domain.rules import Rules
from handlers.broadcast_late import as_late, late_name, one_line, previews, room
from handlers.broadcast_text import ATTENDANCE_CHOICES, faults, message
from handlers.office import Office
from storage.areas import load_places
from tests.broadcasts import LATUHALAT

NEWS = [text for text in LATE_TEXTS.values() if text.news]
LABEL = 20
"""Characters that a network shows of a ready answer."""
SHUTS = Limits(reply_hours=24.0)


@pytest.fixture(scope="module")
def here() -> Office:
    """An office at one network that never shuts and one that does."""
    places = load_places("81.71")
    return Office(
        say=Voice(places.area.zone),
        rules=Rules(),
        places=places,
        name="Disnaker Kota Ambon",
        address="Jalan Contoh 1, Ambon",
        hours="Senin-Jumat 08.00-16.00 WIT",
        contact="0812-3450-0000",
        letters="AMB",
        limits={"open": Limits(), "shuts": SHUTS},
        labels={"open": "Jaringan Terbuka", "shuts": "Jaringan Ketat"},
    )


def written(text: str, kind: Kind = Kind.ANNOUNCEMENT, *, event_id: int | None = None, **content: str) -> Broadcast:
    return Broadcast(1, 1, kind, State.DRAFT, 1, 1, 1, Content(text, **content), event_id=event_id)


@pytest.mark.parametrize("text", NEWS, ids=lambda text: text.name)
def test_each_keeps_the_rules_of_a_network_that_reviews_it(text: LateText, here: Office) -> None:
    said = here.say(text.text)
    parts = list(Formatter().parse(said))
    assert parts[0][0].strip(), "no value at the start"
    assert parts[-1][1] is None, "no value at the end"
    assert set(text.examples) == set(text.places)
    assert not any("\n" in value for value in text.examples.values())
    assert all(len(here.say(label)) <= LABEL for label in text.choices)
    longest = {place: "x" * 600 if place == "text" else "Kabupaten Kepulauan Tanimbar" for place in text.places}
    assert len(here.say(text.text, **longest)) <= LONGEST
    assert said.endswith("Balas **STOP**.")


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("head", HEADS)
def test_every_kind_has_one_for_every_file_and_its_answers_in_the_same_order(
    kind: Kind, head: str, here: Office
) -> None:
    file = {head: "abc"} if head else {}
    shown = message(written("Besok kantor tutup.", kind, event_id=7, **file), here, name="Ibu Sarni", village=None)
    assert shown.late is not None
    text = LATE_TEXTS[shown.late.name]
    assert text.head == head
    assert text.name == late_name(written("x", kind, event_id=7, **file))
    assert [here.say(label) for label in text.choices] == [each.label for each in shown.choices]
    assert bool(text.choices) == (kind in (Kind.INVITATION, Kind.CHANGE))
    assert shown.late.values == ("Kota Ambon", "Besok kantor tutup.")
    assert with_head("announcement", "photo") == "announcement_photo"


def test_the_answers_are_those_of_the_message() -> None:
    labels = tuple(label for _, label in ATTENDANCE_CHOICES)
    assert {text.choices for text in NEWS} == {(), labels}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Besok kantor tutup.\n\nSenin buka lagi.", "Besok kantor tutup. Senin buka lagi."),
        ("Hari: **Rabu, 25 November 2026**\nTempat: Balai Desa", "Hari: Rabu, 25 November 2026. Tempat: Balai Desa"),
        ("Bawa:\n- KTP\n•  KK\n", "Bawa: KTP. KK"),
        ("satu  baris\tsaja", "satu baris saja"),
        ("", ""),
    ],
)
def test_lines_become_one(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_text_too_long_for_a_network_that_shuts_is_a_grave_fault_that_says_what_fits(here: Office) -> None:
    fits = written("a" * room(written(""), here))
    assert not [fault for fault in faults(fits, here) if fault.grave]
    [fault] = [fault for fault in faults(written("a" * 601), here) if fault.grave]
    assert fault.sentence == (
        "Jaringan Ketat: orang yang sehari tidak menulis menerima paling banyak 600 huruf. Teks ini, sesudah diisi,"
        " 601 huruf. Mohon dipendekkan."
    )
    named = [fault for fault in faults(written("a" * 580 + " {sapaan}"), here) if fault.grave]
    assert len(named) == 1, "measured with the longest name"
    free = replace(here, limits={"open": Limits()})
    assert not [fault for fault in faults(written("a" * 900), free) if fault.grave]


def test_the_look_shows_it_as_a_late_text_too_where_a_network_shuts(here: Office) -> None:
    invitation = written("Pertemuan di {desa}.\nBawa: KTP", Kind.INVITATION, event_id=7, photo="abc")
    shown = message(invitation, here, name="Ibu Sarni", village=LATUHALAT)
    plain, late = previews(shown, here)
    assert plain == replace(shown, late=None)
    assert late.text == (
        "Bagi orang yang sehari tidak menulis, pesannya begini:\n\n"
        "Undangan dari Disnaker Kota Ambon untuk Bapak/Ibu: Pertemuan di Negeri Latuhalat. Bawa: KTP\n\n"
        "Bapak/Ibu bisa datang? Balas **HADIR** atau **TIDAK BISA**.\n"
        "Tidak mau terima kabar lagi? Balas **STOP**."
    )
    assert [each.label for each in late.choices] == ["Hadir", "Tidak bisa"]
    assert (late.photo, as_late(shown, here).photo) == ("", "abc")
    free = replace(here, limits={"open": Limits()})
    assert previews(shown, free) == [replace(shown, late=None)]
