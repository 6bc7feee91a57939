"""Message templates being sent: every parameter is matched with what was approved, in Meta's words.

How a template is created is in whatsapp_reviews.py.
"""

import re
from typing import Any

from tests.servers.whatsapp_rules import Refused, invalid, missing, record
from tests.servers.whatsapp_shapes import BUTTON_ID, parameters_of, read_media
from tests.servers.whatsapp_things import Button, Json, Message, Template
from tests.servers.whatsapp_world import World

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_LENGTHS = {"body": 1024, "header": 60}
_PARAMETER = ("type", "text", "parameter_name")


def read_template(world: World, value: Any) -> Message:
    about = record(value, "template", ("name", "language", "components"))
    language = record(about.get("language"), "template['language']", ("code", "policy")).get("code")
    if not about.get("name") or not language:
        raise missing("template.name and template.language.code")
    template = _sendable(world, str(about["name"]), str(language))
    message = Message("template", template=template.name, language=template.language)
    message.category = template.category.lower()
    given, buttons = _sorted(about.get("components") or [])
    for component in template.components:
        kind = str(component["type"]).lower()
        parameters = given.pop(kind, [])
        if kind == "footer":
            message.footer = component["text"]
        elif kind == "buttons":
            message.buttons = _buttons(component["buttons"], buttons)
        elif kind == "header" and component.get("format", "TEXT").upper() != "TEXT":
            _picture(world, component["format"].lower(), parameters, message)
        else:
            text = _filled(world, template, component["text"], parameters, kind)
            message.header, message.raw = (text, message.raw) if kind == "header" else (message.header, text)
    for kind, parameters in given.items():
        if parameters:
            raise Refused(
                132000,
                f"{kind}: number of localizable_params ({len(parameters)}) does not match the "
                "expected number of params (0)",
            )
    if buttons:
        raise Refused(132012, f"buttons: there is no button at index {min(buttons)} in the template.")
    return message


def _sendable(world: World, name: str, language: str) -> Template:
    template = world.template(name, language)
    if template is None or template.status in ("PENDING", "REJECTED", "IN_APPEAL", "PENDING_DELETION"):
        raise Refused(132001, f"template name ({name}) does not exist in {language}")
    if template.status == "PAUSED":
        raise Refused(132015, "Template is paused due to low quality, so it cannot be sent.", severity="warn")
    if template.status == "DISABLED":
        raise Refused(132016, "Template has been paused too many times and is now disabled.", severity="warn")
    return template


def _sorted(components: Any) -> tuple[dict[str, list[Json]], dict[int, Json]]:
    """The parameters by component, and the buttons by their index."""
    if not isinstance(components, list):
        raise Refused(100, "Param template['components'] must be an array.", rule="not_an_array")
    given: dict[str, list[Json]] = {}
    buttons: dict[int, Json] = {}
    where = "template['components'][]"
    for each in components:
        kind = str(each.get("type", "")).lower() if isinstance(each, dict) else ""
        if kind == "button":
            component = record(each, where, ("type", "sub_type", "index", "parameters"))
            index = str(component.get("index", ""))
            if not index.isdecimal():
                raise Refused(131008, f"Parameter '{where}.index' is mandatory.", rule="button_index")
            buttons[int(index)] = component
        elif kind in ("header", "body") and kind not in given:
            given[kind] = parameters_of(record(each, where, ("type", "parameters")), f"{where}['parameters']")
        else:
            raise Refused(
                100,
                f"Param {where}['type'] must be one of {{BODY, HEADER, BUTTON}}, each once.",
                rule="template_component",
            )
    return given, buttons


def _filled(world: World, template: Template, text: str, parameters: list[Json], kind: str) -> str:
    """The text with its variables replaced."""
    names = list(dict.fromkeys(VARIABLE.findall(text)))
    if len(parameters) != len(names):
        raise Refused(
            132000,
            f"{kind}: number of localizable_params ({len(parameters)}) does not match the expected "
            f"number of params ({len(names)})",
        )
    named = template.parameter_format == "NAMED"
    values: dict[str, str] = {}
    for name, each in zip(names, parameters, strict=True):
        parameter = record(each, f"{kind}['parameters'][]", _PARAMETER)
        if parameter.get("type") != "text":
            raise Refused(
                132012,
                f"{kind}: Parameter format does not match, expected TEXT, received "
                f"{str(parameter.get('type') or 'UNKNOWN').upper()}",
            )
        key = str(parameter.get("parameter_name") or "") if named else name
        if key not in names or key in values:
            raise Refused(100, "Parameter name is missing or empty.", rule="parameter_name")
        values[key] = _value(world, parameter.get("text"), kind)
    filled = VARIABLE.sub(lambda found: values[found[1]], text)
    if len(filled) > _LENGTHS[kind]:
        raise Refused(132005, f"{kind}: the text has {len(filled)} characters, at most {_LENGTHS[kind]} are allowed.")
    return filled


def _value(world: World, value: Any, kind: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Refused(131008, f"{kind}: Required parameter text is missing or empty.", rule="parameter_empty")
    if re.search(r"[\n\r\t]| {5,}", value):
        sentence = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        raise Refused(world.settings.parameter_code, sentence, rule="parameter_text")
    return value


def _picture(world: World, kind: str, parameters: list[Json], message: Message) -> None:
    given = str(parameters[0].get("type") or "UNKNOWN") if len(parameters) == 1 else "UNKNOWN"
    if given != kind:
        raise Refused(132012, f"header: Format mismatch, expected {kind.upper()}, received {given.upper()}")
    parameter = record(parameters[0], "header['parameters'][]", ("type", kind))
    shown = read_media(world, parameter.get(kind), kind, f"header['{kind}']", caption=False)
    if shown.document[1] and world.media[str(parameter["document"]["id"])].mime != "application/pdf":
        # Meta's reference of parameters says PDF only; other papers are known to pass.
        world.blame("warn", "header_no_pdf", "messages", "", message.template)
    message.picture, message.document = shown.picture, shown.document


def _buttons(made: list[Json], given: dict[int, Json]) -> tuple[Button, ...]:
    """The buttons as shown; those of `given` that were used are taken out of it."""
    shown = []
    for index, button in enumerate(made):
        kind, text = str(button["type"]).upper(), str(button["text"])
        component = given.pop(index, None)
        sub_type = str((component or {}).get("sub_type", "")).upper()
        if component is not None and sub_type != kind:
            raise Refused(132012, f"buttons: Button at index {index} is of type {kind}, not {sub_type or 'UNKNOWN'}.")
        parameters = parameters_of(component, "button['parameters']") if component is not None else []
        if kind == "QUICK_REPLY":
            shown.append(Button(text, "quick_reply", _payload(parameters, text)))
        else:
            shown.append(Button(text, "url", url=_address(str(button["url"]), parameters, index)))
    return tuple(shown)


def _payload(parameters: list[Json], text: str) -> str:
    """What a tap on a quick reply sends: its own words when nothing was given."""
    if not parameters:
        return text
    parameter = record(parameters[0], "button['parameters'][]", ("type", "payload"))
    payload = parameter.get("payload")
    if len(parameters) > 1 or parameter.get("type") != "payload":
        raise Refused(132012, "buttons: A quick reply takes one parameter of type payload.")
    if not isinstance(payload, str) or not 1 <= len(payload) <= BUTTON_ID:
        raise invalid(f"Button payload length invalid. Min length: 1, Max length: {BUTTON_ID}", "button_id")
    return payload


def _address(address: str, parameters: list[Json], index: int) -> str:
    if bool(VARIABLE.search(address)) != bool(parameters):
        needs = "requires a parameter" if not parameters else "takes no parameter"
        raise Refused(131008 if not parameters else 132012, f"buttons: Button at index {index} of type Url {needs}.")
    if not parameters:
        return address
    value = record(parameters[0], "button['parameters'][]", ("type", "text")).get("text")
    if len(parameters) > 1 or not isinstance(value, str) or not value:
        raise Refused(132012, f"buttons: Button at index {index} takes one text.")
    return VARIABLE.sub(lambda found: value, address)
