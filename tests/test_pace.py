"""The budget that answers and broadcasts share, by a clock that stands still until it is moved."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.pace import Pace
from channels.base import Limits


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sent_in(pace: Pace, clock: Clock, seconds: float, *, step: float = 0.001) -> int:
    """How many broadcasts go out in so many seconds, by a sender that looks at every step."""
    until, sent = clock.now + seconds, 0
    while clock.now < until:
        while not pace.broadcast():
            sent += 1
        clock.now += step
    return sent


def test_broadcasts_stay_just_under_what_the_network_takes(clock: Clock) -> None:
    pace = Pace(Limits(per_second=30.0), clock=clock)
    assert 0.98 * 30 * 60 <= sent_in(pace, clock, 60) <= 30 * 60


def test_a_sender_that_wakes_late_catches_up_a_little_and_never_in_a_flood(clock: Clock) -> None:
    pace = Pace(Limits(per_second=30.0), clock=clock)
    clock.now += 3600
    burst = 0
    while not pace.broadcast():
        burst += 1
    assert burst <= 3


def test_answers_never_wait_for_a_broadcast_and_are_taken_from_its_budget(clock: Clock) -> None:
    pace = Pace(Limits(per_second=30.0, chat_burst=100), clock=clock)
    sent_in(pace, clock, 1)
    assert [pace.answer(1) for _ in range(15)] == [0.0] * 15
    assert sent_in(pace, clock, 1) <= 15


def test_a_program_that_comes_back_begins_with_nothing(clock: Clock) -> None:
    assert Pace(Limits(per_second=30.0), clock=clock).broadcast() > 0


def test_a_flood_of_answers_holds_broadcasts_for_a_second_or_two_and_not_for_minutes(clock: Clock) -> None:
    pace = Pace(Limits(per_second=30.0, chat_burst=1e6), clock=clock)
    for _ in range(10_000):
        pace.answer(1)
    assert pace.broadcast() <= 1.1


def test_each_chat_has_a_bucket_of_its_own(clock: Clock) -> None:
    pace = Pace(Limits(chat_per_second=1.0, chat_burst=2.0), clock=clock)
    assert [pace.chat(1), pace.chat(1), pace.chat(1)] == [0.0, 0.0, 1.0]
    assert pace.chat(2) == 0.0
    clock.now += 3
    assert pace.chat(1) == 0.0


def test_who_is_told_to_wait_long_and_steps_back_takes_nothing(clock: Clock) -> None:
    pace = Pace(Limits(chat_per_second=1 / 6, chat_burst=40.0), clock=clock)
    assert [pace.answer(1) for _ in range(40)] == [0.0] * 40
    for _ in range(3):
        assert pace.answer(1) == pytest.approx(6.0)
        pace.give_back(1)
    clock.now += 6
    assert pace.answer(1) == pytest.approx(0.0)


def test_many_chats_that_fill_slowly_are_looked_through_seldom(clock: Clock) -> None:
    pace = Pace(Limits(chat_per_second=1 / 6, chat_burst=40.0), clock=clock)
    sizes = []
    for person in range(60_000):
        pace.chat(person)
        clock.now += 1 / 80
        sizes.append(len(pace._chats))
    assert sum(after < before for before, after in pairwise(sizes)) <= 3
    assert sizes[-1] <= 41_000


def test_chats_whose_buckets_are_full_again_are_forgotten(clock: Clock) -> None:
    pace = Pace(Limits(), clock=clock)
    for person in range(25_000):
        pace.chat(person)
        clock.now += 0.01
    assert len(pace._chats) <= 11_000


def test_a_429_makes_it_slower_for_a_while(clock: Clock) -> None:
    pace = Pace(Limits(per_second=30.0), clock=clock)
    full = pace.rate
    pace.slow_down()
    assert pace.rate == pytest.approx(full * 0.8)
    pace.slow_down()
    assert pace.rate == pytest.approx(full * 0.64)
    for _ in range(50):
        pace.slow_down()
    assert pace.rate == pytest.approx(full * 0.2)
    clock.now += 300
    assert pace.rate == full
