"""Calendar dates to Unix time, in integers: an ESP32's own clock counts from 2000 and its floats are too short."""

DAY_S = 86400

_DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def days_since_1970(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a Gregorian date from 1970 to 2099, or -1 for a date that does not exist."""
    if not 1970 <= year <= 2099 or not 1 <= month <= 12:
        return -1
    leap = year % 4 == 0  # right for every year allowed here, 2000 being a leap year
    if not 1 <= day <= _DAYS_IN_MONTH[month - 1] + (leap and month == 2):
        return -1
    days = (year - 1970) * 365 + (year - 1969) // 4 + _DAYS_BEFORE_MONTH[month - 1] + day - 1
    return days + (leap and month > 2)
