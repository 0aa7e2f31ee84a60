"""Calendar dates to days."""

from sigap_tracker.position.civil_time import days_since_1970


def test_known_days():
    for date, days in (
        ((1970, 1, 1), 0),
        ((1980, 1, 6), 3657),
        ((1999, 12, 31), 10956),
        ((2000, 2, 29), 11016),
        ((2000, 3, 1), 11017),
        ((2026, 3, 19), 20531),
        ((2028, 2, 29), 21243),
        ((2099, 12, 31), 47481),
    ):
        assert days_since_1970(*date) == days, date


def test_every_day_follows_the_one_before():
    expected = 0
    for year in range(1970, 2100):
        for month in range(1, 13):
            for day in range(1, 32):
                days = days_since_1970(year, month, day)
                if days >= 0:
                    assert days == expected, (year, month, day)
                    expected += 1
    assert expected == 47482


def test_days_that_do_not_exist():
    for date in (
        (1969, 12, 31),
        (2100, 1, 1),
        (2026, 0, 1),
        (2026, 13, 1),
        (2026, 1, 0),
        (2026, 1, 32),
        (2026, 4, 31),
        (2026, 2, 29),
        (2026, 1, -1),
        (2026, -2, 1),
    ):
        assert days_since_1970(*date) == -1, date
