"""Updates of every kind the Bot API has, made from the shapes of python-telegram-bot's own classes.

The required fields of an object are always there, the optional ones by chance. Not for: what updates mean.
"""

from __future__ import annotations

import random
import types
import typing
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import telegram
from telegram import Message, TelegramObject, Update
from telegram.constants import UpdateType

Json = dict[str, Any]

# Where the library's name of a field is not the network's.
_RENAMED = {"from_user": "from"}
_WORDS = ("SETUJU", "8171015503859901", "Latuhalat", "1", "/start", "a", "private", "member", "emoji", "photo", "👍")
_DEEPEST = 3


@cache
def fields_of(kind: type) -> dict[str, tuple[Any, bool]]:
    """(type, whether it is required) of each field, by the network's name."""
    hints = typing.get_type_hints(kind.__init__, vars(telegram))
    code = kind.__init__.__code__
    names = [name for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if name in hints]
    names = [name for name in names if name not in ("return", "api_kwargs")]
    optional = {name for name in names if type(None) in get_args(hints[name])}
    return {_RENAMED.get(name, name): (hints[name], name not in optional) for name in names}


def kinds() -> list[str]:
    """Every kind of update."""
    return [kind.value for kind in UpdateType]


def message_fields() -> list[str]:
    """Every optional field that a message may have."""
    return [name for name, (_, required) in fields_of(Message).items() if not required]


def update(kind: str, chance: random.Random, *, chat: Json, person: Json) -> Json:
    """An update of this kind from this person in this chat, without a number."""
    wanted, _ = fields_of(Update)[kind]
    return {kind: _settled(_value(wanted, chance, 0), chat, person)}


def message(field: str, chance: random.Random, *, chat: Json, person: Json) -> Json:
    """A message that has this optional field, and nothing else that it need not have."""
    wanted, _ = fields_of(Message)[field]
    about = {"message_id": chance.randrange(1, 10**6), "date": 1_790_000_000, "chat": chat, "from": person}
    return {"message": {**about, field: _value(wanted, chance, 1)} | ({"from": person} if field == "from" else {})}


def _settled(value: Any, chat: Json, person: Json) -> Any:
    """The same with this chat and this person wherever one stands."""
    if isinstance(value, list):
        return [_settled(each, chat, person) for each in value]
    if not isinstance(value, dict):
        return value
    fixed = {"chat": chat, "from": person, "user": person}
    return {name: fixed[name] if name in fixed else _settled(each, chat, person) for name, each in value.items()}


def _value(wanted: Any, chance: random.Random, depth: int) -> Any:
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        return _value(chance.choice([each for each in get_args(wanted) if each is not type(None)]), chance, depth)
    if origin is Literal:
        return chance.choice(get_args(wanted))
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return [_value(get_args(wanted)[0], chance, depth + 1) for _ in range(chance.randrange(3))]
    if origin is dict:
        return {}
    if isinstance(wanted, type) and issubclass(wanted, TelegramObject):
        return _object(wanted, chance, depth)
    if wanted in (datetime, timedelta, int):
        return chance.choice((0, 1, 5, 1_790_000_000, -1_001_234_567_890, 2**52))
    if wanted is bool:
        return chance.random() < 0.5
    return chance.random() if wanted is float else chance.choice(_WORDS)


def _object(kind: type, chance: random.Random, depth: int) -> Json:
    made = {}
    for name, (wanted, required) in fields_of(kind).items():
        if required or (depth < _DEEPEST and chance.random() < 0.25):
            made[name] = _value(wanted, chance, depth + 1)
    return made
