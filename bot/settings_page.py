"""Writes `docs/settings.md` from the settings: `python -m bot.settings_page docs/settings.md`, or `make docs`.

Not for: reading settings (bot/load.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo

from bot.setting_kinds import DAYS
from bot.settings import DEMO, PREFIX, Settings

_SECTIONS: Final = {
    "area": ("The office", "With a channel configured none of these has a default: the start names what is missing."),
    "telegram_token": ("Telegram", "Without a token the demo runs, and none of these is used."),
    "http_host": ("Doors", "The demo answers this machine only."),
    "database_url": ("Data", "Paths begin in the folder the program is started in. The demo has places of its own."),
    "approval_above": ("Broadcasts", "How an office sends to many. Answers to workers are never held back by these."),
    "min_age": ("Rules", "Periods and limits that an office may set as its own rules say."),
}

_HEAD: Final = """# Settings

Made by `make docs` from `bot/settings.py`; a test compares the two.

Every setting is read from the environment or from a file `.env` in the folder the program is started in, and
the environment goes first. An empty value counts as none. A name that begins with `LINDUNG_` but is not here
stops the start, and so does a value that is not understood: with one sentence for each, and exit code 2.
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(_lines())


def _lines() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        if name in _SECTIONS:
            title, about = _SECTIONS[name]
            yield f"\n## {title}\n\n{about}\n\n| setting | what it is | default |\n| --- | --- | --- |\n"
        yield f"| `{PREFIX}{name.upper()}` | {field.description} | {_default(name, field)} |\n"


def _default(name: str, field: FieldInfo) -> str:
    if name == "webchat":
        return "`off`; demo: `demo`"
    usual = "none" if field.is_required() or field.default is None else f"`{_written(field.default)}`"
    return f"{usual}; demo: `{DEMO[name]}`" if name in DEMO else usual


def _written(value: Any) -> str:
    """A value as one would write it into `.env`."""
    match value:
        case (time(), time()):
            return "-".join(f"{at:%H:%M}" for at in value)
        case ((int(), time(), time()), *_):
            return ", ".join(f"{DAYS[day].capitalize()} {_written((begins, ends))}" for day, begins, ends in value)
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
