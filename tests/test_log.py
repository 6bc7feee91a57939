"""The log tells ids, codes and places, and never what somebody wrote or is."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from bot.log import configure_logging
from storage.engine import Full

Lines = Callable[[], list[dict[str, Any]]]
NIK = "8171010101019901"


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What has been logged since the start of the test, line by line."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level, hook = root.handlers[:], root.level, sys.excepthook
    import threading

    thread_hook, unraisable = threading.excepthook, sys.unraisablehook
    configure_logging("debug", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hook, thread_hook, unraisable
    structlog.reset_defaults()


def test_a_line_holds_its_event_its_ids_and_its_codes(lines: Lines) -> None:
    structlog.get_logger("bot.delivery").info("sent", outbox_id=7, code="too_many_requests", seconds=1.5)
    (line,) = lines()
    assert line.items() >= {"event": "sent", "outbox_id": 7, "code": "too_many_requests", "seconds": 1.5}.items()
    assert line["level"] == "info"


def test_what_is_not_on_the_list_is_dropped(lines: Lines) -> None:
    structlog.get_logger().warning("odd", text="Nama saya Sari", nik=NIK, code="Nama saya", address_id="Sari")
    (line,) = lines()
    assert set(line) == {"at", "level", "logger", "event"}


def test_a_number_that_comes_as_a_word_is_dropped(lines: Lines) -> None:
    structlog.get_logger().warning("odd", code=NIK, question="081234500001", outbox_id=NIK)
    assert set(lines()[0]) == {"at", "level", "logger", "event"}


def test_an_exception_is_its_type_and_place_without_its_words(lines: Lines) -> None:
    try:
        try:
            raise KeyError(NIK)
        except KeyError as cause:
            raise ValueError(f"Sari {NIK}") from cause
    except ValueError:
        structlog.get_logger().exception("handler_failed", person_id=3)
        logging.getLogger("bot.loops").exception("failed for %s", "Sari Tuasikal")
    for line in lines():
        assert line["error"] == "ValueError < KeyError"
        assert line["where"][-1].startswith("tests/test_log.py:")
        assert NIK not in json.dumps(line)
        assert "Tuasikal" not in json.dumps(line)


def test_trouble_with_the_disk_says_how_to_mend_it(lines: Lines) -> None:
    try:
        raise Full("/srv/data")
    except Full:
        structlog.get_logger().exception("not_kept")
    structlog.get_logger().error("not_kept", code=Full.__name__)
    assert all("Free space" in line["remedy"] for line in lines())


def test_a_sentence_of_ours_keeps_its_words_and_numbers(lines: Lines) -> None:
    log = logging.getLogger("channels.telegram_read")
    log.warning("An update could not be read: %s", "KeyError")
    log.warning("An update could not be read: %s", "Nama saya Sari")
    assert [line["event"] for line in lines()] == [
        "An update could not be read: KeyError",
        "An update could not be read: %s",
    ]


def test_a_library_tells_only_where_it_spoke(lines: Lines) -> None:
    logging.getLogger("asyncio").info("Using selector: Sari")
    logging.getLogger("asyncio").error("Task exception was never retrieved: Sari %s", NIK)
    (line,) = lines()
    assert line["logger"] == "asyncio"
    assert line["event"].startswith("said at test_log.py:")
    assert NIK not in json.dumps(line)


def test_a_token_never_stays_whole(lines: Lines) -> None:
    logging.getLogger("bot").error("https://api.telegram.org/bot100001:AAE-secret_secret/getMe")
    assert "AAE-secret" not in json.dumps(lines())


def test_words_bound_to_a_task_are_filtered_too(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(person_id=5, name="Sari"):
        structlog.get_logger("bot.app").info("step")
    (line,) = lines()
    assert line["person_id"] == 5
    assert "name" not in line


def test_the_last_words_of_a_crash_are_told_the_same_way() -> None:
    code = f"from bot.log import configure_logging; configure_logging(); raise ValueError('Sari {NIK}')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stderr)["error"] == "ValueError"
    assert NIK not in done.stderr


def test_a_page_of_the_demo_that_nobody_has_opened_yet_is_no_trouble(lines: Lines) -> None:
    log = structlog.stdlib.get_logger("bot.delivery")
    logging.getLogger().setLevel("INFO")
    log.warning("message_delayed", code="no_page", outbox_id=7)
    assert lines() == []
    logging.getLogger().setLevel("DEBUG")
    log.warning("message_delayed", code="no_page", outbox_id=7)
    assert len(lines()) == 1
