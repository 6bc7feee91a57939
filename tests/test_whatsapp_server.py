"""The WhatsApp stand-in is as strict as Meta in what it takes from us: messages, files, faults, pace.

Not about our service: if these pass, a test in which it causes no violation means something. Notices are in
test_whatsapp_server_notices.py, templates in test_whatsapp_server_templates.py.
"""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.servers.whatsapp import BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID, WhatsAppServer
from tests.servers.whatsapp_caller import HEADERS, Caller, Listener, listening, message
from tests.servers.whatsapp_people import Person, grey_photo

MESSAGES = f"{PHONE_NUMBER_ID}/messages"
CARD = "+6281234500001"


@pytest.fixture
async def server() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server


@pytest.fixture
async def call(server: WhatsAppServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(server, session)


@pytest.fixture
async def door(server: WhatsAppServer) -> AsyncIterator[Listener]:
    async with listening() as door:
        server.webhook(door.url)
        yield door


@pytest.fixture
async def sari(server: WhatsAppServer, door: Listener) -> Person:
    sari = Person(server, "Sari", phone=CARD)
    await sari.says("halo")
    return sari


def buttons(*titles: str, body: str = "Setuju?", **more: Any) -> dict[str, Any]:
    made = [{"type": "reply", "reply": {"id": f"c:{at}", "title": title}} for at, title in enumerate(titles)]
    return {"type": "button", "body": {"text": body}, "action": {"buttons": made}, **more}


def rows(*titles: str, body: str = "Pilih", button: str = "Pilih", **more: Any) -> dict[str, Any]:
    made = [{"id": f"c:{at}", "title": title, **more} for at, title in enumerate(titles)]
    return {"type": "list", "body": {"text": body}, "action": {"button": button, "sections": [{"rows": made}]}}


def link(text: str = "Buka", url: str = "https://contoh.go.id/a") -> dict[str, Any]:
    action = {"name": "cta_url", "parameters": {"display_text": text, "url": url}}
    return {"type": "cta_url", "body": {"text": "Peta"}, "action": action}


# What is shown


async def test_a_text_is_shown_as_a_person_reads_it(sari: Person, call: Caller) -> None:
    sent = await call.sends(
        sari, content={"body": "Nomor *AMB-4829*, _nanti_ ~batal~ `ya` ```itu``` 2*3*4 a_b_c **x", "preview_url": False}
    )
    (seen,) = sari.sees()
    assert (seen.id, seen.kind, seen.bold) == (sent, "text", ("AMB-4829",))
    assert seen.text == "Nomor AMB-4829, nanti batal ya itu 2*3*4 a_b_c **x"
    assert sari.server.violations == []


async def test_buttons_lists_and_links_are_shown_with_their_labels(sari: Person, call: Caller) -> None:
    await call.sends(sari, "interactive", buttons("Setuju", "Tidak", header={"type": "text", "text": "Izin"}))
    await call.sends(sari, "interactive", rows(*(f"Desa {at}" for at in range(10)), description="Kecamatan Nusaniwe"))
    await call.sends(sari, "interactive", link())
    first, second, third = sari.sees()
    assert (first.kind, first.header, first.rows) == ("button", "Izin", (("Setuju",), ("Tidak",)))
    assert (second.kind, second.opener, len(second.rows)) == ("list", "Pilih", 10)
    assert (third.kind, third.buttons[0].url) == ("cta_url", "https://contoh.go.id/a")


async def test_pictures_and_papers_are_shown_alone_or_above_buttons(sari: Person, call: Caller) -> None:
    photo, paper = grey_photo(), b"%PDF-1.7 " * 20
    picture, document = await call.uploads(photo, "image/jpeg"), await call.uploads(paper, "application/pdf", "a.pdf")
    await call.sends(sari, "image", {"id": picture, "caption": "KTP *anda*"})
    await call.sends(sari, "document", {"id": document, "filename": "surat.pdf", "caption": "Surat"})
    above = {"type": "document", "document": {"id": document, "filename": "b.pdf"}}
    await call.sends(sari, "interactive", buttons("Ya", header=above))
    first, second, third = sari.sees()
    assert (first.picture, first.text) == (photo, "KTP anda")
    assert (second.document, second.text) == (("surat.pdf", paper), "Surat")
    assert (third.document, third.labels) == (("b.pdf", paper), ["Ya"])


async def test_our_reaction_stands_at_the_persons_message(sari: Person, call: Caller) -> None:
    (own,) = sari.wrote()
    await call.sends(sari, "reaction", {"message_id": own.id, "emoji": "👍"})
    assert own.reactions == {"us": "👍"}
    assert sari.sees() == []


# Refusals

REFUSED = [
    ("text", {"body": ""}, "400 131008"),
    ("text", {"body": "  \n"}, "400 100"),
    ("text", {"body": "x" * 4097}, "400 100 Param text['body'] must be at most 4096"),
    ("text", {"body": "a", "preview_url": "yes"}, "400 100"),
    ("text", {"body": "a", "parse_mode": "HTML"}, '400 100 Unexpected key "parse_mode"'),
    ("text", "halo", "400 100"),
    ("text", {"body": 5}, "400 100"),
    ("audio", {"id": "1"}, "400 131051"),
    ("interactive", buttons(), "400 131009 Invalid buttons count"),
    ("interactive", buttons(*"abcd"), "400 131009 Invalid buttons count"),
    ("interactive", buttons("x" * 21), "400 131009 Button title length"),
    ("interactive", buttons(""), "400 131009 Button title length"),
    ("interactive", buttons("Ya", "Ya"), "400 131009 Duplicated button title"),
    ("interactive", buttons("Ya", body="x" * 1025), "400 100"),
    ("interactive", buttons("Ya", body=""), "400 131008"),
    ("interactive", buttons("Ya", footer={"text": "x" * 61}), "400 100"),
    ("interactive", buttons("Ya", header={"type": "text", "text": "x" * 61}), "400 100"),
    ("interactive", buttons("Ya", header={"type": "video", "video": {"id": "1"}}), "400 131009"),
    ("interactive", buttons("Ya", sections=[]), '400 100 Unexpected key "sections"'),
    ("interactive", rows(), "400 131009"),
    ("interactive", rows(*"abcdefghijk"), "400 131009 Total row count exceed"),
    ("interactive", rows("x" * 25), "400 131009 Row title"),
    ("interactive", rows("a", description="x" * 73), "400 131009 Row description"),
    ("interactive", rows("a", button="x" * 21), "400 131009 Button label"),
    ("interactive", rows("a", body="x" * 4097), "400 100"),
    ("interactive", link(text="x" * 21), "400 131009 display_text"),
    ("interactive", link(url="javascript:alert(1)"), "400 131009"),
    ("interactive", {"type": "dance", "body": {"text": "a"}}, "400 131009"),
    ("image", {"id": "12345"}, "400 100"),
    ("image", {"link": "https://contoh.go.id/ktp.jpg"}, "400 131009"),
    ("reaction", {"message_id": "wamid.x", "emoji": "👍"}, "400 131009"),
]


@pytest.mark.parametrize(("kind", "content", "refusal"), REFUSED)
async def test_what_is_wrong_inside_a_message_is_refused(
    sari: Person, call: Caller, kind: str, content: object, refusal: str
) -> None:
    assert (await call.refuses(sari, kind, content)).startswith(refusal)
    assert sari.sees() == []
    assert [each.severity for each in sari.server.violations] == ["error"]


async def test_a_list_takes_no_double_ids_no_picture_and_no_nameless_sections(sari: Person, call: Caller) -> None:
    double, two = rows("a", "b"), rows("a")
    double["action"]["sections"][0]["rows"][1]["id"] = "c:0"
    two["action"]["sections"].append({"title": "Lain", "rows": [{"id": "c:9", "title": "x"}]})
    picture = await call.uploads(grey_photo(), "image/jpeg")
    above = rows("a") | {"header": {"type": "image", "image": {"id": picture}}}
    for content, refusal in ((double, "Duplicated row id"), (two, "Section title"), (above, "Header type")):
        assert refusal in await call.refuses(sari, "interactive", content)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"messaging_product": None}, "400 100"),
        ({"to": ""}, "400 100 (#100) The parameter to is required."),
        ({"to": "0812"}, "400 131009"),
        ({"to": "bukan nomor"}, "400 131009"),
        ({"to": 6281234500001}, "400 131009"),
        ({"to": "628113450000"}, "400 131021"),
        ({"to": "", "recipient": "6281234500001"}, "400 131009"),
        ({"recipient_type": "group"}, "400 100"),
        ({"biz_opaque_callback_data": "x" * 513}, "400 100"),
        ({"chat_id": 5}, '400 100 Unexpected key "chat_id"'),
        ({"context": {"id": "wamid.x"}}, "400 100"),
        ({"type": "image"}, "400 100"),
    ],
)
async def test_what_is_wrong_around_a_message_is_refused(
    sari: Person, call: Caller, change: dict[str, Any], refusal: str
) -> None:
    assert (await call.fails(MESSAGES, message(sari) | change)).startswith(refusal)
    assert sari.sees() == []


async def test_who_has_no_token_is_not_let_in(sari: Person, call: Caller) -> None:
    for headers, code in (({}, 104), ({"Authorization": "Bearer salah"}, 190)):
        status, answer = await call("POST", MESSAGES, message(sari), headers=headers)
        assert (status, answer["error"]["code"]) == (401, code)
    assert sari.sees() == []


async def test_what_does_not_exist_says_so(call: Caller, server: WhatsAppServer) -> None:
    for verb, path in (("GET", "999999999"), ("POST", "1/messages"), ("GET", f"{PHONE_NUMBER_ID}/dance")):
        assert (await call.fails(path, None, verb)).startswith("400 100 Unsupported")
    assert len(server.violations(rule="no_object")) == 3


async def test_an_address_without_a_version_or_with_the_token_is_sloppy(sari: Person, call: Caller) -> None:
    url = f"{call.server.base}/{MESSAGES}"
    async with call.session.post(url, json=message(sari), params={"access_token": sari.server.world.token}) as answer:
        assert answer.status == 200
    assert [each.rule for each in sari.server.violations("warn")] == ["no_version", "token_in_address"]


# Whom we may write to


async def test_a_phone_goes_before_a_user_id_and_each_does_alone(sari: Person, call: Caller) -> None:
    body = message(sari) | {"to": "+62 812-3450-0001"}
    answer = await call.posts(MESSAGES, body)
    assert answer["contacts"] == [{"input": "+62 812-3450-0001", "wa_id": "6281234500001"}]
    answer = await call.posts(MESSAGES, message("", recipient=sari.user_id))
    assert answer["contacts"] == [{"input": sari.user_id, "user_id": sari.user_id}]
    await call.sends(sari, recipient="ID.999")
    assert len(sari.sees()) == 3


async def test_a_free_message_after_a_day_is_taken_and_fails_afterwards(
    sari: Person, call: Caller, door: Listener
) -> None:
    sari.server.skip(hours=25)
    await call.sends(sari, biz_opaque_callback_data="out-1")
    failed = (await door.waits_for("statuses"))[0]
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131047)
    assert (failed["recipient_id"], failed["biz_opaque_callback_data"]) == (sari.wa_id, "out-1")
    assert sari.sees() == []
    assert [each.rule for each in sari.server.violations] == ["outside_window"]
    sari.server.settings.window_error = "sync"
    assert (await call.refuses(sari)).startswith("400 131047")
    await sari.says("saya kembali")
    await call.sends(sari)
    await sari.hears("Halo")


async def test_a_number_without_whatsapp_is_taken_and_fails_afterwards(call: Caller, door: Listener) -> None:
    await call.sends("6281234509999")
    failed = (await door.waits_for("statuses"))[0]
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131026)
    assert call.server.violations == []
    await call.sends("6281234509999")
    assert [each.rule for each in call.server.violations] == ["sent_to_the_unreachable"]


async def test_whoever_blocked_us_gets_nothing_and_we_hear_nothing_of_it(
    sari: Person, call: Caller, door: Listener
) -> None:
    await sari.blocks()
    await call.sends(sari)
    assert [each["status"] for each in await door.waits_for("statuses")] == ["sent"]
    await sari.hears_nothing(within=0.05)
    await sari.unblocks()
    await sari.says("halo lagi")
    await call.sends(sari)
    await sari.hears("Halo")


async def test_a_mark_that_we_have_read_may_show_us_typing(sari: Person, call: Caller) -> None:
    (own,) = sari.wrote()
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": own.id}
    assert await call.posts(MESSAGES, read | {"typing_indicator": {"type": "text"}}) == {"success": True}
    await sari.sees_typing()
    assert own.status == "read"
    ours = await call.sends(sari)
    for wrong in ({"message_id": "wamid.x"}, {"message_id": ours}, {"status": "seen"}, {"typing_indicator": "text"}):
        assert (await call.fails(MESSAGES, read | wrong)).startswith("400")
    assert len(await sari.server.called("read")) == 1


# Files


async def test_a_file_goes_up_is_asked_for_comes_down_and_is_deleted(call: Caller, server: WhatsAppServer) -> None:
    media = await call.uploads(grey_photo(), "image/jpeg")
    about = await call.gets(media)
    assert (about["mime_type"], about["file_size"]) == ("image/jpeg", len(grey_photo()))
    assert about["sha256"] == server.media[media].sha256
    async with call.session.get(about["url"], headers=HEADERS) as answer:
        assert await answer.read() == grey_photo()
    async with call.session.get(about["url"]) as answer:
        assert answer.status == 401
    server.skip(seconds=301)
    async with call.session.get(about["url"], headers=HEADERS) as answer:
        assert answer.status == 404
    assert await call("DELETE", media) == (200, {"success": True})
    assert server.media == {}
    assert (await call.fails(media, None, "GET")).startswith("400 100")


async def test_files_do_not_live_for_ever(call: Caller, sari: Person) -> None:
    await call.uploads(grey_photo(), "image/jpeg")
    await sari.sends_photo()
    assert len(sari.server.media) == 2
    sari.server.skip(hours=8 * 24)
    assert [media.uploaded for media in sari.server.media.values()] == [True]
    sari.server.skip(hours=23 * 24)
    assert sari.server.media == {}


@pytest.mark.parametrize(
    ("mime", "size", "code"),
    [
        ("text/csv", 5, 100),
        ("image/webp", 600_000, 131053),
        ("image/jpeg", 5 << 20, 0),
        ("image/jpeg", 5242881, 131053),
    ],
)
async def test_an_upload_of_another_type_or_size_is_refused(call: Caller, mime: str, size: int, code: int) -> None:
    form = aiohttp.FormData({"messaging_product": "whatsapp"})
    form.add_field("file", io.BytesIO(b"x" * size), filename="a", content_type=mime)
    _, answer = await call("POST", f"{PHONE_NUMBER_ID}/media", data=form)
    assert answer.get("error", {"code": 0})["code"] == code


async def test_a_picture_that_is_none_is_taken_and_fails_afterwards(sari: Person, call: Caller, door: Listener) -> None:
    media = await call.uploads(b"bukan gambar", "image/jpeg")
    await call.sends(sari, "image", {"id": media})
    assert (await door.waits_for("statuses"))[0]["errors"][0]["code"] == 131053
    paper = await call.uploads(b"%PDF-1.7", "application/pdf")
    assert (await call.refuses(sari, "image", {"id": paper})).startswith("400 131053")


# The number


async def test_our_number_tells_what_it_is_asked(call: Caller, server: WhatsAppServer) -> None:
    server.phone_number["messaging_limit_tier"] = "TIER_10K"
    fields = "verified_name,display_phone_number,quality_rating,messaging_limit_tier,throughput"
    assert await call.gets(PHONE_NUMBER_ID, fields=fields) == {
        "verified_name": "Lindung",
        "display_phone_number": "+62 811 3450 000",
        "quality_rating": "GREEN",
        "messaging_limit_tier": "TIER_10K",
        "throughput": {"level": "STANDARD"},
        "id": PHONE_NUMBER_ID,
    }
    status, answer = await call("GET", PHONE_NUMBER_ID, params={"fields": "umur"})
    assert (status, answer["error"]["code"]) == (400, 100)


# Faults and pace


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [(500, 500, 1), (503, 503, 2), (429, 429, 130429), (131056, 400, 131056), (190, 401, 190), (368, 403, 368)],
)
async def test_a_planned_refusal_is_met_once_and_is_no_violation(
    sari: Person, call: Caller, kind: int, status: int, code: int
) -> None:
    fault = sari.server.fault("messages", kind)
    got, answer = await call("POST", MESSAGES, message(sari))
    assert (got, answer["error"]["code"]) == (status, code)
    assert fault.met.is_set()
    assert sari.sees() == []
    await call.sends(sari)
    assert sari.server.violations == []


@pytest.mark.parametrize(("kind", "arrives"), [("reset", False), ("lost", True), ("garbage", False), ("late", True)])
async def test_an_answer_that_is_none_says_nothing_of_what_was_done(
    sari: Person, call: Caller, kind: str, arrives: bool
) -> None:
    sari.server.fault("messages", kind)
    url = f"{call.server.base}/v23.0/{MESSAGES}"
    try:
        async with call.session.post(url, json=message(sari), headers=HEADERS) as answer:
            assert answer.content_type == "text/html"
            assert kind in ("garbage", "late")
    except (aiohttp.ClientError, OSError):
        assert kind in ("reset", "lost")
    assert len(sari.sees()) == arrives


async def test_a_call_that_hangs_is_let_go_when_faults_are_cleared(sari: Person, call: Caller) -> None:
    fault = sari.server.fault("messages", "slow", to=sari.phone)
    body = message(sari)
    async with aiohttp.ClientSession() as session:
        sending = Caller(call.server, session).posts(MESSAGES, body)
        task = asyncio.create_task(sending)
        await fault.met.wait()
        assert sari.sees() == []
        sari.server.clear_faults()
        await task
    assert len(sari.sees()) == 1


async def test_a_planned_failure_comes_after_the_answer(sari: Person, call: Caller, door: Listener) -> None:
    sari.server.fault("messages", "failed", code=131049)
    sent = await call.sends(sari, biz_opaque_callback_data="out-2")
    (failed,) = await door.waits_for("statuses")
    assert (failed["id"], failed["errors"][0]["code"]) == (sent, 131049)
    assert sari.sees() == []


def test_a_fault_of_an_unknown_kind_or_method_is_a_slip_of_the_test() -> None:
    for method, kind in (("messages", "dance"), ("sendMessage", "500")):
        with pytest.raises(ValueError, match="no such"):
            WhatsAppServer().fault(method, kind)


async def test_eighty_a_second_and_one_in_six_to_a_person_are_taken() -> None:
    async with WhatsAppServer(rate_limits=True, throttle_status=429) as server, aiohttp.ClientSession() as session:
        call, sari = Caller(server, session), Person(server, "Sari")
        await sari.says("halo")
        for _ in range(45):
            await call.sends(sari)
        assert (await call.refuses(sari)).startswith("429 131056")
        server.skip(seconds=6)
        await call.sends(sari)
        server.settings.per_second, server.settings.burst = 1e-6, 1
        await call.sends(Person(server, "Budi"))
        assert (await call.refuses(Person(server, "Joko"))).startswith("429 130429")
        assert {each.rule for each in server.violations("warn")} >= {"too_many_messages"}


async def test_every_call_is_noted_with_what_became_of_it(sari: Person, call: Caller) -> None:
    await call.sends(sari)
    await call.refuses(sari, content={"body": ""})
    await call.gets(f"{BUSINESS_ACCOUNT_ID}/subscribed_apps")
    noted = [(each.method, each.to, each.code, each.status) for each in sari.server.calls()]
    assert noted == [
        ("messages", sari.wa_id, 200, 200),
        ("messages", sari.wa_id, 131008, 400),
        ("subscribed_apps", "", 200, 200),
    ]
