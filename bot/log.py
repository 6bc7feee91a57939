"""The log: JSON lines holding ids, codes, counts and names of events, and nothing that a person wrote or is.

What is not on a short list is dropped, exceptions are told by type and place. Not for: the audit trail
(storage/audit.py) or what commands print.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import orjson
import structlog

from storage.engine import Busy, Full, Gone, StoreError

_NUMBERS = """
    n count seconds ms tries status pid port rows lines bytes version lane waiting sent failed
    person_id address_id registration_id officer_id outbox_id inbox_id enquiry seal_id
"""
_WORDS = "code channel kind state question role action method revision host signal form mode task loop step"
NUMBERS: Final = frozenset(_NUMBERS.split())
WORDS: Final = frozenset(_WORDS.split())
OURS: Final = ("bot", "channels", "handlers", "conversation", "domain", "storage")

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
_TOKEN: Final = re.compile(r"[0-9]{3,}:[A-Za-z0-9_-]{6,}")
_REMEDIES: Final = {kind.__name__: kind.sentence for kind in (Busy, Full, Gone)}
_PLACES: Final = 8
_ROOT: Final = Path(__file__).resolve().parent.parent

ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


def configure_logging(level: str = "info", stream: IO[str] | None = None) -> None:
    """Sends everything that is logged anywhere in the process through here, one JSON line each, to stderr."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(_worth_telling)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            _without_closed_pages,
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    sys.excepthook = _last_words
    threading.excepthook = lambda args: _last_words(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _last_words(args.exc_type, args.exc_value, args.exc_traceback)


class JsonLines(logging.Formatter):
    """A record as one line of JSON with what may be told."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        if isinstance(record.msg, Mapping):
            line |= _told(record.msg)
        else:
            line["event"] = _plain_event(record)
        problem = _problem(record)
        if problem is not None:
            line |= described(problem)
        return _TOKEN.sub("[token]", orjson.dumps(line, default=str).decode())


def described(problem: BaseException) -> dict[str, Any]:
    """An exception by its types and places; its message may quote somebody and is left out."""
    chain = [type(link).__name__ for link in _chain(problem)]
    told: dict[str, Any] = {"error": " < ".join(chain), "where": _places(problem)}
    if isinstance(problem, StoreError):
        told["remedy"] = problem.sentence
    return told


def _without_closed_pages(logger: Any, _: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What waits until somebody opens the demo's page is no trouble: it is told at level debug only."""
    if event.get("code") == "no_page" and not logger.isEnabledFor(logging.DEBUG):
        raise structlog.DropEvent
    return event


def _worth_telling(record: logging.LogRecord) -> bool:
    """What libraries say in passing is dropped: of their words only the place would be left."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in OURS


def _told(given: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"event": str(given.get("event", ""))}
    for key, value in given.items():
        is_number = isinstance(value, int | float) and key in NUMBERS
        is_word = isinstance(value, str) and key in WORDS and _WORD.fullmatch(value)
        if is_number or is_word:
            told[key] = value
    if told.get("code") in _REMEDIES:
        told["remedy"] = _REMEDIES[told["code"]]
    return told


def _plain_event(record: logging.LogRecord) -> str:
    """A sentence of ours with its words and numbers; of a library only where it was said."""
    if record.name.partition(".")[0] not in OURS or not isinstance(record.msg, str):
        return f"said at {Path(record.pathname).name}:{record.lineno}"
    args = record.args if isinstance(record.args, tuple) else ()
    if all(isinstance(arg, int | float) or (isinstance(arg, str) and _WORD.fullmatch(arg)) for arg in args):
        return record.getMessage()
    return record.msg


def _problem(record: logging.LogRecord) -> BaseException | None:
    given: Any = record.exc_info
    if isinstance(record.msg, Mapping):
        given = record.msg.get("exc_info")
    if given is True:
        given = sys.exc_info()
    if isinstance(given, tuple):
        given = given[1]
    return given if isinstance(given, BaseException) else None


def _chain(problem: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = problem
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _places(problem: BaseException) -> list[str]:
    frames = traceback.extract_tb(problem.__traceback__)[-_PLACES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else "/".join(path.parts[-2:])


def _last_words(kind: type[BaseException], problem: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("bot").critical("not handled", exc_info=(kind, problem or kind(), trace))
