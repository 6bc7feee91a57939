"""Messages and progress as bytes and back: what the sealed columns hold before they are sealed.

Not for: encryption (storage/vault.py) or any network's own format (channels/).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson

from conversation.messages import (
    Attachment,
    Choice,
    Commands,
    Deletion,
    Edit,
    Incoming,
    Kind,
    Late,
    Leave,
    Message,
    Outgoing,
    Photo,
    StoredFile,
)
from conversation.progress import Doubt, Progress
from domain.address import Address

_OUTGOING: dict[str, Any] = {
    "message": Message,
    "edit": Edit,
    "deletion": Deletion,
    "leave": Leave,
    "commands": Commands,
}
_NAMES = {kind: name for name, kind in _OUTGOING.items()}


def pack_outgoing(to: str, out: Outgoing) -> bytes:
    """An Outgoing with the network's id it goes to. Acknowledgements are never stored."""
    fields = {key: value for key, value in vars(out).items() if value not in ("", (), False, None)}
    if "choices" in fields:
        fields["choices"] = [(choice.label, choice.data) for choice in fields["choices"]]
    if isinstance(late := fields.get("late"), Late):
        fields["late"] = [late.name, late.values]
    return orjson.dumps([_NAMES[type(out)], to, fields])


def unpack_outgoing(data: bytes) -> tuple[str, Outgoing]:
    """What pack_outgoing packed: the network's id it goes to, and the Outgoing."""
    name, to, fields = orjson.loads(data)
    if "choices" in fields:
        fields["choices"] = tuple(Choice(label, key) for label, key in fields["choices"])
    if "late" in fields:
        late, values = fields["late"]
        fields["late"] = Late(late, tuple(values))
    if "entries" in fields:
        fields["entries"] = tuple((word, meaning) for word, meaning in fields["entries"])
    kind = _OUTGOING[name]
    if kind is Message or kind is Edit:
        fields.setdefault("text", "" if kind is Message else None)
    return to, kind(**fields)


def pack_incoming(incoming: Incoming) -> bytes:
    return orjson.dumps(asdict(incoming))


def unpack_incoming(data: bytes) -> Incoming:
    fields = orjson.loads(data)
    attachment, photo, stored = fields.pop("attachment"), fields.pop("photo"), fields.pop("stored")
    moved = fields.pop("moved", None)
    return Incoming(
        **{
            **fields,
            "kind": Kind(fields["kind"]),
            "address": Address(**fields["address"]),
            "attachment": Attachment(**attachment) if attachment else None,
            "photo": Photo(**{**photo, "flaws": tuple(photo["flaws"])}) if photo else None,
            "stored": StoredFile(**stored) if stored else None,
            "moved": Address(**moved) if moved else None,
        }
    )


def pack_progress(progress: Progress) -> bytes:
    """The part of a Progress that is sealed; form, question, turn and registration stand in plain columns."""
    fields: dict[str, Any] = {}
    for name in ("tries", "detour", "noted", "prompt", "source", "album", "carry", "picked", "called"):
        value = getattr(progress, name)
        if value:
            fields[name] = value
    if progress.doubt is not None:
        fields["doubt"] = [progress.doubt.kind, progress.doubt.value, progress.doubt.options]
    return orjson.dumps(fields)


def unpack_progress(data: bytes, **plain: Any) -> Progress:
    fields = orjson.loads(data)
    for name in ("detour", "noted"):
        if name in fields:
            fields[name] = tuple(fields[name])
    if "doubt" in fields:
        kind, value, options = fields["doubt"]
        fields["doubt"] = Doubt(kind, value, tuple((a, b) for a, b in options))
    return Progress(**plain, **fields)
