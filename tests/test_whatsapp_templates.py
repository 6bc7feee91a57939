"""Late texts at Meta: written as its templates, checked by its rules, created, changed; and the go-live look at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from channels.base import NeedsTemplate, Permanent, Temporary
from channels.whatsapp import WhatsApp
from channels.whatsapp_desk import TemplateDesk
from channels.whatsapp_probe import NoAnswer, Probe, probe
from channels.whatsapp_request import Graph
from channels.whatsapp_templates import components_of, late_content, problems_of
from conversation.late import LATE_TEXTS, LateText
from conversation.messages import Choice, Message
from tests.servers.whatsapp import BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID, TOKEN, Person, WhatsAppServer
from tests.servers.whatsapp_people import grey_photo
from tests.whatsapp_account import SAY, channel_to

CASE = LateText(
    "uji_keputusan",
    "Berkas {receipt} atas nama {name} sudah diperiksa. Balas **LIHAT** atau /status untuk membacanya.",
    examples={"receipt": "AMB-0001", "name": "Sari Contoh"},
    choices=("Lihat", "Nanti saja"),
)
POSTER = LateText(
    "uji_undangan", "Ada undangan di {place} untuk Bapak/Ibu.", {"place": "Latuhalat"}, head="photo", news=True
)
LETTER = replace(POSTER, name="uji_surat", head="document", news=False)


@pytest.fixture
async def server() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer(statuses=False) as server:
        yield server


@pytest.fixture
async def desk(server: WhatsAppServer) -> AsyncIterator[TemplateDesk]:
    graph = Graph(token=TOKEN, api_url=server.base, api_version="v23.0")
    graph.open()
    yield TemplateDesk(graph, BUSINESS_ACCOUNT_ID, SAY)
    await graph.close()


@pytest.fixture
async def whatsapp(server: WhatsAppServer) -> AsyncIterator[WhatsApp]:
    whatsapp = channel_to(server.base)
    await whatsapp.start()
    yield whatsapp
    await whatsapp.close()


# Written


def test_a_late_text_is_written_as_meta_wants_it() -> None:
    words = "Berkas {{1}} atas nama {{2}} sudah diperiksa. Balas *LIHAT* atau *STATUS* untuk membacanya."
    assert components_of(CASE, SAY) == [
        {"type": "BODY", "text": words, "example": {"body_text": [["AMB-0001", "Sari Contoh"]]}},
        {
            "type": "BUTTONS",
            "buttons": [{"type": "QUICK_REPLY", "text": "Lihat"}, {"type": "QUICK_REPLY", "text": "Nanti saja"}],
        },
    ]
    assert components_of(POSTER, SAY, handle="4::a")[0] == {
        "type": "HEADER",
        "format": "IMAGE",
        "example": {"header_handle": ["4::a"]},
    }


def test_a_place_that_stands_twice_is_one_variable() -> None:
    twice = LateText("dua", "Acara di {place}. Sampai jumpa di {place} besok.", {"place": "Latuhalat"})
    (body,) = components_of(twice, SAY)
    assert body["text"] == "Acara di {{1}}. Sampai jumpa di {{1}} besok."
    assert body["example"] == {"body_text": [["Latuhalat"]]}
    assert problems_of(twice, SAY) == []


@pytest.mark.parametrize("name", LATE_TEXTS)
def test_every_late_text_keeps_metas_rules(name: str) -> None:
    assert problems_of(LATE_TEXTS[name], SAY) == []


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        ("name", replace(CASE, name="Uji-1")),
        ("empty", LateText("a", " ")),
        ("too_long", LateText("a", "kata " * 300)),
        ("variable_at_edge", LateText("a", "{name} sudah terdaftar di kantor kami.", {"name": "Sari"})),
        ("variable_at_edge", LateText("a", "Sudah terdaftar di kantor kami: {name}.", {"name": "Sari"})),
        ("too_many_variables", LateText("a", "Dari {one} dan {two} ya", {"one": "satu", "two": "dua"})),
        (
            "variables_together",
            LateText("a", "Kami kabari bahwa {one} {two} sudah diperiksa", {"one": "1", "two": "2"}),
        ),
        ("example_missing", LateText("a", "Kami kabari bahwa {one} sudah diperiksa")),
        ("example_broken", LateText("a", "Kami kabari bahwa {one} sudah diperiksa", {"one": "satu\ndua"})),
        ("too_long_with_examples", LateText("a", f"{'kata ' * 190}{{one}} selesai ya", {"one": "x" * 200})),
        ("spaces", LateText("a", "Satu\n\n\nDua")),
        ("head", LateText("a", "Ada kabar", head="film")),
        ("too_many_choices", LateText("a", "Ada kabar", choices=tuple("abcdefghijk"))),
        ("choice_too_long", LateText("a", "Ada kabar", choices=("x" * 26,))),
        ("choice_twice", LateText("a", "Ada kabar", choices=("Ya", "Ya"))),
        ("choice_marked", LateText("a", "Ada kabar", choices=("Ya {n}",))),
    ],
)
def test_what_meta_would_refuse_is_known_before(problem: str, text: LateText) -> None:
    assert problem in problems_of(text, SAY)


# At the desk


@pytest.mark.parametrize("text", [CASE, POSTER, LETTER], ids=lambda text: text.name)
async def test_a_late_text_is_created_and_then_sent(
    server: WhatsAppServer, desk: TemplateDesk, whatsapp: WhatsApp, text: LateText, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LATE_TEXTS, text.name, text)  # type: ignore[arg-type]
    assert await desk.states([text]) == {text.name: "missing"}
    assert await desk.submit(text) == "approved"
    assert await desk.states([text]) == {text.name: "approved"}
    (template,) = server.templates
    assert (template.name, template.language) == (f"lindung_{text.name}", "id")
    assert template.category == ("MARKETING" if text.news else "UTILITY")
    sari = server.person("Sari")
    await sari.says("halo")
    server.skip(hours=30)
    values = {place: f"nilai {place}" for place in text.places}
    choices = tuple(Choice(label, f"x:{place}") for place, label in enumerate(text.choices))
    file = (
        {"photo": "p"} if text.head == "photo" else {"document": "d", "document_name": "surat.pdf"} if text.head else {}
    )
    out = Message("Panjang sekali", choices, late=text.late(**values), shared=bool(file), **file)  # type: ignore[arg-type]
    await whatsapp.send(sari.wa_id, out, late=True, file=grey_photo() if file else None)
    _is_shown(sari, text, values)
    if choices:
        assert [button.id for button in sari.sees()[0].buttons] == ["x:0", "x:1"]
    assert server.violations("error") == []


def _is_shown(sari: Person, text: LateText, values: dict[str, str]) -> None:
    (message,) = sari.sees()
    assert all(value in message.text for value in values.values())
    assert message.labels == list(text.choices)
    assert bool(message.picture) == (text.head == "photo")
    assert (message.document[0] == "surat.pdf") == (text.head == "document")


async def test_a_late_text_whose_file_is_missing_is_refused(
    whatsapp: WhatsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LATE_TEXTS, POSTER.name, POSTER)  # type: ignore[arg-type]
    with pytest.raises(Permanent, match="file_missing"):
        await whatsapp.send("6281234500001", Message("a", late=POSTER.late(place="Ambon")), late=True)


def test_what_people_wrote_marks_nothing_inside_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LATE_TEXTS, CASE.name, CASE)  # type: ignore[arg-type]
    content = late_content(Message("a", late=CASE.late(receipt="AMB-1", name="*Sari*\n Contoh")))
    (body,) = content["template"]["components"]
    assert [each["text"] for each in body["parameters"]] == ["AMB-1", "∗Sari∗ Contoh"]


async def test_what_says_other_words_at_meta_is_changed_there(server: WhatsAppServer, desk: TemplateDesk) -> None:
    server.add_template("lindung_uji_keputusan", "Berkas {{1}} lama {{2}} sekali.")
    assert await desk.states([CASE]) == {CASE.name: "changed"}
    assert await desk.submit(CASE) == "pending"
    assert await desk.states([CASE]) == {CASE.name: "approved"}
    assert await desk.submit(CASE) == "approved"
    assert len(server.calls("template_edit")) == 1


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("APPROVED", "approved"),
        ("PENDING", "pending"),
        ("IN_APPEAL", "pending"),
        ("REJECTED", "rejected"),
        ("PAUSED", "paused"),
        ("DISABLED", "disabled"),
        ("PENDING_DELETION", "missing"),
    ],
)
async def test_metas_states_in_our_words(server: WhatsAppServer, desk: TemplateDesk, status: str, state: str) -> None:
    buttons = ("Lihat", "Nanti saja")
    server.add_template("lindung_uji_keputusan", components_of(CASE, SAY)[0]["text"], status=status, buttons=buttons)
    assert await desk.states([CASE]) == {CASE.name: state}


async def test_other_languages_and_other_peoples_templates_are_not_ours(
    server: WhatsAppServer, desk: TemplateDesk
) -> None:
    server.add_template("uji_keputusan", "Ada kabar.")
    server.add_template("lindung_uji_keputusan", "There is news.", language="en")
    assert await desk.states([CASE]) == {CASE.name: "missing"}


async def test_a_text_that_breaks_a_rule_never_reaches_meta(server: WhatsAppServer, desk: TemplateDesk) -> None:
    with pytest.raises(Permanent, match="variable_at_edge"):
        await desk.submit(LateText("a", "{name} sudah terdaftar di kantor kami.", {"name": "Sari"}))
    assert server.calls() == []


async def test_the_desk_waits_for_better_days(server: WhatsAppServer, desk: TemplateDesk) -> None:
    server.fault("message_templates", 80007)
    with pytest.raises(Temporary):
        await desk.states()
    server.fault("template_create", 500)
    with pytest.raises(Temporary):
        await desk.submit(CASE)


# How we stand


async def test_the_survey_reads_every_page(server: WhatsAppServer, whatsapp: WhatsApp) -> None:
    for number in range(230):
        server.add_template(f"lindung_lain_{number}", "Ada kabar.")
    server.add_template("lindung_news_for_you", SAY(LATE_TEXTS["news_for_you"].text).replace("**", "*"))
    survey = await whatsapp.survey()
    assert survey.late_texts.keys() == LATE_TEXTS.keys()
    assert survey.late_texts["news_for_you"] == "approved"
    assert set(survey.late_texts.values()) <= {"approved", "missing"}
    assert len(server.calls("message_templates")) == 3


@pytest.mark.parametrize(
    ("tier", "daily"),
    [
        ("TIER_250", 250),
        ("TIER_1K", 1_000),
        ("TIER_2K", 2_000),
        ("TIER_10K", 10_000),
        ("TIER_100K", 100_000),
        ("TIER_UNLIMITED", None),
        ("TIER_OF_THE_FUTURE", 250),
    ],
)
async def test_how_many_we_may_write_to_first(
    server: WhatsAppServer, whatsapp: WhatsApp, tier: str, daily: int | None
) -> None:
    server.phone_number["whatsapp_business_manager_messaging_limit"] = tier
    assert (await whatsapp.survey()).daily == daily


async def test_an_older_account_names_its_limit_by_another_word(server: WhatsAppServer, whatsapp: WhatsApp) -> None:
    del server.phone_number["whatsapp_business_manager_messaging_limit"]
    server.phone_number["messaging_limit_tier"] = "TIER_10K"
    assert (await whatsapp.survey()).daily == 10_000


async def looked_at(server: WhatsAppServer, *, token: str = TOKEN, number: str = PHONE_NUMBER_ID) -> Probe:
    return await probe(
        token=token,
        phone_number_id=number,
        business_account_id=BUSINESS_ACCOUNT_ID,
        api_url=server.base,
        api_version="v23.0",
        say=SAY,
    )


async def test_the_go_live_look_tells_how_our_number_stands(server: WhatsAppServer) -> None:
    server.phone_number["webhook_configuration"] = {
        "application": "https://contoh.id/lama",
        "phone_number": "https://contoh.id/w",
    }
    server.webhook("https://contoh.id/w")
    found = await looked_at(server)
    assert (found.number, found.verified_name, found.quality) == ("+62 811 3450 000", "Lindung", "green")
    assert (found.status, found.name_status, found.daily) == ("connected", "approved", 1_000)
    assert (found.subscribed, found.callback) == (True, "https://contoh.id/w")
    assert set(found.late_texts.values()) == {"missing"}


async def test_the_go_live_look_says_what_is_wrong_without_the_token(server: WhatsAppServer) -> None:
    with pytest.raises(NoAnswer, match=r"^refuses the token$"):
        await looked_at(server, token="token-salah")
    with pytest.raises(NoAnswer, match="knows no such number or account"):
        await looked_at(server, number="999000999000999")
    server.fault("*", "garbage", times=None)
    with pytest.raises(NoAnswer, match="not the Graph API's"):
        await looked_at(server)
    server.clear_faults()
    server.fault("message_templates", 80007)
    with pytest.raises(NoAnswer, match="asked too often"):
        await looked_at(server)
    server.fault("phone_number", 500)
    with pytest.raises(NoAnswer, match=r"refuses \(server_trouble\)"):
        await looked_at(server)


def test_what_has_no_late_text_says_so() -> None:
    with pytest.raises(NeedsTemplate, match="no_late_text"):
        late_content(Message("a"))
