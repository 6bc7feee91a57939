"""Strangers at the door are counted, so that a flood of them fills no log."""

from structlog.testing import capture_logs

from bot.service import Refusals


def test_the_first_stranger_is_told_at_once_and_then_how_many_a_minute() -> None:
    now = 1000.0
    refusals = Refusals(clock=lambda: now)
    with capture_logs() as logged:
        for later in (0, 1, 2, 59):
            now = 1000.0 + later
            refusals.note("whatsapp", "signature")
        refusals.note("telegram", "secret")
        now = 1061.0
        refusals.note("whatsapp", "signature")
    assert [(line["channel"], line["code"], line["count"]) for line in logged] == [
        ("whatsapp", "signature", 1),
        ("telegram", "secret", 1),
        ("whatsapp", "signature", 4),
    ]
