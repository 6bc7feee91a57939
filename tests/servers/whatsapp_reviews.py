"""Message templates being made: what Meta refuses at once when one is created or changed.

The list of languages and the rules are Meta's published ones; whether a reviewer likes the words, nobody can test.
"""

import itertools
import re
from typing import Any

from tests.servers.whatsapp_rules import Refused, record, web_address
from tests.servers.whatsapp_templates import VARIABLE
from tests.servers.whatsapp_things import Json, Template
from tests.servers.whatsapp_world import World

_CODES = (
    "af sq ar az bn bg ca zh_CN zh_HK zh_TW hr cs da nl en en_GB en_US et fil fi fr ka de el gu ha he hi hu id ga "
    "it ja kn kk rw_RW ko ky_KG lo lv lt mk ms ml mr nb fa pl pt_BR pt_PT pa ro ru sr sk sl es es_AR es_ES es_MX "
    "sw sv ta te th tr uk ur uz vi zu"
)
LANGUAGES = frozenset(_CODES.split())
MADE = ("name", "language", "category", "components", "parameter_format", "allow_category_change")
CHANGED = ("components", "category", "parameter_format")
_PARTS = {
    "BODY": ("type", "text", "example"),
    "HEADER": ("type", "format", "text", "example"),
    "FOOTER": ("type", "text"),
    "BUTTONS": ("type", "buttons"),
}
_LONGEST = {"BODY": 1024, "HEADER": 60, "FOOTER": 60}
_BAD_FORMAT = {"HEADER": 2388047, "BODY": 2388072, "FOOTER": 2388073}


def wrong(details: str, rule: str, subcode: int = 0) -> Refused:
    return Refused(100, details, subcode=subcode, rule=f"template_{rule}")


def check_new(world: World, value: Any) -> Json:
    """The body of a creation. Raises Refused."""
    about = record(value, "template", MADE)
    for name in ("name", "language", "category", "components"):
        if not about.get(name):
            raise Refused(100, message=f"(#100) The parameter {name} is required.", rule="template_incomplete")
    if not re.fullmatch(r"[a-z0-9_]{1,512}", str(about["name"])):
        raise wrong("Message template name can only have lowercase letters and underscores.", "name", 2388055)
    if about["language"] not in LANGUAGES:
        raise wrong(f"Param language must be one of {{{', '.join(sorted(LANGUAGES))}}}", "language")
    check_category(about["category"])
    key = (about["name"], about["language"])
    if world.template(*key) is not None:
        raise wrong("There is already content in this language for this template.", "exists", 2388024)
    if key in world.deleted and world.now() - world.deleted[key] < 28 * 86_400:
        raise wrong(
            "New content can't be added while the existing content is being deleted. Try again in 4 weeks.",
            "being_deleted",
            2388023,
        )
    check_components(world, about["components"], str(about.get("parameter_format", "POSITIONAL")).upper())
    return about


def check_change(world: World, template: Template, value: Any) -> Json:
    """The body of a change. Raises Refused."""
    about = record(value, "template", CHANGED)
    if template.status not in ("APPROVED", "REJECTED", "PAUSED"):
        raise wrong(f"A template that is {template.status} cannot be edited.", "not_editable")
    edited = template.edited_at
    if template.status == "APPROVED" and edited is not None and world.now() - edited < 86_400:
        raise wrong("An approved template can be edited once in 24 hours.", "edited_too_often")
    if "category" in about:
        check_category(about["category"])
        if template.status == "APPROVED" and about["category"] != template.category:
            raise wrong("The category of an approved template cannot be edited.", "category")
    style = str(about.get("parameter_format", template.parameter_format)).upper()
    check_components(world, about.get("components", template.components), style)
    return about


def check_category(value: Any) -> None:
    if value not in ("UTILITY", "MARKETING"):
        raise wrong("Param category must be one of {UTILITY, MARKETING} on this server.", "category")


def check_components(world: World, value: Any, style: str) -> None:
    if style not in ("POSITIONAL", "NAMED"):
        raise wrong("Param parameter_format must be one of {POSITIONAL, NAMED}", "parameter_format")
    if not isinstance(value, list):
        raise wrong("Param components must be an array.", "components")
    kinds = [str(each.get("type", "")).upper() if isinstance(each, dict) else "" for each in value]
    if kinds.count("BODY") != 1 or len(set(kinds)) < len(kinds):
        raise wrong("A template has exactly one BODY and every other component at most once.", "components")
    for kind, each in zip(kinds, value, strict=True):
        if kind not in _PARTS:
            raise wrong(f"Param components[]['type'] must be one of {{{', '.join(_PARTS)}}}", "components")
        component = record(each, f"components[]({kind})", _PARTS[kind])
        if kind == "BUTTONS":
            _buttons(component.get("buttons"))
        elif kind == "HEADER" and str(component.get("format", "")).upper() != "TEXT":
            _media_header(world, component)
        else:
            _text(component, kind, style)


def _text(component: Json, kind: str, style: str) -> None:
    text = component.get("text")
    if not isinstance(text, str) or not text.strip():
        raise wrong(f"component of type {kind} is missing expected field(s) (text).", "text", _BAD_FORMAT[kind])
    if len(text) > _LONGEST[kind]:
        raise wrong(f"{kind} text can have at most {_LONGEST[kind]} characters.", "too_long", _BAD_FORMAT[kind])
    if kind != "BODY" and re.search(r"[\n*_~]", text):
        raise wrong(f"{kind} text can't have new lines or formatting characters.", "format", _BAD_FORMAT[kind])
    if re.search(r"\n{3,}|[ ]{5,}|\t", text):
        sentence = f"{kind} text can't have more than two new lines or four spaces in a row, nor tabs."
        raise wrong(sentence, "format", _BAD_FORMAT[kind])
    if "{{" in VARIABLE.sub("", text) or "}}" in VARIABLE.sub("", text):
        raise wrong("Variable parameters are not formatted correctly.", "variables", _BAD_FORMAT[kind])
    names = list(dict.fromkeys(VARIABLE.findall(text)))
    if names:
        _variables(text, names, kind, style)
        _examples(component.get("example"), names, kind, style)


def _variables(text: str, names: list[str], kind: str, style: str) -> None:
    if kind == "FOOTER" or (kind == "HEADER" and len(names) > 1):
        raise wrong(f"A {kind} has no such variables.", "variables", _BAD_FORMAT[kind])
    if style == "POSITIONAL" and names != [str(number + 1) for number in range(len(names))]:
        raise wrong("Variables must be numbered from {{1}} without gaps.", "variables", _BAD_FORMAT[kind])
    if style == "NAMED" and not all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names):
        raise wrong("Names of variables have lowercase letters, digits and underscores.", "variables")
    if kind == "BODY":
        if re.match(r"\s*\{\{", text) or re.search(r"\}\}\s*$", text):
            raise wrong("Variables can't be at the start or end of the template.", "variable_at_edge", 2388299)
        if len(re.findall(r"\w+", VARIABLE.sub(" ", text))) < 2 * len(names) + 1:
            raise wrong("This template has too many variables for its length.", "too_many_variables", 2388293)


def _examples(example: Any, names: list[str], kind: str, style: str) -> None:
    given: list[Any] = []
    about = example if isinstance(example, dict) else {}
    if style == "NAMED":
        listed = about.get(f"{kind.lower()}_text_named_params") or []
        given = [each.get("example") for each in listed if isinstance(each, dict) and each.get("param_name") in names]
    elif kind == "BODY":
        first = (about.get("body_text") or [[]])[0]
        given = first if isinstance(first, list) else []
    else:
        given = about.get("header_text") or []
    if len(given) != len(names) or not all(isinstance(each, str) and each.strip() for each in given):
        raise wrong(f"component of type {kind} is missing expected field(s) (example).", "example", 2388043)


def _media_header(world: World, component: Json) -> None:
    if component.get("format") not in ("IMAGE", "DOCUMENT"):
        raise wrong("Param format must be one of {TEXT, IMAGE, DOCUMENT} on this server.", "format", 2388047)
    example = component.get("example")
    handles = example.get("header_handle") if isinstance(example, dict) else None
    if not isinstance(handles, list) or len(handles) != 1 or handles[0] not in world.handles:
        raise wrong("component of type HEADER is missing expected field(s) (example).", "example", 2388043)


def _buttons(value: Any) -> None:
    if not isinstance(value, list) or not 1 <= len(value) <= 10:
        raise wrong("A template has 1 to 10 buttons.", "buttons")
    kinds = []
    for each in value:
        kind = str(each.get("type", "")).upper() if isinstance(each, dict) else ""
        allowed = {"QUICK_REPLY": ("type", "text"), "URL": ("type", "text", "url", "example")}.get(kind)
        if allowed is None:
            raise wrong("Param buttons[]['type'] must be one of {QUICK_REPLY, URL} on this server.", "buttons")
        button = record(each, "buttons[]", allowed)
        text = button.get("text")
        if not isinstance(text, str) or not 1 <= len(text.strip()) <= len(text) <= 25:
            raise wrong("Button text can have 1 to 25 characters.", "button_text")
        if VARIABLE.search(text) or re.search(r"[\n*_~]", text):
            raise wrong("Button text can't have variables, new lines or formatting characters.", "button_text")
        if kind == "URL":
            _link(button)
        kinds.append(kind)
    texts = [each["text"] for each in value]
    if len(set(texts)) < len(texts):
        raise wrong("Buttons can't have the same text.", "button_text")
    if sum(here != before for before, here in itertools.pairwise(kinds)) > 1:
        raise wrong("Quick replies must stand together.", "button_order")
    if kinds.count("URL") > 2:
        raise wrong("A template has at most 2 URL buttons.", "buttons")


def _link(button: Json) -> None:
    found = VARIABLE.findall(str(button.get("url", "")))
    web_address(VARIABLE.sub("x", str(button.get("url", ""))), "buttons[]['url']")
    if found and (found != ["1"] or not str(button["url"]).endswith("}}") or not button.get("example")):
        raise wrong("A URL has one variable {{1}} at its end, with an example.", "button_url")
