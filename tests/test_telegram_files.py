"""A file that goes to many on Telegram: up once, then by Telegram's own id of it, until that is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from channels.base import Permanent, Stopped
from channels.telegram import Telegram
from channels.telegram_files import shown_name
from conversation.messages import Message
from tests.servers.telegram import TOKEN, TelegramServer
from tests.servers.telegram_people import Person, grey_photo

PHOTO = Message("Undangan", photo="poster", shared=True)
PAPER = Message("Jadwal", document="jadwal", document_name="jadwal.pdf", shared=True)
BYTES = {PHOTO: grey_photo(), PAPER: b"%PDF-1.7 jadwal"}


class Folder:
    """The media folder of one message: counts how often it is read."""

    def __init__(self, out: Message) -> None:
        self.data = BYTES[out]
        self.read = 0

    async def __call__(self) -> bytes:
        self.read += 1
        return self.data


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server
        assert server.violations("error", ignore=("wrong_file",)) == []


@pytest.fixture
async def telegram(server: TelegramServer) -> AsyncIterator[Telegram]:
    telegram = Telegram(token=TOKEN, api_url=server.base, poll_seconds=0)
    await telegram.start()
    yield telegram
    await telegram.close()


@pytest.fixture
def people(server: TelegramServer) -> list[Person]:
    return [Person(server, name, started=True) for name in ("Sari", "Budi", "Joko")]


def uploads(server: TelegramServer) -> int:
    """How often bytes came up: by its id, the file stands among the plain parameters."""
    calls = [*server.calls("sendPhoto"), *server.calls("sendDocument")]
    return sum(not {"photo", "document"} & call.params.keys() for call in calls)


@pytest.mark.parametrize("out", [PHOTO, PAPER], ids=["photo", "document"])
async def test_what_goes_to_many_at_once_is_read_and_brought_up_once(
    server: TelegramServer, telegram: Telegram, people: list[Person], out: Message
) -> None:
    folder = Folder(out)
    ids = await asyncio.gather(*(telegram.send(str(person.id), out, file=folder) for person in people))
    assert len(set(ids)) == 3
    assert (folder.read, uploads(server)) == (1, 1)
    for person in people:
        (message,) = person.sees()
        assert message.file is not None
        assert (message.text, message.file.content) == (out.text, folder.data)


async def test_what_is_meant_for_one_is_never_remembered(
    server: TelegramServer, telegram: Telegram, people: list[Person]
) -> None:
    card = Message("NIK 8171015503859901", photo="ktp", protected=True)
    for person in people:
        await telegram.send(str(person.id), card, file=grey_photo())
    assert uploads(server) == 3


@pytest.mark.parametrize("out", [PHOTO, PAPER], ids=["photo", "document"])
async def test_an_id_that_telegram_does_not_know_any_more_is_replaced_by_the_bytes(
    server: TelegramServer, telegram: Telegram, people: list[Person], out: Message
) -> None:
    sari, budi, joko = people
    folder = Folder(out)
    await telegram.send(str(sari.id), out, file=folder)
    server.world.files.clear()
    await asyncio.gather(*(telegram.send(str(person.id), out, file=folder) for person in (budi, joko)))
    assert (folder.read, uploads(server)) == (2, 2)
    assert [len(person.sees()) for person in people] == [1, 1, 1]


async def test_a_photo_that_telegram_refuses_is_refused_for_each_and_remembered_for_none(
    server: TelegramServer, telegram: Telegram, people: list[Person]
) -> None:
    for person in people:
        with pytest.raises(Permanent, match="image_process_failed"):
            await telegram.send(str(person.id), PHOTO, file=b"no picture at all")
    server.world.violations.clear()
    await telegram.send(str(people[0].id), PHOTO, file=grey_photo())


async def test_one_who_is_gone_leaves_the_upload_to_the_next(
    server: TelegramServer, telegram: Telegram, people: list[Person]
) -> None:
    sari, budi, joko = people
    await sari.blocks()
    with pytest.raises(Stopped):
        await telegram.send(str(sari.id), PAPER, file=BYTES[PAPER])
    for person in (budi, joko):
        await telegram.send(str(person.id), PAPER, file=BYTES[PAPER])
    assert uploads(server) == 2


async def test_only_so_many_ids_are_kept(server: TelegramServer, telegram: Telegram, people: list[Person]) -> None:
    for number in [*range(65), 64, 0]:
        out = Message("", document=f"d-{number}", document_name="a.txt", shared=True)
        await telegram.send(str(people[0].id), out, file=b"isi")
    assert uploads(server) == 66


def test_a_name_cannot_break_the_form_it_travels_in() -> None:
    assert shown_name('Surat "Désa" 1/2\r\nX: y\\.pdf') == "Surat _Désa_ 1_2_X: y_.pdf"
    assert shown_name(" ") == "file"
