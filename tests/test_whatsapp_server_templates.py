"""The WhatsApp stand-in and templates: made, reviewed, listed, changed, deleted and sent, as strictly as at Meta.

Everything else is in test_whatsapp_server.py and test_whatsapp_server_notices.py.
"""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.servers.whatsapp import BUSINESS_ACCOUNT_ID, TOKEN, WhatsAppServer
from tests.servers.whatsapp_caller import Caller, Listener, listening
from tests.servers.whatsapp_people import Person, grey_photo

TEMPLATES = f"{BUSINESS_ACCOUNT_ID}/message_templates"
BODY = "Pendaftaran {{1}} sudah {{2}} oleh petugas kami. Balas pesan ini kalau ada pertanyaan."


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
def sari(server: WhatsAppServer, door: Listener) -> Person:
    return Person(server, "Sari", phone="+6281234500001")


def body(text: str = BODY, *examples: str) -> dict[str, Any]:
    return {"type": "BODY", "text": text, "example": {"body_text": [list(examples or ("AMB-1", "disetujui"))]}}


def made(*more: dict[str, Any], **change: Any) -> dict[str, Any]:
    about = {"name": "kabar", "language": "id", "category": "UTILITY", "components": [body(), *more]}
    return about | change


def given(*texts: str, name: str = "kabar", **more: Any) -> dict[str, Any]:
    """The content of a template message with these parameters of its body."""
    parameters = [{"type": "text", "text": text} for text in texts]
    return {
        "name": name,
        "language": {"code": "id"},
        "components": [{"type": "body", "parameters": parameters}],
    } | more


# Made


async def test_a_template_is_reviewed_told_about_and_sent(sari: Person, call: Caller, door: Listener) -> None:
    answer = await call.posts(TEMPLATES, made({"type": "FOOTER", "text": "Balas STOP"}))
    assert (answer["status"], answer["category"]) == ("APPROVED", "UTILITY")
    (value,) = await door.waits_for("values")
    assert (value["event"], value["message_template_name"], value["message_template_language"]) == (
        "APPROVED",
        "kabar",
        "id",
    )
    assert (value["message_template_id"], value["reason"]) == (int(answer["id"]), "NONE")
    assert door.bodies[0]["entry"][0]["changes"][0]["field"] == "message_template_status_update"
    await call.sends(sari, "template", given("AMB-4829", "disetujui"))
    (seen,) = sari.sees()
    assert seen.text == "Pendaftaran AMB-4829 sudah disetujui oleh petugas kami. Balas pesan ini kalau ada pertanyaan."
    assert (seen.kind, seen.template, seen.language, seen.footer) == ("template", "kabar", "id", "Balas STOP")
    assert sari.server.violations == []


@pytest.mark.parametrize(("review", "later"), [("PENDING", "APPROVED"), ("REJECTED", "")])
async def test_a_template_that_waits_or_is_rejected_does_not_exist_for_sending(
    sari: Person, call: Caller, door: Listener, review: str, later: str
) -> None:
    sari.server.settings.review = review
    assert (await call.posts(TEMPLATES, made()))["status"] == review
    assert (await call.refuses(sari, "template", given("a", "b"))).startswith("404 132001")
    if later:
        sari.server.review("kabar", later)
        await call.sends(sari, "template", given("a", "b"))
    assert [each["event"] for each in await door.waits_for("values")] == [later or review]


def _buttons(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(buttons)}


def quick(text: str) -> dict[str, Any]:
    return {"type": "QUICK_REPLY", "text": text}


WRONG = [
    made(name="Kabar Baru"),
    made(name=""),
    made(language="jv"),
    made(language="Indonesia"),
    made(category="PENTING"),
    made(components=[]),
    made(components=[{"type": "FOOTER", "text": "a"}]),
    made(body()),
    made({"type": "DANCE"}),
    made(components=[body("{{1}} sudah diterima oleh kantor kami hari ini", "a")]),
    made(components=[body("Pendaftaran Anda sudah diterima dengan nomor {{1}}", "a")]),
    made(components=[body("Nomor {{1}} dan nomor {{3}} sudah diterima oleh kantor kami.", "a", "b")]),
    made(components=[body("Nomor {{1} sudah diterima oleh kantor kami.", "a")]),
    made(components=[body("Nomor {{1}} ya", "a")]),
    made(components=[body(BODY, "satu")]),
    made(components=[{"type": "BODY", "text": BODY}]),
    made(components=[body("x" * 1025)]),
    made(components=[body("a\n\n\nb")]),
    made({"type": "FOOTER", "text": "x" * 61}),
    made({"type": "FOOTER", "text": "Salam {{1}} ya"}),
    made({"type": "HEADER", "format": "TEXT", "text": "x" * 61}),
    made({"type": "HEADER", "format": "TEXT", "text": "*Kabar*"}),
    made({"type": "HEADER", "format": "IMAGE"}),
    made({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::buatan"]}}),
    made(_buttons()),
    made(_buttons(quick("x" * 26))),
    made(_buttons(quick("Ya"), quick("Ya"))),
    made(_buttons(*(quick(f"Pilihan {at}") for at in range(11)))),
    made(_buttons(quick("A"), {"type": "URL", "text": "B", "url": "https://contoh.go.id"}, quick("C"))),
    made(_buttons({"type": "URL", "text": "B", "url": "https://contoh.go.id/{{1}}"})),
    made(_buttons({"type": "OTP", "text": "B"})),
    made(warna="biru"),
]


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_meta_would_not_review_is_refused_at_once(
    server: WhatsAppServer, call: Caller, wrong: dict[str, Any]
) -> None:
    assert (await call.fails(TEMPLATES, wrong)).startswith(("400 100", "400 131008", "400 131009"))
    assert server.templates == []
    assert len(server.violations("error")) == 1


async def test_a_header_shows_its_picture_by_an_uploaded_example(sari: Person, call: Caller) -> None:
    photo = grey_photo()
    query = {"file_name": "contoh.jpg", "file_length": str(len(photo)), "file_type": "image/jpeg"}
    _, session = await call("POST", "app/uploads", params=query)
    headers = {"Authorization": f"OAuth {TOKEN}", "file_offset": "0"}
    status, uploaded = await call("POST", session["id"], data=photo, headers=headers)
    assert status == 200
    example = {"header_handle": [uploaded["h"]]}
    await call.posts(TEMPLATES, made({"type": "HEADER", "format": "IMAGE", "example": example}))
    content = given("AMB-1", "disetujui")
    assert (await call.refuses(sari, "template", content)).startswith("400 132012")
    picture = {"type": "image", "image": {"id": await call.uploads(photo, "image/jpeg")}}
    content["components"].append({"type": "header", "parameters": [picture]})
    await call.sends(sari, "template", content)
    assert [seen.picture for seen in sari.sees()] == [photo]


async def test_a_paper_above_a_template_is_better_a_pdf(sari: Person, call: Caller) -> None:
    sari.server.add_template("jadwal", "Ada jadwal baru untuk Anda.", header="DOCUMENT")
    for mime, warned in (("application/pdf", 0), ("text/plain", 1)):
        paper = {"id": await call.uploads(b"isi", mime), "filename": "jadwal"}
        header = {"type": "header", "parameters": [{"type": "document", "document": paper}]}
        await call.sends(sari, "template", given(name="jadwal", components=[header]))
        assert len(sari.server.violations(rule="header_no_pdf")) == warned
    assert [seen.document for seen in sari.sees()] == [("jadwal", b"isi")] * 2


# Listed, changed, deleted


async def test_templates_are_listed_in_pages_and_by_name_status_and_language(
    server: WhatsAppServer, call: Caller
) -> None:
    for at in range(7):
        server.add_template(f"kabar_{at}", "Ada kabar.", status="PAUSED" if at == 6 else "APPROVED")
    server.add_template("kabar_0", "There is news.", language="en")
    names: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = await call.gets(TEMPLATES, limit="3", fields="name,status", **after)
        names += [each["name"] for each in page["data"]]
        assert all(set(each) == {"name", "status", "id"} for each in page["data"])
        if "next" not in page["paging"]:
            break
        after = {"after": page["paging"]["cursors"]["after"]}
    assert names == [*(f"kabar_{at}" for at in range(7)), "kabar_0"]
    assert [each["name"] for each in (await call.gets(TEMPLATES, status="PAUSED"))["data"]] == ["kabar_6"]
    (english,) = (await call.gets(TEMPLATES, name="kabar_0", language="en"))["data"]
    assert english["components"] == [{"type": "BODY", "text": "There is news."}]
    assert await call.gets(english["id"], fields="category") == {"category": "UTILITY", "id": english["id"]}
    assert (await call.gets(TEMPLATES, name="tidak_ada")) == {"data": []}


async def test_a_template_is_changed_once_a_day_and_reviewed_again(
    server: WhatsAppServer, call: Caller, door: Listener
) -> None:
    made_id = (await call.posts(TEMPLATES, made()))["id"]
    new = {"components": [body("Pendaftaran {{1}} kini sudah {{2}} oleh petugas kami hari ini.")]}
    assert (await call.posts(made_id, new))["success"]
    assert server.templates[0].components == new["components"]
    assert len(await door.waits_for("values", 2)) == 2
    assert "once in 24 hours" in await call.fails(made_id, new)
    server.skip(hours=25)
    assert "category" in await call.fails(made_id, new | {"category": "MARKETING"})
    server.settings.review = "PENDING"
    await call.posts(made_id, new)
    assert server.templates[0].status == "PENDING"
    assert "PENDING cannot be edited" in await call.fails(made_id, new)


async def test_a_deleted_name_is_not_free_again_for_four_weeks(server: WhatsAppServer, call: Caller) -> None:
    await call.posts(TEMPLATES, made())
    assert "already content in this language" in await call.fails(TEMPLATES, made())
    assert await call("DELETE", TEMPLATES, params={"name": "kabar"}) == (200, {"success": True})
    assert "being deleted" in await call.fails(TEMPLATES, made())
    server.skip(hours=29 * 24)
    await call.posts(TEMPLATES, made())
    status, _ = await call("DELETE", TEMPLATES, params={"name": "tidak_ada"})
    assert status == 404


# Sent


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (given("AMB-1"), "400 132000 body: number of localizable_params (1) does not match"),
        (given("AMB-1", "b", "c"), "400 132000"),
        (given("AMB-1", ""), "400 131008"),
        (given("AMB-1", "dua\nbaris"), "400 100 Param text cannot have new-line"),
        (given("AMB-1", "jauh     sekali"), "400 100 Param text cannot have new-line"),
        (given("AMB-1", "x" * 1000), "400 132005"),
        (given("a", "b", name="tidak_ada"), "404 132001"),
        (given("a", "b", language={"code": "en"}), "404 132001"),
        (given("a", "b", language={}), "400 131008"),
        (given("a", "b", namespace="x"), "400 100"),
        (given(components=[]), "400 132000"),
        (given(components=[{"type": "body", "parameters": [{"type": "image", "image": {}}] * 2}]), "400 100"),
        (given(components=[{"type": "body", "parameters": [{"type": "currency"}] * 2}]), "400 132012"),
        (given(components=[{"type": "footer", "parameters": []}]), "400 100"),
    ],
)
async def test_parameters_that_do_not_fit_are_refused(
    sari: Person, call: Caller, content: dict[str, Any], refusal: str
) -> None:
    sari.server.add_template("kabar", BODY)
    assert (await call.refuses(sari, "template", content)).startswith(refusal)
    assert sari.sees() == []


async def test_paused_and_disabled_templates_say_so_and_we_were_told(
    sari: Person, call: Caller, door: Listener
) -> None:
    sari.server.add_template("kabar", BODY)
    for status, code in (("PAUSED", 132015), ("DISABLED", 132016)):
        sari.server.review("kabar", status)
        assert (await call.refuses(sari, "template", given("a", "b"))).startswith(f"400 {code}")
    assert [each["event"] for each in await door.waits_for("values", 2)] == ["PAUSED", "DISABLED"]


async def test_quick_replies_carry_what_we_gave_them(sari: Person, call: Caller, door: Listener) -> None:
    sari.server.add_template("kabar", BODY, buttons=("Ya", "Tidak"), header="Kabar")
    button = {"type": "button", "sub_type": "quick_reply", "index": "1"}
    payload = {"parameters": [{"type": "payload", "payload": "c:7:no"}]}
    content = given("AMB-1", "diterima")
    for wrong, refusal in (
        ({"index": "2"}, "400 132012"),
        ({"index": ""}, "400 131008"),
        ({"sub_type": "url"}, "400 132012"),
        ({"parameters": [{"type": "payload", "payload": "x" * 257}]}, "400 131009"),
        ({"parameters": [{"type": "text", "text": "x"}]}, "400 100"),
    ):
        parts = [*content["components"], button | payload | wrong]
        assert (await call.refuses(sari, "template", content | {"components": parts})).startswith(refusal)
    await call.sends(sari, "template", content | {"components": [*content["components"], button | payload]})
    (seen,) = sari.sees()
    assert (seen.header, seen.labels) == ("Kabar", ["Ya", "Tidak"])
    await sari.taps("Tidak")
    assert door.messages[-1]["button"] == {"payload": "c:7:no", "text": "Tidak"}


async def test_a_template_reaches_whoever_never_wrote_and_how_many_a_day_is_limited(
    server: WhatsAppServer, call: Caller, door: Listener
) -> None:
    server.add_template("kabar", BODY)
    server.settings.daily_conversations = 2
    people = [Person(server, name) for name in ("Sari", "Budi", "Joko")]
    for person in people:
        await call.sends(person, "template", given("a", "b"))
    await call.sends(people[0], "template", given("a", "b"))
    assert [len(person.sees()) for person in people] == [2, 1, 0]
    await door.waits_for("statuses", 7)
    (failed,) = [each for each in door.statuses if each["status"] == "failed"]
    assert (failed["recipient_id"], failed["errors"][0]["code"]) == (people[2].wa_id, 131048)
    server.skip(hours=25)
    await call.sends(people[2], "template", given("a", "b"))
    assert len(people[2].sees()) == 1


async def test_a_template_within_the_window_costs_nothing_unless_it_advertises(
    sari: Person, call: Caller, door: Listener
) -> None:
    sari.server.add_template("kabar", BODY)
    sari.server.add_template("promosi", BODY, category="MARKETING")
    await call.sends(sari, "template", given("a", "b"))
    await door.waits_for("statuses", 2)
    await sari.says("halo")
    await call.sends(sari, "template", given("a", "b"))
    await door.waits_for("statuses", 4)
    await call.sends(sari, "template", given("a", "b", name="promosi"))
    await door.waits_for("statuses", 6)
    billed = [(each["pricing"]["category"], each["pricing"]["billable"]) for each in door.statuses[::2]]
    assert billed == [("utility", True), ("utility", False), ("marketing", True)]
