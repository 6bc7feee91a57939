"""Reads the settings and words what is wrong with them: a sentence for each, with the setting's own name.

A value is never repeated, for it may be a secret. Not for: what a setting must look like (bot/settings.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.problems import CannotStart
from bot.settings import PREFIX, Settings

ENV_FILE: Final = Path(".env")

_COMPLAINTS: Final = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "string_too_short": "must have at least {min_length} letters",
    "string_too_long": "must have at most {max_length} letters",
    "literal_error": "must be {expected}",
}


def load_settings(env_file: Path = ENV_FILE) -> Settings:
    """The settings in force. Raises CannotStart, naming everything that is wrong or missing."""
    try:
        unknown = list(_unknown(env_file))
        settings = Settings(_env_file=env_file)
    except ValidationError as error:
        raise CannotStart(*unknown, *_sentences(error)) from None
    except UnicodeDecodeError:
        raise CannotStart(f"{env_file} is not plain UTF-8 text: save it again as UTF-8.") from None
    except OSError as error:
        raise CannotStart(f"{env_file} cannot be read ({error.strerror}): mend its rights.") from None
    if unknown:
        raise CannotStart(*unknown)
    return settings


def _sentences(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False):
        if not problem["loc"]:  # settings that do not fit together name themselves
            yield from str(problem["ctx"]["error"]).splitlines()
            continue
        field = str(problem["loc"][0])
        yield f"{PREFIX}{field.upper()} {_complaint(field, problem)}."


def _complaint(field: str, problem: ErrorDetails) -> str:
    context: dict[str, Any] = problem.get("ctx", {})
    if problem["type"] == "missing":
        meaning = (Settings.model_fields[field].description or "").rstrip(".")
        return f"is missing. Set it to this: {meaning[0].lower()}{meaning[1:]}"
    if problem["type"] == "value_error":
        return str(context["error"])
    return _COMPLAINTS.get(problem["type"], "is not understood").format_map(context)


def _unknown(env_file: Path) -> Iterator[str]:
    """A name with a slip in it would silently change nothing, so it stops the start."""
    known = [field.upper() for field in Settings.model_fields]
    for name in sorted(_given(env_file) - {PREFIX + field for field in known}):
        # Compared without the prefix, which makes any two names alike.
        close = get_close_matches(name.removeprefix(PREFIX), known, n=1)
        yield f"{name} is no setting{f': did you mean {PREFIX}{close[0]}?' if close else '; see docs/settings.md.'}"


def _given(env_file: Path) -> set[str]:
    lines = env_file.read_text(encoding="utf-8").splitlines() if env_file.is_file() else []
    written = (line.strip().removeprefix("export ").partition("=")[0].strip() for line in lines)
    return {name.upper() for name in (*os.environ, *written) if name.upper().startswith(PREFIX)}
