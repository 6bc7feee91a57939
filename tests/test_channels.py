"""What every channel promises (channels/base.py), asked of each over real HTTP, as Ibu Sari meets it.

A network that cannot do a thing at all is skipped with its reason. What is particular to one network is in its own
test files.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from channels.base import (
    Fetches,
    FetchFailed,
    Permanent,
    SendFailed,
    ShowsTyping,
    Stopped,
    Temporary,
    TooOld,
)
from conversation.messages import (
    Acknowledgement,
    Attachment,
    Choice,
    Commands,
    Deletion,
    Edit,
    Incoming,
    Kind,
    Message,
    Outgoing,
    Receipt,
    Told,
)
from domain.address import Address
from tests.networks import NETWORKS
from tests.networks.sari import NUMBER, Sari
from tests.servers.telegram_people import grey_photo

YES_NO = (Choice("Setuju", "c:1:yes"), Choice("Tidak", "c:1:no"))
NIK = "8171015503859901"


@pytest.fixture(params=NETWORKS)
async def sari(request: pytest.FixtureRequest) -> AsyncIterator[Sari]:
    async with NETWORKS[request.param]() as sari:
        yield sari


def needs(sari: Sari, power: str) -> None:
    """Skip where the network cannot do this, by its Limits."""
    if not getattr(sari.channel.limits, power):
        pytest.skip(f"{sari.channel.name} has no {power}")


async def sent(sari: Sari, out: Message, file: bytes | None = None) -> str:
    """Send a message; its id at the network, by which it can be changed."""
    ref = await sari.channel.send(sari.to, out, file=file)
    assert ref
    return ref


def only(sari: Sari, incoming: Incoming, **about: object) -> None:
    """The Incoming holds this and nothing else."""
    address = Address(sari.channel.name, sari.channel.bot, sari.to, sari.number)
    expected = Incoming(incoming.key, address, **about)  # type: ignore[arg-type]
    assert replace(incoming, language="", first_name="", read_id="") == expected
    assert (incoming.language, incoming.first_name) in {(sari.language, "Sari"), ("", "")}
    assert incoming.key.startswith(f"{sari.channel.name}:{sari.channel.bot}:")


# Hearing


async def test_what_sari_types_arrives_with_her_name_and_a_key_of_its_own(sari: Sari) -> None:
    first, second = await sari.says("DAFTAR 🙏"), await sari.says("DAFTAR 🙏")
    for incoming, written in zip((first, second), sari.wrote(), strict=True):
        only(sari, incoming, kind=Kind.TEXT, text="DAFTAR 🙏", message_id=written)
        assert (incoming.language, incoming.first_name) == (sari.language, "Sari")
    assert first.key != second.key


async def test_a_tap_says_what_was_picked_and_under_which_message(sari: Sari) -> None:
    refs = [await sent(sari, Message(text, choices=YES_NO)) for text in ("Satu?", "Dua?")]
    tap = await sari.taps("Tidak")
    assert tap.tap_id
    only(sari, tap, kind=Kind.TAP, tap="c:1:no", tap_id=tap.tap_id, message_id=refs[1])


@pytest.mark.parametrize("what", ["photo", "image", "document"])
async def test_a_photo_a_picture_sent_as_a_file_and_a_paper_are_told_apart(sari: Sari, what: str) -> None:
    content = b"%PDF-1.7 " * 50 if what == "document" else grey_photo()
    incoming = await sari.sends(content, what=what)
    attachment = incoming.attachment
    assert attachment is not None
    mime = "application/pdf" if what == "document" else "image/jpeg"
    assert attachment.size in (len(content), 0)
    assert replace(attachment, size=0, file_name="") == Attachment(what, attachment.ref, 0, mime)
    assert what == "photo" or attachment.file_name == ("surat.pdf" if what == "document" else "ktp.jpg")
    only(sari, incoming, kind=Kind.FILE, attachment=attachment, message_id=sari.wrote()[-1])


async def test_a_photo_of_an_album_names_the_album(sari: Sari) -> None:
    incoming = await sari.sends(grey_photo(), album=True)
    assert incoming.attachment is not None
    assert incoming.attachment.album


async def test_an_edit_names_the_message_it_changes(sari: Sari) -> None:
    first = await sari.says("SARNI")
    await sari.says("Ambon")
    only(
        sari,
        await sari.edits(first.message_id, "SARNI T"),
        kind=Kind.EDIT,
        text="SARNI T",
        message_id=first.message_id,
    )


async def test_her_own_number_is_told_from_somebody_elses(sari: Sari) -> None:
    needs(sari, "shares_phone")
    own = await sari.shares_number()
    only(sari, own, kind=Kind.PHONE, phone=NUMBER, own=True, message_id=sari.wrote()[-1])
    assert not (await sari.shares_number(own=False)).own


async def test_whoever_blocks_us_is_unreachable_until_she_returns(sari: Sari) -> None:
    only(sari, await sari.blocks(), kind=Kind.BLOCKED)
    with pytest.raises(Stopped):
        await sari.channel.send(sari.to, Message("Halo"))
    assert NIK not in await failure_of(sari, Message(NIK))
    only(sari, await sari.unblocks(), kind=Kind.RETURNED)
    await sent(sari, Message("Halo lagi"))
    assert [message.text for message in sari.sees()] == ["Halo lagi"]


async def test_a_shape_nobody_knows_is_taken_and_says_nothing(sari: Sari) -> None:
    for body in (
        *(b"", b"{", b"[]", b"null", b"17", b'"text"', b"{}", b"\xff\xfe", b"\x00", b"[" * 100_000),
        b'{"id": "u-1", "update_id": 1, "phone": "worker-1", "kind": "dance", "dance": {}}',
        b'{"id": 1, "update_id": "x", "phone": 5, "kind": "text", "message": 5, "text": 5}',
        b'{"id": "u-1", "update_id": 1, "phone": "worker-1", "kind": "tap", "callback_query": {"id": "1"}}',
    ):
        assert await sari.posts(body) == 200
        assert sari.arrived() == [], body


async def test_a_stranger_finds_the_door_closed(sari: Sari) -> None:
    assert await sari.posts(b"{}", stranger=True) in {401, 403}
    assert sari.arrived() == []


# Saying


async def test_a_text_is_read_with_its_bold_words_and_whatever_people_write(sari: Sari) -> None:
    ref = await sent(sari, Message("🙏 Nomor: **AMB-4829**. <b>& **** 01 **x"))
    (message,) = sari.sees()
    assert (message.id, message.text, message.bold) == (ref, "🙏 Nomor: AMB-4829. <b>& **** 01 **x", ("AMB-4829",))
    assert not message.protected


async def test_ready_answers_stand_beside_each_other_or_one_a_line(sari: Sari) -> None:
    await sent(sari, Message("Setuju?", choices=YES_NO))
    await sent(sari, Message("Setuju?", choices=YES_NO, stacked=True))
    assert [message.rows for message in sari.sees()] == [(("Setuju", "Tidak"),), (("Setuju",), ("Tidak",))]


async def test_a_label_too_long_for_the_network_is_cut_and_no_reason_to_say_nothing(sari: Sari) -> None:
    most = sari.channel.limits.label
    label = "Kelurahan yang namanya panjang sekali " * (most // 30 + 1)
    await sent(sari, Message("Pilih", choices=(Choice(label, "v:1"), Choice("x" * most, "v:2")), stacked=True))
    (cut,), (whole,) = sari.sees()[0].rows
    assert len(cut) <= most
    assert label.startswith(cut.rstrip("…"))
    assert whole == "x" * most
    assert (await sari.taps(cut)).tap == "v:1"


async def test_a_photo_comes_with_its_text_and_may_be_protected(sari: Sari) -> None:
    needs(sari, "protects")
    picture = grey_photo()
    ref = await sent(sari, Message("NIK **8171**", YES_NO, photo="ktp-1", protected=True), picture)
    (message,) = sari.sees()
    assert (message.id, message.text, message.bold) == (ref, "NIK 8171", ("8171",))
    assert (message.picture, message.protected) == (picture, True)
    assert message.rows == (("Setuju", "Tidak"),)


async def test_a_document_comes_with_its_name_its_text_and_its_ready_answers(sari: Sari) -> None:
    paper = bytes(range(256)) * 900
    name = "Jadwal sosialisasi Désa Latuhalat.xlsx"
    out = Message("Jadwal **baru**", YES_NO, document="d-1", document_name=name)
    ref = await sent(sari, out, paper)
    (message,) = sari.sees()
    assert (message.id, message.text, message.bold) == (ref, "Jadwal baru", ("baru",))
    assert (message.document, message.picture, message.protected) == ((name, paper), b"", False)
    assert message.rows == (("Setuju", "Tidak"),)
    await sent(sari, Message("", document="d-2", document_name="a.pdf"), b"%PDF-1.7")
    assert [shown.document for shown in sari.sees()][1:] == [("a.pdf", b"%PDF-1.7")]


async def test_a_document_may_be_protected_and_is_made_blank(sari: Sari) -> None:
    needs(sari, "protects")
    ref = await sent(sari, Message("Daftar", document="d-1", document_name="a.csv", protected=True), b"1;2")
    assert [message.protected for message in sari.sees()] == [True]
    await sari.channel.send(sari.to, Edit(of=1, blank=True), ref=ref)
    (message,) = sari.sees()
    assert (message.text, b"1;2" in message.document) == ("", False)


async def test_a_file_is_read_when_the_channel_wants_it_and_what_that_raises_is_told(sari: Sari) -> None:
    async def read() -> bytes:
        return b"isi"

    async def gone() -> bytes:
        raise FileNotFoundError

    paper = Message("Daftar", document="d-1", document_name="a.csv")
    assert await sari.channel.send(sari.to, paper, file=read)
    assert [message.document for message in sari.sees()] == [("a.csv", b"isi")]
    for out in (paper, replace(paper, document="d-2", shared=True), Message("KTP", photo="k")):
        with pytest.raises(FileNotFoundError):
            await sari.channel.send(sari.to, out, file=gone)


async def test_her_number_is_asked_for_until_it_is_no_longer_needed(sari: Sari) -> None:
    needs(sari, "shares_phone")
    for end in (Message("Terima kasih.", ends_phone=True), None):
        await sent(sari, Message("Nomor HP?", asks_phone="Bagikan nomor saya"))
        assert sari.offer() == "Bagikan nomor saya"
        if end is not None:
            await sent(sari, end)
            assert sari.offer() == ""
    assert (await sari.shares_number()).phone == NUMBER


async def test_a_tap_is_answered_once_with_words(sari: Sari) -> None:
    needs(sari, "toasts")
    await sent(sari, Message("Setuju?", choices=YES_NO))
    tap = await sari.taps("Setuju")
    assert await sari.channel.send(sari.to, Acknowledgement(tap.tap_id, "Sudah dijawab", alert=True)) is None
    assert await sari.toast() == "Sudah dijawab"


async def test_a_menu_comes_and_goes(sari: Sari) -> None:
    needs(sari, "menus")
    await sari.channel.send(sari.to, Commands((("antrean", "Lihat antrean"), ("ambil", "Ambil berkas"))))
    assert sari.menu() == ["antrean", "ambil"]
    await sari.channel.send(sari.to, Commands())
    assert sari.menu() == []


async def test_sari_sees_that_we_are_busy_and_nobody_minds_when_it_fails(sari: Sari) -> None:
    assert isinstance(sari.channel, ShowsTyping)
    own = await sari.says("Halo")
    await sari.channel.show_typing(sari.to, own.read_id)
    await sari.sees_typing()
    sari.network_is_busy()
    await sari.channel.show_typing(sari.to, own.read_id)


# What became of it


async def test_receipts_tell_what_became_of_a_message_with_the_mark_we_gave_along(sari: Sari) -> None:
    needs(sari, "receipts")
    ref = await sari.channel.send(sari.to, Message("Halo"), mark="o-17")
    assert ref
    assert await sari.receipts(2) == [Receipt(ref, Told.SENT, "o-17"), Receipt(ref, Told.DELIVERED, "o-17")]


async def test_free_text_that_comes_too_late_is_told_in_a_receipt(sari: Sari) -> None:
    needs(sari, "receipts")
    needs(sari, "reply_hours")
    sari.waits(hours=sari.channel.limits.reply_hours + 1)
    ref = await sari.channel.send(sari.to, Message("Halo"), mark="o-18")
    (receipt,) = await sari.receipts(1)
    assert (receipt.sent_id, receipt.told, receipt.mark) == (ref, Told.SHUT, "o-18")
    assert sari.sees() == []
    await sari.says("Halo?")
    await sent(sari, Message("Halo lagi"))
    assert [message.text for message in sari.sees()] == ["Halo lagi"]


# Changing and taking back


async def test_a_text_changes_and_keeps_its_place(sari: Sari) -> None:
    needs(sari, "edits")
    ref = await sent(sari, Message("Menunggu"))
    await sent(sari, Message("Sesudahnya"))
    for _ in range(2):
        edit = Edit(of=1, text="Selesai: **ya**", choices=YES_NO, stacked=True)
        assert await sari.channel.send(sari.to, edit, ref=ref) is None
    first, second = sari.sees()
    assert (first.id, first.text, first.bold, first.rows) == (ref, "Selesai: ya", ("ya",), (("Setuju",), ("Tidak",)))
    assert second.text == "Sesudahnya"


async def test_the_ready_answers_of_an_answered_question_change_or_go_away(sari: Sari) -> None:
    needs(sari, "edits")
    ref = await sent(sari, Message("Setuju?", choices=YES_NO))
    await sari.channel.send(sari.to, Edit(of=1, choices=YES_NO[:1]), ref=ref)
    assert [(message.text, message.rows) for message in sari.sees()] == [("Setuju?", (("Setuju",),))]
    for _ in range(2):
        await sari.channel.send(sari.to, Edit(of=1), ref=ref)
    assert [(message.text, message.rows) for message in sari.sees()] == [("Setuju?", ())]


async def test_photo_and_text_are_made_blank(sari: Sari) -> None:
    needs(sari, "edits")
    photo = await sent(sari, Message(f"NIK {NIK}", YES_NO, photo="k"), grey_photo())
    text = await sent(sari, Message(f"NIK {NIK}", YES_NO))
    for ref in (photo, text):
        for _ in range(2):
            await sari.channel.send(sari.to, Edit(of=1, blank=True), ref=ref)
    for message in sari.sees():
        assert (message.text, message.rows) == ("", ())
        assert message.picture != grey_photo()


async def test_ours_and_her_own_message_are_taken_back_and_once_more_is_no_fault(sari: Sari) -> None:
    needs(sari, "deletes")
    ref = await sent(sari, Message("Rahasia"))
    own = await sari.says("NIK saya ...")
    for _ in range(2):
        await sari.channel.send(sari.to, Deletion(of=1), ref=ref)
        await sari.channel.send(sari.to, Deletion(message_id=own.message_id))
    assert sari.sees() == []
    assert sari.wrote() == []


async def test_nothing_is_left_to_take_away_from_a_message_that_is_gone(sari: Sari) -> None:
    needs(sari, "edits")
    ref = await sent(sari, Message("Setuju?", choices=YES_NO))
    await sari.channel.send(sari.to, Deletion(of=1), ref=ref)
    await sari.channel.send(sari.to, Edit(of=1), ref=ref)
    await sari.channel.send(sari.to, Edit(of=1, blank=True), ref=ref)
    with pytest.raises(Permanent):
        await sari.channel.send(sari.to, Edit(of=1, text="Baru"), ref=ref)


async def test_what_is_too_old_to_delete_says_so_and_can_still_be_made_blank(sari: Sari) -> None:
    needs(sari, "deletes")
    ref = await sent(sari, Message(f"NIK {NIK}", YES_NO))
    sari.waits(hours=49)
    with pytest.raises(TooOld):
        await sari.channel.send(sari.to, Deletion(of=1), ref=ref)
    await sari.channel.send(sari.to, Edit(of=1, blank=True), ref=ref)
    assert [(message.text, message.rows) for message in sari.sees()] == [("", ())]


# Failing


async def test_a_busy_network_says_when_to_try_again(sari: Sari) -> None:
    sari.network_is_busy()
    with pytest.raises(Temporary) as failed:
        await sari.channel.send(sari.to, Message("Halo"))
    assert failed.value.retry_after
    sari.network_is_well()
    await sent(sari, Message("Halo"))
    assert [message.text for message in sari.sees()] == ["Halo"]


async def test_what_no_network_shows_is_refused_for_ever(sari: Sari) -> None:
    limits = sari.channel.limits
    refused: list[tuple[Outgoing, bytes | None]] = [
        (Message(""), None),
        (Message("x" * (limits.text + 1)), None),
        (Message("KTP", photo="k"), None),
        (Message("x" * (limits.photo_text + 1), photo="k"), grey_photo()),
        (Message("Daftar", document="d", document_name="a.csv"), None),
        (Message("x" * (limits.photo_text + 1), document="d", document_name="a.csv"), b"isi"),
        (Message("a", (Choice("Ya", "é" * 33),)), None),
        (Message("a", (Choice("", "d"),)), None),
        (Message("a", (Choice("Ya", "d"),) * (limits.choices + 1)), None),
    ]
    refused += [(Edit(1), None), (Edit(1, "x"), None)] if limits.edits else []
    refused += [(Deletion(1), None)] if limits.deletes else []
    for out, file in refused:
        with pytest.raises(Permanent):
            await sari.channel.send(sari.to, out, file=file)
    assert sari.sees() == []
    await sent(sari, Message("x" * limits.text))
    await sent(sari, Message(f"**{'x' * (limits.photo_text - 4)}**", photo="k"), grey_photo())


async def test_what_the_network_cannot_do_is_skipped(sari: Sari) -> None:
    limits = sari.channel.limits
    skipped: list[Outgoing] = []
    skipped += [] if limits.edits else [Edit(1, "x"), Edit(1, blank=True)]
    skipped += [] if limits.deletes else [Deletion(1), Deletion(message_id="1")]
    skipped += [] if limits.toasts else [Acknowledgement("1", "Sudah dijawab")]
    skipped += [] if limits.menus else [Commands((("antrean", "Lihat antrean"),))]
    if not skipped:
        pytest.skip(f"{sari.channel.name} can do everything")
    for out in skipped:
        assert await sari.channel.send(sari.to, out, ref="1") is None
    assert sari.sees() == []


async def test_nobody_is_at_an_address_the_network_does_not_know(sari: Sari) -> None:
    with pytest.raises(Stopped):
        await sari.channel.send("777", Message("Halo"))


async def test_nothing_is_sent_after_the_end(sari: Sari) -> None:
    await sari.channel.close()
    with pytest.raises(Temporary):
        await sari.channel.send(sari.to, Message("Halo"))
    assert sari.sees() == []


async def test_a_file_is_fetched_up_to_the_limit(sari: Sari) -> None:
    channel = sari.channel
    assert isinstance(channel, Fetches)
    picture = grey_photo(1280, 960)
    for what in ("photo", "image"):
        attachment = (await sari.sends(picture, what=what)).attachment
        assert attachment is not None
        assert await channel.fetch(attachment, limit=len(picture)) == picture
        for over in (attachment, replace(attachment, size=0)):
            with pytest.raises(FetchFailed) as failed:
                await channel.fetch(over, limit=len(picture) - 1)
            assert failed.value.final


async def test_a_file_the_network_does_not_have_is_not_asked_for_again(sari: Sari) -> None:
    assert isinstance(sari.channel, Fetches)
    with pytest.raises(FetchFailed) as failed:
        await sari.channel.fetch(Attachment("photo", "tidak-ada"), limit=1_000_000)
    assert failed.value.final


async def test_a_copy_the_network_keeps_is_deleted_when_told_and_once_more_is_no_fault(sari: Sari) -> None:
    needs(sari, "keeps_files")
    attachment = (await sari.sends(grey_photo())).attachment
    assert attachment is not None
    assert isinstance(sari.channel, Fetches)
    assert await sari.channel.fetch(attachment, limit=1_000_000) == grey_photo()
    for _ in range(2):
        assert await sari.channel.send(sari.to, Deletion(file=attachment.ref)) is None
    with pytest.raises(FetchFailed) as failed:
        await sari.channel.fetch(attachment, limit=1_000_000)
    assert failed.value.final


async def test_nothing_personal_gets_into_errors_or_logs(sari: Sari, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    channel, told = sari.channel, []
    read = [await sari.says(NIK), await sari.shares_number(), await sari.sends(grey_photo())]
    told += [repr(incoming) for incoming in read]
    await sari.posts(f'{{"update_id": 5, "id": "{NIK}", "message": {{"text": "{NIK}"}}}}'.encode())
    over = Message(NIK * 300, YES_NO)
    told.append(repr(over))
    for out in (over, Message(NIK, photo="k"), Message(NIK, (Choice("", NIK),))):
        told.append(await failure_of(sari, out))
    if channel.limits.edits:
        told.append(await failure_of(sari, Edit(1, NIK)))
    sari.network_is_busy()
    told.append(await failure_of(sari, Message(NIK)))
    sari.network_is_well()
    assert isinstance(channel, Fetches)
    with pytest.raises(FetchFailed) as failed:
        await channel.fetch(Attachment("photo", NIK), limit=10)
    told += traceback.format_exception(failed.value)
    everything = "".join(told) + caplog.text
    assert NIK not in everything
    assert NUMBER not in everything
    assert "Sari" not in everything.replace("Sari, caplog", "")


async def failure_of(sari: Sari, out: Outgoing) -> str:
    """All that an error tells whoever logs it."""
    with pytest.raises(SendFailed) as failed:
        await sari.channel.send(sari.to, out)
    error = failed.value
    chain = repr(error) + repr(error.__cause__) + repr(error.__context__)
    return "".join(traceback.format_exception(error)) + chain
