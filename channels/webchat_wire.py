"""What the web chat's page and we write to each other, as JSON.

Not for: when it is written and what an answer means (channels/webchat.py).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from channels.base import Limits, Permanent
from channels.labels import shorten
from conversation.messages import (
    Acknowledgement,
    Attachment,
    Choice,
    Commands,
    Deletion,
    Edit,
    Incoming,
    Kind,
    Leave,
    Message,
    Outgoing,
)
from domain.address import Address

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class _Any(BaseModel):
    """What every update of the page carries. `phone` is the address's id, `name` its owner's first name."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    id: Id
    phone: Id
    name: str = Field(default="", max_length=64, repr=False)


class _Text(_Any):
    """{"id": "u1", "phone": "worker-1", "kind": "text", "message_id": "m1", "text": "/start"}.

    An "edit" looks the same and names the message it changes.
    """

    kind: Literal["text", "edit"]
    message_id: Id
    text: str = Field(min_length=1, max_length=4096, repr=False)


class _Tap(_Any):
    """{"id": "u2", "phone": "worker-1", "kind": "tap", "message_id": "m2", "data": "q:nik:1:yes"}."""

    kind: Literal["tap"]
    message_id: Id
    data: str = Field(max_length=64, repr=False)


class _File(_Any):
    """{"id": "u3", "phone": "worker-1", "kind": "file", "message_id": "m3", "what": "photo", "ref": "f1"}.

    `file_name` is what the owner calls it.
    """

    kind: Literal["file"]
    message_id: Id
    what: Literal["photo", "image", "document", "voice", "video"]
    ref: Id
    size: int = Field(default=0, ge=0)
    mime: str = Field(default="", max_length=128)
    album: str = Field(default="", max_length=64)
    file_name: str = Field(default="", max_length=255, repr=False)


class _Phone(_Any):
    """{"id": "u4", "phone": "worker-1", "kind": "phone", "message_id": "m4", "number": "+6", "own": true}."""

    kind: Literal["phone"]
    message_id: Id
    number: str = Field(max_length=32, repr=False)
    own: bool


class _Gate(_Any):
    """{"id": "u5", "phone": "worker-1", "kind": "blocked"}; "returned" likewise."""

    kind: Literal["blocked", "returned"]


Update = _Text | _Tap | _File | _Phone | _Gate
UPDATE: TypeAdapter[Update] = TypeAdapter(Annotated[Update, Field(discriminator="kind")])


class Confirmation(BaseModel):
    """{"id": "...", "message_id": "m9"}; `error` names why the page could not do it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    id: Id
    message_id: str = Field(default="", max_length=64)
    error: Literal["", "blocked", "no_phone", "no_message", "gone"] = ""


def incoming(update: Update, address: Address) -> Incoming:
    """What a person did on the phone with this address."""
    key = f"{address.channel}:{address.bot}:{update.id}"
    plain = Incoming(key, address, Kind(update.kind), language="id", first_name=update.name)
    match update:
        case _Text():
            return replace(plain, text=update.text, message_id=update.message_id)
        case _Tap():
            return replace(plain, tap=update.data, tap_id=update.id, message_id=update.message_id)
        case _File():
            about = (update.what, update.ref, update.size, update.mime, update.album, update.file_name)
            attachment = Attachment(*about)
            return replace(plain, attachment=attachment, message_id=update.message_id)
        case _Phone():
            return replace(plain, phone=update.number, own=update.own, message_id=update.message_id)
        case _Gate():
            return plain


def event_of(out: Outgoing, ref: str | None, file: bytes | None, limits: Limits) -> dict[str, Any] | None:
    """What the page is told, None for nothing. Raises Permanent where a network would refuse."""
    match out:
        case Message():
            return _message(out, file, limits)
        case Edit():
            if not ref:
                raise Permanent("no_message")
            return {
                "type": "edit",
                "ref": ref,
                "text": None if out.text is None else _checked(out.text, limits.text),
                "choices": _choices(out.choices, limits),
                "stacked": out.stacked,
                "blank": out.blank,
            }
        case Deletion():
            if not (ref or out.message_id):
                raise Permanent("no_message")
            return {"type": "delete", "ref": ref or out.message_id}
        case Acknowledgement():
            return {"type": "ack", "tap_id": out.tap_id, "text": out.text, "alert": out.alert}
        case Commands():
            return {"type": "commands", "entries": [list(entry) for entry in out.entries]}
        case Leave():
            return None  # the page has no groups


def _message(out: Message, file: bytes | None, limits: Limits) -> dict[str, Any]:
    if out.file and file is None:
        raise Permanent("no_file")
    if not (out.text or out.file):
        raise Permanent("empty")
    # A document may be large and is fetched by the page, see WebChat.document.
    document = {"name": out.document_name, "size": len(file)} if out.document and file is not None else None
    return {
        "type": "message",
        "text": _checked(out.text, limits.photo_text if out.file else limits.text),
        "photo": base64.b64encode(file).decode() if out.photo and file else "",
        "document": document,
        "choices": _choices(out.choices, limits),
        "stacked": out.stacked,
        "protected": out.protected,
        "asks_phone": out.asks_phone,
        "ends_phone": out.ends_phone,
    }


def _checked(text: str, most: int) -> str:
    if len(text) > most:
        raise Permanent("too_long")
    return text


def _choices(choices: Sequence[Choice], limits: Limits) -> list[dict[str, str]]:
    if len(choices) > limits.choices:
        raise Permanent("too_many_choices")
    for choice in choices:
        if not choice.label or not 0 < len(choice.data.encode()) <= 64:
            raise Permanent("bad_choice")
    return [{"label": shorten(choice.label, limits.label), "data": choice.data} for choice in choices]
