"""Wrapping milliseconds to seconds that do not wrap."""

from sigap_tracker.clock import TICKS_PERIOD_MS, Clock, elapsed_ms

LAST_MS = TICKS_PERIOD_MS - 1


def test_elapsed_across_the_wrap_around():
    assert elapsed_ms(500, 200) == 300
    assert elapsed_ms(0, LAST_MS) == 1
    assert elapsed_ms(4, TICKS_PERIOD_MS - 6) == 10
    assert elapsed_ms(7, 7) == 0


def test_uptime_counts_on_across_the_wrap_around():
    clock = Clock(TICKS_PERIOD_MS - 2500)
    assert clock.uptime_s(TICKS_PERIOD_MS - 1501) == 0
    assert clock.uptime_s(TICKS_PERIOD_MS - 1500) == 1
    assert clock.uptime_s(499) == 2
    assert clock.uptime_s(500) == 3


def test_uptime_keeps_the_parts_of_seconds():
    clock = Clock(LAST_MS)
    now_ms = LAST_MS
    for _ in range(3000):
        now_ms = (now_ms + 333) % TICKS_PERIOD_MS
        uptime_s = clock.uptime_s(now_ms)
    assert uptime_s == 999


def test_uptime_over_many_periods():
    clock = Clock(0)
    for turn in range(1, 200):
        assert clock.uptime_s(turn * (TICKS_PERIOD_MS // 2) % TICKS_PERIOD_MS) == turn * (TICKS_PERIOD_MS // 2) // 1000


def test_unix_time_comes_from_a_fix_and_goes_on():
    clock = Clock(TICKS_PERIOD_MS - 1000)
    assert clock.unix_s(TICKS_PERIOD_MS - 500) == 0
    clock.set_unix_s(0, 1790000000)
    assert clock.unix_s(0) == 1790000000
    assert clock.unix_s(61000) == 1790000061
    clock.set_unix_s(62000, 1790000000)  # a later fix knows better
    assert clock.unix_s(64000) == 1790000002
