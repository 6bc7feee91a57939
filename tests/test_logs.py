"""Whole days are lived through, good and bad, and nothing that anybody said or is stands in the log.

The log's own rules are held by test_log.py; here it is what comes out in the end.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import io
import logging
import pkgutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog

from bot.log import configure_logging
from conversation.messages import Attachment, Choice, Commands, Deletion, Edit, Incoming, Kind, Message, Photo
from conversation.progress import Doubt, Progress
from domain.address import Address
from domain.dates import BirthDate
from domain.name import PersonName
from domain.nik import Nik
from domain.phone import Phone
from tests.chat import LiveOffice
from tests.pictures import ktp_photo
from tests.program import SECRET, TOKEN, Program, by_polling, by_webhook
from tests.servers.telegram import TelegramServer
from tests.talks import Talk
from tests.whole_day import NEEDLES, OFFICER, PERSON_ID, SARI, whole_day

SECRETS = {"token": TOKEN.partition(":")[2], "webhook secret": SECRET}


def found_in(log: str) -> set[str]:
    needles = {what: needle.decode() for what, needle in NEEDLES.items() if needle.isascii()}
    return {what for what, needle in (needles | SECRETS).items() if needle.lower() in log.lower()}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged in this process, at the chattiest level, as the program writes it."""
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook, sys.unraisablehook
    structlog.reset_defaults()
    configure_logging("debug", stream)
    yield stream
    root.handlers[:], level = before[0], before[1]
    root.setLevel(level)
    logging.captureWarnings(False)
    _, _, sys.excepthook, threading.excepthook, sys.unraisablehook = before
    structlog.reset_defaults()


async def test_a_whole_day_tells_the_log_nothing_about_anybody(log: io.StringIO, office: LiveOffice) -> None:
    await whole_day(office)
    await office.later(minutes=1)
    office.server.clear_faults()
    await office.later(minutes=1)
    dewi, budi = office.villager(OFFICER), office.villager("Budi")
    quoting = 'Bad Request: can\'t parse entities: Unsupported start tag "SARNI KETAPELTUHU" at byte offset 3'
    for method, kind in (
        ("sendMessage", "reset"),
        ("sendMessage", "400"),
        ("getUpdates", "502"),
        ("sendMessage", "403"),
    ):
        office.server.fault(method, kind, description=quoting)
        await dewi.says(f"/cari {SARI.nik}")
        await office.later(minutes=1)
    await budi.registers("foto")
    office.server.fault("getFile", "garbage")
    office.server.fault("file_download", "400", description=quoting)
    await budi.sends_photo(ktp_photo())
    await office.later(minutes=1)
    said = log.getvalue()
    # The bad moments are all there; whom they met is not.
    for event in ("handler_failed", "message_refused", "message_delayed", "poll_failed", "file_not_fetched"):
        assert event in said
    assert found_in(said) == set()


@pytest.mark.slow
@pytest.mark.parametrize("way", [by_polling, by_webhook], ids=["polling", "webhook"])
async def test_the_program_tells_its_log_nothing_about_anybody(
    tmp_path: Path, way: Callable[[str], dict[str, object]]
) -> None:
    """The same as a process, with its doors, its commands, a bug, strangers and a kill."""
    async with TelegramServer() as server:
        program = Program(tmp_path, **way(server.base), log_level="debug")
        async with program:
            sari = Talk(server.person("Sariwangi", person_id=PERSON_ID), SARI)
            dewi = server.person(OFFICER)
            code = await program.invites()
            await dewi.starts(code)
            await dewi.hears("Selamat bergabung")
            await sari.registers(until=SARI.birth_place)
            for kind in ("500", "garbage", "400"):
                server.fault("sendMessage", kind, description="Bad Request: Wamlana", chat_id=PERSON_ID)
            await sari.person.says(SARI.birth_place)
            await program.logs("message_delayed")
            await program.kills()
            await program.starts()
            _spoil(program)
            await sari.person.says(SARI.village)
            await program.logs("handler_failed", within=30.0)
            await _knocks(program.web)
            await dewi.says(f"/cari {SARI.nik}")
            await dewi.hears("Tidak", within=30.0)
            assert await program.stops() == 0
        said = program.log.read_text() + program.screen
        assert found_in(said) == set()
        assert code not in said
        assert len(program.logged()) == len(program.log.read_text().splitlines()), "not every line is JSON"


def _spoil(program: Program) -> None:
    path = program.settings["database_url"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE progress SET sealed = zeroblob(64)")


async def _knocks(web: str) -> None:
    """Strangers at the doors, with somebody's data in every place a request has."""
    async with aiohttp.ClientSession() as session:
        for path in ("/telegram", f"/telegram?nik={SARI.nik}", f"/{SARI.nik}", "/demo/Jokolelono/"):
            headers = {"X-Telegram-Bot-Api-Secret-Token": SARI.nik, "User-Agent": "SARNI KETAPELTUHU"}
            async with session.post(web + path, data=SARI.name, headers=headers) as answer:
                assert answer.status in (401, 403, 404, 405)


# Values that show themselves: in a traceback, a debugger, a careless log line

HERE = Address("telegram", "990001", str(PERSON_ID))
SAID = Incoming(
    "telegram:990001:1",
    HERE,
    Kind.TEXT,
    text=SARI.nik,
    tap=SARI.name,
    phone="081234507741",
    first_name="Sariwangi",
    attachment=Attachment("photo", ref="AgACAgU-file"),
    photo=Photo("0123456789abcdef"),
)
VALUES: list[object] = [
    Nik(SARI.nik),
    Phone.parse(SARI.phone),
    PersonName(SARI.name),
    BirthDate(date(1985, 3, 2), SARI.birth_place),
    HERE,
    SAID,
    Message(SARI.name, (Choice(SARI.name, "f:1"),)),
    Edit(1, SARI.name),
    Deletion(message_id="5"),
    Commands((("antrean", "Antrean"),)),
    Progress("registration", "nik", doubt=Doubt("village", SARI.birth_place, ((SARI.name, SARI.name),))),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_that_shows_itself_shows_nobody(value: object) -> None:
    for shown in (repr(value), f"{value}", f"{[value]}", f"{Exception(value)!r}"):
        assert found_in(shown) == set(), shown


# What may hold somebody's data, by the name of the field; a new one is shown masked or not at all.
TELLING = {
    *("text", "label", "labels", "note", "answers", "values", "value", "name", "phone", "first_name", "first", "said"),
    *("options", "sealed", "result", "frame", "caption", "ref", "words", "digits", "number", "places", "to"),
}
# Names and texts of the office, of the map or of the form: nobody's.
PUBLIC = {
    *("Village", "District", "Area", "Office", "Form", "Limits", "View", "DatabaseState", "Occupation", "Places"),
    # A photo's name is random; a receipt's or an enquiry's number says nothing.
    *("Photo", "StoredFile", "Enquiry", "Finding", "Question", "Broadcast"),
    # A late text is the same for everybody, and so is its name; the values of one sent are hidden.
    *("Late", "LateText"),
    # What stands at Meta about the office's own number.
    *("Probe",),
    # Codes of places and occupations; what stands on a chart and on a poster, and how sheets are called.
    *("Condition", "Bar", "Sheet", "_Line", "_Row", "_Text"),
}


def test_every_field_that_may_hold_somebodys_data_is_hidden() -> None:
    shown = []
    for kind in _dataclasses():
        hides_itself = not kind.__dataclass_params__.repr or "__repr__" in inspect.getsource(kind)
        if hides_itself or kind.__name__ in PUBLIC:
            continue
        shown += [
            f"{kind.__module__}.{kind.__name__}.{f.name}" for f in dataclasses.fields(kind) if f.repr and _tells(f)
        ]
    assert shown == []


def _tells(field: dataclasses.Field[Any]) -> bool:
    return field.name in TELLING


def _dataclasses() -> Iterator[Any]:
    for package in ("domain", "conversation", "storage", "handlers", "channels", "bot"):
        for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
            if found.name in ("migrations", "__main__"):
                continue
            module = importlib.import_module(f"{package}.{found.name}")
            for kind in vars(module).values():
                if inspect.isclass(kind) and kind.__module__ == module.__name__ and dataclasses.is_dataclass(kind):
                    yield kind


def test_the_search_would_find_what_was_planted() -> None:
    for what, needle in NEEDLES.items():
        if needle.isascii():
            assert what in found_in(f'{{"event": "x", "text": "{needle.decode().upper()}"}}')
    assert found_in(f"https://api.telegram.org/bot{TOKEN}/sendMessage") == {"token"}
    assert ktp_photo()
