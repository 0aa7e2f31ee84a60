"""What an application on trial is confirmed for, and when it is given up."""

from sigap_boot.record import BootRecord
from sigap_tracker.update.probation import (
    CONFIRM,
    DEADLINE_S,
    FORGET_CRASHES,
    GIVE_UP,
    HEALTHY_S,
    NOTHING,
    Probation,
)


def of(trial=0, needs_fix=0, crashes=0):
    record = BootRecord()
    record.trial, record.needs_fix, record.crashes = trial, needs_fix, crashes
    return Probation(record, bool(trial))


def said(probation, seconds, connected, has_fix):
    """The first thing to do within so many seconds, and in which."""
    for second in range(1, seconds + 1):
        what = probation.second(connected, has_fix)
        if what != NOTHING:
            return what, second
    return NOTHING, seconds


def test_an_application_that_is_nothing_new():
    probation = of()
    assert probation.is_over()
    assert said(probation, 2000, True, True) == (NOTHING, 2000)


def test_confirmed_as_soon_as_it_is_well():
    probation = of(trial=1, needs_fix=1)
    assert said(probation, 100, True, False) == (NOTHING, 100)
    assert said(probation, 100, False, True) == (NOTHING, 100)
    assert not probation.is_over()
    assert probation.second(True, True) == CONFIRM
    assert probation.is_over()
    assert said(probation, 2000, False, False) == (NOTHING, 2000)


def test_the_program_before_confirms_nothing():
    """Between the switch and the start that follows, it is not the one on trial."""
    record = BootRecord()
    record.trial = 1
    assert Probation(record, False).is_over()


def test_given_up_in_time():
    for connected, has_fix in ((False, False), (True, False), (False, True)):
        probation = of(trial=1, needs_fix=1)
        assert said(probation, 2000, connected, has_fix) == (GIVE_UP, DEADLINE_S)
        assert probation.is_over()


def test_no_position_is_asked_of_what_came_in_place_of_one_without():
    assert said(of(trial=1), 2000, True, False) == (CONFIRM, 1)
    assert said(of(trial=1), 2000, False, True) == (GIVE_UP, DEADLINE_S)


def test_crashes_are_forgotten_after_a_healthy_run():
    probation = of(crashes=3)
    assert not probation.is_over()
    assert probation.second(True, True) == NOTHING
    assert said(probation, 2000, False, False) == (FORGET_CRASHES, HEALTHY_S - 1)
    assert probation.is_over()


def test_a_run_that_was_never_well_forgets_nothing():
    probation = of(crashes=3)
    assert said(probation, 5000, True, False) == (NOTHING, 5000)
    assert probation.second(True, True) == FORGET_CRASHES
