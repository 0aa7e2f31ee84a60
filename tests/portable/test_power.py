"""The ignition's and the voltage's seconds, one by one."""

from sigap_tracker.power import IGNITION_OFF, IGNITION_ON, LOW, LOW_OVER, NOTHING, SHUT_DOWN, Power


def power_of(off_delay_s, low_mv, cutoff_mv):
    power = Power()
    power.configure(off_delay_s, low_mv, 30, cutoff_mv)
    return power


def events(power, count, ignition=True, supply_mv=12600, busy=False):
    """[(second, what)] of what happened; ends with SHUT_DOWN."""
    found = []
    for second in range(1, count + 1):
        happened = power.second(ignition, supply_mv, busy)
        if happened != NOTHING:
            found.append((second, happened))
        if happened == SHUT_DOWN:
            break
    return found


def test_a_car_that_drives_is_left_alone():
    assert events(power_of(120, 11800, 11000), 10000) == []


def test_ignition_off_is_noticed_and_ends_the_unit_after_its_delay():
    assert events(power_of(120, 0, 0), 1000, ignition=False) == [(3, IGNITION_OFF), (124, SHUT_DOWN)]
    assert events(power_of(0, 0, 0), 1000, ignition=False) == [(3, IGNITION_OFF), (4, SHUT_DOWN)]


def test_a_contact_that_bounces_is_none():
    power = power_of(0, 0, 0)
    for _ in range(100):
        assert events(power, 2, ignition=False) + events(power, 1) == []


def test_back_on_goes_on():
    power = power_of(120, 0, 0)
    assert events(power, 100, ignition=False) == [(3, IGNITION_OFF)]
    assert events(power, 1000) == [(3, IGNITION_ON)]
    assert events(power, 100, ignition=False) == [(3, IGNITION_OFF)]


def test_nobody_is_left_alone_on_an_assignment():
    power = power_of(120, 0, 0)
    assert events(power, 5000, ignition=False, busy=True) == [(3, IGNITION_OFF)]
    assert events(power, 1000, ignition=False) == [(121, SHUT_DOWN)]


def test_without_an_ignition_wire_only_the_voltage_counts():
    assert events(power_of(10, 11800, 11000), 5000, ignition=None) == []
    assert events(power_of(10, 11800, 11000), 5000, ignition=None, supply_mv=10900) == [(10, SHUT_DOWN)]


def test_low_and_over_with_time_and_hysteresis():
    power = power_of(120, 11800, 11000)
    assert events(power, 100, supply_mv=11799) == [(30, LOW)]
    assert events(power, 100, supply_mv=12099) == []
    assert power.low
    assert events(power, 100, supply_mv=12100) == [(30, LOW_OVER)]
    assert not power.low


def test_an_engine_that_starts_is_no_low_battery():
    power = power_of(120, 11800, 11000)
    assert events(power, 29, supply_mv=9000) + events(power, 100) == []


def test_an_empty_battery_ends_the_unit_even_on_an_assignment_but_not_with_the_ignition_on():
    power = power_of(86400, 11800, 11000)
    assert events(power, 1000, supply_mv=10900, busy=True) == [(30, LOW)]
    assert events(power, 1000, ignition=False, supply_mv=10900, busy=True) == [(3, IGNITION_OFF), (11, SHUT_DOWN)]


def test_a_bench_is_no_car():
    for supply_mv in (None, 0, 5000):
        assert events(power_of(120, 11800, 11000), 1000, ignition=None, supply_mv=supply_mv) == []


def test_zero_means_never():
    assert events(power_of(120, 0, 0), 1000, ignition=None, supply_mv=6000) == []
