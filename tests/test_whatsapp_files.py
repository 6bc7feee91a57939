"""Files on WhatsApp: a file for many goes up once; what people send is fetched whole and then deleted at Meta."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from channels.base import FetchFailed, Permanent, Temporary
from channels.whatsapp import WhatsApp
from channels.whatsapp_files import mime_of, shown_name
from conversation.messages import Attachment, Choice, Deletion, Incoming, Message
from tests.servers.whatsapp import Person, WhatsAppServer
from tests.servers.whatsapp_people import grey_photo
from tests.whatsapp_account import channel_to, heard

PHOTO = Message("Undangan **besok**", photo="poster", shared=True)
PAPER = Message("Jadwal", document="jadwal", document_name="jadwal.pdf", shared=True)
BYTES = {PHOTO: grey_photo(), PAPER: b"%PDF-1.7 jadwal"}
YES_NO = (Choice("Hadir", "ev:yes:1"), Choice("Tidak", "ev:no:1"))


class Folder:
    """The media folder of one message: counts how often it is read."""

    def __init__(self, out: Message) -> None:
        self.data = BYTES[out]
        self.read = 0

    async def __call__(self) -> bytes:
        self.read += 1
        return self.data


@pytest.fixture
async def server() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer(statuses=False) as server:
        yield server


@pytest.fixture
async def whatsapp(server: WhatsAppServer) -> AsyncIterator[WhatsApp]:
    whatsapp = channel_to(server.base)
    await whatsapp.start()
    yield whatsapp
    await whatsapp.close()


@pytest.fixture
async def people(server: WhatsAppServer) -> list[Person]:
    people = [server.person(name) for name in ("Sari", "Budi", "Joko")]
    for person in people:
        await person.says("halo")
    return people


# Out


@pytest.mark.parametrize("out", [PHOTO, PAPER], ids=["photo", "document"])
async def test_what_goes_to_many_at_once_is_read_and_brought_up_once(
    server: WhatsAppServer, whatsapp: WhatsApp, people: list[Person], out: Message
) -> None:
    folder = Folder(out)
    ids = await asyncio.gather(*(whatsapp.send(person.user_id, out, file=folder) for person in people))
    assert len(set(ids)) == 3
    assert (folder.read, len(server.calls("media"))) == (1, 1)
    for person in people:
        (message,) = person.sees()
        assert (message.text, message.picture or message.document[1]) == (out.text.replace("**", ""), folder.data)
    assert server.violations("error") == []


async def test_what_is_meant_for_one_is_never_remembered(
    server: WhatsAppServer, whatsapp: WhatsApp, people: list[Person]
) -> None:
    card = Message("Kartu", photo="kartu")
    for person in people:
        await whatsapp.send(person.wa_id, card, file=grey_photo())
    assert len(server.calls("media")) == 3


@pytest.mark.parametrize("fault", ["reset", "lost", "garbage", "late", 500])
async def test_a_file_that_could_not_be_brought_has_sent_no_message(
    server: WhatsAppServer, whatsapp: WhatsApp, people: list[Person], fault: str | int
) -> None:
    """Nobody counts as one who may have it."""
    server.fault("media", fault)
    with pytest.raises(Temporary) as failed:
        await whatsapp.send(people[0].wa_id, PHOTO, file=Folder(PHOTO))
    assert type(failed.value) is Temporary
    assert people[0].sees() == []


async def test_a_file_that_meta_no_longer_has_goes_up_again(
    server: WhatsAppServer, whatsapp: WhatsApp, people: list[Person]
) -> None:
    folder = Folder(PHOTO)
    for person in people:
        await whatsapp.send(person.wa_id, PHOTO, file=folder)
        server.media.clear()
    assert (folder.read, len(server.calls("media"))) == (3, 3)
    assert all(len(person.sees()) == 1 for person in people)


async def test_a_refusal_that_stays_is_told_and_not_tried_for_ever(
    server: WhatsAppServer, whatsapp: WhatsApp, people: list[Person]
) -> None:
    await whatsapp.send(people[0].wa_id, PHOTO, file=Folder(PHOTO))
    server.fault("messages", 131053, times=None)
    with pytest.raises(Permanent, match="file_refused"):
        await whatsapp.send(people[1].wa_id, PHOTO, file=Folder(PHOTO))
    assert len(server.calls("media")) == 2


@pytest.mark.parametrize("fault", [503, 130429, "reset", "garbage"])
async def test_a_file_that_does_not_go_up_is_tried_again_later(
    server: WhatsAppServer, whatsapp: WhatsApp, people: list[Person], fault: str | int
) -> None:
    server.fault("media", fault)
    with pytest.raises(Temporary):
        await whatsapp.send(people[0].wa_id, PHOTO, file=Folder(PHOTO))
    await whatsapp.send(people[0].wa_id, PHOTO, file=Folder(PHOTO))
    assert len(people[0].sees()) == 1


@pytest.mark.parametrize("out", [PHOTO, PAPER], ids=["photo", "document"])
async def test_a_file_stands_above_its_text_and_its_ready_answers(
    whatsapp: WhatsApp, people: list[Person], out: Message
) -> None:
    await whatsapp.send(people[0].wa_id, replace(out, choices=YES_NO), file=BYTES[out])
    (message,) = people[0].sees()
    assert (message.kind, message.labels) == ("button", ["Hadir", "Tidak"])
    assert message.picture or message.document == ("jadwal.pdf", BYTES[out])


async def test_answers_that_have_no_room_under_a_file_are_written_out(whatsapp: WhatsApp, people: list[Person]) -> None:
    choices = tuple(Choice(f"Jam {hour}.00", f"h:{hour}") for hour in range(8, 12))
    await whatsapp.send(people[0].wa_id, replace(PHOTO, choices=choices), file=BYTES[PHOTO])
    (message,) = people[0].sees()
    assert message.text == "Undangan besok\n1. Jam 8.00\n2. Jam 9.00\n3. Jam 10.00\n4. Jam 11.00"


async def test_what_has_no_room_under_a_file_is_refused_before_the_file_is_read(
    whatsapp: WhatsApp, people: list[Person]
) -> None:
    folder = Folder(PHOTO)
    choices = tuple(Choice(f"Jam {hour}.00", f"h:{hour}") for hour in range(8, 12))
    for out in (replace(PHOTO, text="x" * 1025), replace(PHOTO, text="x" * 1020, choices=choices)):
        with pytest.raises(Permanent, match="too_long"):
            await whatsapp.send(people[0].wa_id, out, file=folder)
    assert folder.read == 0


@pytest.mark.parametrize("name", ["a.zip", "tanpa-akhiran", "a.exe"])
async def test_a_paper_that_whatsapp_does_not_carry_is_refused_before_it_is_read(
    whatsapp: WhatsApp, people: list[Person], name: str
) -> None:
    folder = Folder(PAPER)
    with pytest.raises(Permanent, match="file_kind_not_carried"):
        await whatsapp.send(people[0].wa_id, replace(PAPER, document_name=name), file=folder)
    assert folder.read == 0


def test_the_name_of_a_paper_is_safe_and_keeps_its_ending() -> None:
    assert shown_name('..\\"daftar"\r\n/a.pdf') == ".._daftar_a.pdf"
    assert shown_name("") == "file"
    assert len(shown_name("x" * 300 + ".pdf")) == 240
    assert mime_of("x" * 300 + ".PDF") == "application/pdf"


# In


async def photo_of(server: WhatsAppServer, whatsapp: WhatsApp, sari: Person, content: bytes) -> Attachment:
    async with heard(server, whatsapp) as found:
        await sari.sends_photo(content)
    return next(each.attachment for each in found if isinstance(each, Incoming) and each.attachment)


async def test_what_she_sent_is_fetched_and_then_deleted_at_meta(
    server: WhatsAppServer, whatsapp: WhatsApp, people: list[Person]
) -> None:
    photo = await photo_of(server, whatsapp, people[0], grey_photo())
    assert await whatsapp.fetch(photo, limit=1_000_000) == grey_photo()
    for _ in range(2):
        assert await whatsapp.send(people[0].wa_id, Deletion(file=photo.ref)) is None
    assert server.media == {}
    with pytest.raises(FetchFailed) as failed:
        await whatsapp.fetch(photo, limit=1_000_000)
    assert (failed.value.code, failed.value.final) == ("file_not_there", True)


async def test_an_address_that_has_expired_is_asked_for_anew(
    server: WhatsAppServer, whatsapp: WhatsApp, people: list[Person]
) -> None:
    photo = await photo_of(server, whatsapp, people[0], grey_photo())
    server.settings.media_seconds = -1
    with pytest.raises(FetchFailed) as failed:
        await whatsapp.fetch(photo, limit=1_000_000)
    assert (failed.value.code, failed.value.final) == ("file_address_too_old", False)
    server.settings.media_seconds = 300
    assert await whatsapp.fetch(photo, limit=1_000_000) == grey_photo()


@pytest.mark.parametrize(
    ("method", "fault", "final", "code"),
    [
        ("media_url", 503, False, "server_trouble"),
        ("media_url", "reset", False, "unreachable"),
        ("media_url", "garbage", False, "garbled_answer"),
        ("media_url", 429, False, "too_many_calls"),
        ("media_url", 190, False, "token_refused"),
        ("media_url", 131009, True, "invalid_parameter"),
        ("media_download", 502, False, "http_502"),
        ("media_download", "reset", False, "unreachable"),
        ("media_download", "garbage", False, "file_incomplete"),
    ],
)
async def test_a_download_that_fails_says_whether_to_try_again(
    server: WhatsAppServer,
    whatsapp: WhatsApp,
    people: list[Person],
    method: str,
    fault: str | int,
    final: bool,
    code: str,
) -> None:
    photo = await photo_of(server, whatsapp, people[0], grey_photo())
    # A download is asked for twice where a kept connection breaks.
    server.fault(method, fault, times=None)
    with pytest.raises(FetchFailed) as failed:
        await whatsapp.fetch(photo, limit=1_000_000)
    server.clear_faults()
    assert (failed.value.final, failed.value.code) == (final, code)
    assert await whatsapp.fetch(photo, limit=1_000_000)


async def test_what_is_too_big_is_not_fetched_and_a_sum_that_is_wrong_is_asked_again(
    server: WhatsAppServer, whatsapp: WhatsApp, people: list[Person]
) -> None:
    photo = await photo_of(server, whatsapp, people[0], grey_photo())
    with pytest.raises(FetchFailed, match="file_too_big") as failed:
        await whatsapp.fetch(photo, limit=100)
    assert failed.value.final
    assert server.calls("media_download") == []
    server.media[photo.ref].sha256 = "00" * 32
    with pytest.raises(FetchFailed, match="file_incomplete") as failed:
        await whatsapp.fetch(photo, limit=1_000_000)
    assert not failed.value.final


@pytest.mark.parametrize("ref", ["", "../111000111000111", "1/2", "tidak-ada"])
async def test_nothing_is_asked_for_by_a_strange_reference(
    server: WhatsAppServer, whatsapp: WhatsApp, ref: str
) -> None:
    before = len(server.calls())
    with pytest.raises(FetchFailed, match="file_not_there"):
        await whatsapp.fetch(Attachment("photo", ref), limit=100)
    await whatsapp.send("6281234500001", Deletion(file=ref))
    assert len(server.calls()) == before
