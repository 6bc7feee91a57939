"""Strangers at the door are counted, so that a flood of them fills no log."""

from bot.service import Refusals


def test_the_first_stranger_is_told_at_once_and_then_how_many_a_minute() -> None:
    now = 1000.0
    refusals = Refusals(clock=lambda: now)
    told = []
    for later in (0, 1, 2, 59):
        now = 1000.0 + later
        told.append(refusals.note("whatsapp", "signature"))
    assert told == [1, 0, 0, 0]
    assert refusals.note("telegram", "secret") == 1
    now = 1061.0
    assert refusals.note("whatsapp", "signature") == 4
