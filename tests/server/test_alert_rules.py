"""What an alert may say: a caller in need is turned away only where nobody could act on it."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.alerts import (
    ACCURACY_MAX_M,
    PRESSED_AHEAD_MAX_MS,
    PRESSED_BEFORE_MAX_MS,
    TEXT_MAX_CHARS,
    AddressRate,
    AlertRefusedError,
    RawAlert,
    check_alert,
)

NOW_MS = 1_790_000_000_000
GOOD = RawAlert("0f8fad5b-d9cb-469f-a165-70867728950e", "emergency", -6.9, 107.6, 20, NOW_MS - 1000, "tolong")


def refused(raw: RawAlert) -> AlertRefusedError:
    with pytest.raises(AlertRefusedError) as caught:
        check_alert(raw, NOW_MS)
    assert str(caught.value) == caught.value.message
    return caught.value


def test_a_good_alert_is_taken_as_it_is() -> None:
    alert = check_alert(GOOD, NOW_MS)
    assert (alert.lat_e7, alert.lon_e7, alert.accuracy_m) == (-69_000_000, 1_076_000_000, 20)
    assert (alert.pressed_ms, alert.received_ms, alert.text) == (NOW_MS - 1000, NOW_MS, "tolong")
    assert (alert.alert_id, alert.kind, alert.adjusted) == (GOOD.alert_id, "emergency", ())


@pytest.mark.parametrize(
    ("device", "taken", "adjusted"),
    [
        (None, "", ()),
        ("", "", ()),
        ("7C9E6679-7425-40DE-944B-E07FC1F90AE7", "7c9e6679-7425-40de-944b-e07fc1f90ae7", ()),
        ("00000000-0000-0000-0000-000000000000", "", ("device",)),
        ("my phone", "", ("device",)),
    ],
)
def test_who_sends_is_known_by_a_uuid_or_not_at_all(device: str | None, taken: str, adjusted: tuple[str, ...]) -> None:
    alert = check_alert(replace(GOOD, device=device), NOW_MS)
    assert (alert.device, alert.adjusted) == (taken, adjusted)


@pytest.mark.parametrize(("field", "other"), [("lat", "lon"), ("lon", "lat")])
def test_an_alert_without_a_location_is_refused(field: str, other: str) -> None:
    error = refused(replace(GOOD, **{field: None}))
    assert (error.code, error.field) == ("location_missing", field)
    assert other not in error.message.split()


@pytest.mark.parametrize("field", ["lat", "lon"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 180.0001, -999.0, 10**400])
def test_impossible_coordinates_are_refused(field: str, value: float) -> None:
    error = refused(replace(GOOD, **{field: value}))
    assert (error.code, error.field) == ("location_impossible", field)


def test_a_latitude_beyond_a_pole_is_refused() -> None:
    assert refused(replace(GOOD, lat=90.0001)).message == "lat is 90.0001, expected degrees from -90 to 90"


def test_the_place_of_those_who_know_no_position_is_refused() -> None:
    assert refused(replace(GOOD, lat=0.0, lon=0.0)).code == "location_impossible"
    assert refused(replace(GOOD, lat=0.0, lon=-0.0004)).code == "location_impossible"
    assert check_alert(replace(GOOD, lat=0.0), NOW_MS).lat_e7 == 0  # Pontianak is on the equator


@pytest.mark.parametrize(
    "alert_id",
    [
        "",
        "1",
        "0f8fad5bd9cb469fa16570867728950e",
        "{0f8fad5b-d9cb-469f-a165-70867728950e}",
        "00000000-0000-0000-0000-000000000000",
        str(10**40),
        "é" * 36,
    ],
)
def test_an_id_that_is_no_uuid_is_refused(alert_id: str) -> None:
    error = refused(replace(GOOD, alert_id=alert_id))
    assert (error.code, error.field) == ("id_invalid", "id")


def test_an_id_in_capitals_is_the_same_press() -> None:
    assert check_alert(replace(GOOD, alert_id=GOOD.alert_id.upper()), NOW_MS).alert_id == GOOD.alert_id


def test_an_unknown_kind_is_refused_with_what_is_known() -> None:
    error = refused(replace(GOOD, kind="prank"))
    assert (error.code, error.field) == ("kind_unknown", "kind")
    assert error.message == "kind is 'prank', expected one of: emergency, drill"


@pytest.mark.parametrize(
    ("accuracy_m", "taken", "adjusted"),
    [
        (None, None, ()),
        (0, 0, ()),
        (12.6, 13, ()),
        (ACCURACY_MAX_M, ACCURACY_MAX_M, ()),
        (ACCURACY_MAX_M + 1, ACCURACY_MAX_M, ("accuracy_m",)),
        (-1, None, ("accuracy_m",)),
        (math.nan, None, ("accuracy_m",)),
        (math.inf, None, ("accuracy_m",)),
    ],
)
def test_an_odd_accuracy_is_put_right(accuracy_m: float | None, taken: int | None, adjusted: tuple[str, ...]) -> None:
    alert = check_alert(replace(GOOD, accuracy_m=accuracy_m), NOW_MS)
    assert (alert.accuracy_m, alert.adjusted) == (taken, adjusted)


@pytest.mark.parametrize(
    ("pressed_ms", "taken_ms", "adjusted"),
    [
        (None, NOW_MS, ()),
        (NOW_MS - PRESSED_BEFORE_MAX_MS, NOW_MS - PRESSED_BEFORE_MAX_MS, ()),
        (NOW_MS - PRESSED_BEFORE_MAX_MS - 1, NOW_MS, ("pressed_ms",)),
        (NOW_MS + PRESSED_AHEAD_MAX_MS, NOW_MS, ()),
        (NOW_MS + PRESSED_AHEAD_MAX_MS + 1, NOW_MS, ("pressed_ms",)),
        (-(10**30), NOW_MS, ("pressed_ms",)),
        (NOW_MS // 1000, NOW_MS, ("pressed_ms",)),  # seconds for milliseconds
    ],
)
def test_an_odd_time_of_the_press_is_put_right(pressed_ms: int | None, taken_ms: int, adjusted: tuple[str]) -> None:
    alert = check_alert(replace(GOOD, pressed_ms=pressed_ms), NOW_MS)
    assert (alert.pressed_ms, alert.adjusted) == (taken_ms, adjusted)


def test_text_is_one_line_without_tricks() -> None:
    disguised = "  ada\r\n maling\u202e !\x00\x1b[2J\u2028kedua  "
    assert check_alert(replace(GOOD, text=disguised), NOW_MS).text == "ada maling ! [2J kedua"
    assert len(check_alert(replace(GOOD, text="a" * 10_000), NOW_MS).text) == TEXT_MAX_CHARS
    assert check_alert(replace(GOOD, text=None), NOW_MS).text == ""


@given(
    st.builds(
        RawAlert,
        alert_id=st.uuids().map(str) | st.text(),
        kind=st.sampled_from(["emergency", "drill"]) | st.text(),
        lat=st.none() | st.floats(),
        lon=st.none() | st.floats(),
        accuracy_m=st.none() | st.floats(),
        pressed_ms=st.none() | st.integers(),
        text=st.none() | st.text(),
    )
)
def test_anything_is_either_refused_with_a_code_or_fit_to_send(raw: RawAlert) -> None:
    refusal = None
    try:
        alert = check_alert(raw, NOW_MS)
    except AlertRefusedError as error:
        refusal = error
    if refusal:
        assert refusal.code in ("id_invalid", "kind_unknown", "location_missing", "location_impossible")
        assert refusal.message
        return
    assert abs(alert.lat_e7) <= 900_000_000
    assert abs(alert.lon_e7) <= 1_800_000_000
    assert alert.accuracy_m is None or 0 <= alert.accuracy_m <= 65535
    assert 0 < alert.pressed_ms <= NOW_MS
    alert.text.encode()


class TestAddressRate:
    def test_so_many_at_once_and_then_one_after_another(self) -> None:
        rate = AddressRate(per_minute=30)
        assert [rate.take("10.0.0.1", NOW_MS) for _ in range(30)] == [0] * 30
        wait_ms = rate.take("10.0.0.1", NOW_MS)
        assert wait_ms == 2000
        assert rate.take("10.0.0.1", NOW_MS + wait_ms - 1) == 1
        assert rate.take("10.0.0.1", NOW_MS + wait_ms) == 0
        assert rate.take("10.0.0.1", NOW_MS + wait_ms) == 2000

    def test_a_first_press_passes_whatever_others_do(self) -> None:
        rate = AddressRate(per_minute=1)
        assert rate.take("10.0.0.1", NOW_MS) == 0
        assert rate.take("10.0.0.1", NOW_MS) > 0
        assert rate.take("10.0.0.2", NOW_MS) == 0

    def test_waiting_as_told_is_always_enough(self) -> None:
        for per_minute in (1, 7, 30, 59.9):
            rate, now_ms = AddressRate(per_minute), NOW_MS
            for _ in range(200):
                wait_ms = rate.take("a", now_ms)
                if wait_ms:
                    now_ms += wait_ms
                    assert rate.take("a", now_ms) == 0

    def test_one_subscribers_ipv6_addresses_count_together(self) -> None:
        rate = AddressRate(per_minute=1)
        assert rate.take("2001:db8:1:2::1", NOW_MS) == 0
        assert rate.take("2001:db8:1:2:ffff::9", NOW_MS) > 0
        assert rate.take("2001:db8:1:3::1", NOW_MS) == 0

    def test_an_ipv4_address_in_ipv6_clothes_is_the_same(self) -> None:
        rate = AddressRate(per_minute=1)
        assert rate.take("::ffff:10.0.0.1", NOW_MS) == 0
        assert rate.take("10.0.0.1", NOW_MS) > 0
        assert rate.take("::ffff:10.0.0.2", NOW_MS) == 0

    def test_a_clock_that_is_set_back_gives_and_takes_nothing(self) -> None:
        rate = AddressRate(per_minute=2)
        assert rate.take("a", NOW_MS) == 0
        assert rate.take("a", NOW_MS - 3_600_000) == 0
        assert rate.take("a", NOW_MS - 3_600_000) > 0

    def test_only_the_latest_addresses_are_remembered(self) -> None:
        rate = AddressRate(per_minute=1, addresses_max=2)
        for address in ("a", "b", "a", "c"):
            rate.take(address, NOW_MS)
        assert rate.take("a", NOW_MS) > 0
        assert rate.take("b", NOW_MS) == 0  # forgotten, as it pressed longest ago

    @pytest.mark.parametrize("per_minute", [0, -1, math.nan, math.inf])
    def test_a_limit_that_refuses_everyone_is_refused_itself(self, per_minute: float) -> None:
        with pytest.raises(ValueError, match="per_minute"):
            AddressRate(per_minute)
