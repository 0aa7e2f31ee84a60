"""Who is alive, who failed how often, and when a new start is wanted."""

from sigap_tracker.supervisor import GPS, MQTT, OUTPUT, SECOND, TASK_NAMES, Supervisor

WATCHED = (GPS, MQTT, SECOND)


def seconds(supervisor, count, alive):
    """What second() said in turn while these tasks checked in."""
    said = []
    for _ in range(count):
        for task in alive:
            supervisor.check_in(task)
        said.append(supervisor.second())
    return said


def test_nobody_is_stuck_who_checks_in():
    assert set(seconds(Supervisor(), 1000, WATCHED)) == {-1}


def test_who_says_nothing_is_stuck_after_its_time_and_until_it_checks_in():
    supervisor = Supervisor()
    supervisor.allow_s(GPS, 20)
    said = seconds(supervisor, 50, (MQTT, SECOND))
    assert said == [-1] * 20 + [GPS] * 30
    supervisor.check_in(GPS)
    assert seconds(supervisor, 20, (MQTT, SECOND)) == [-1] * 20


def test_output_may_be_silent():
    assert OUTPUT not in seconds(Supervisor(), 1000, WATCHED)


def test_a_long_allowance_is_kept_without_counting_over():
    supervisor = Supervisor()
    supervisor.allow_s(MQTT, 100000)
    assert set(seconds(supervisor, 70000, (GPS, SECOND))) == {-1}


def test_waiting_grows_and_starts_over_after_a_steady_time():
    supervisor = Supervisor()
    assert [supervisor.failed(GPS, False) for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    seconds(supervisor, 100, WATCHED)
    assert supervisor.failed(GPS, False) == 60
    seconds(supervisor, 121, WATCHED)
    assert supervisor.failed(GPS, False) == 1
    assert supervisor.failed(MQTT, False) == 1
    assert [supervisor.failures[task] for task in range(len(TASK_NAMES))] == [0, 11, 1, 0]


def test_the_world_may_fail_for_ever():
    supervisor = Supervisor()
    for _ in range(70000):
        supervisor.failed(GPS, False)
    assert supervisor.reset_for == ""
    assert supervisor.failures[GPS] == 0xFFFF


def test_a_fault_over_and_over_wants_a_new_start():
    supervisor = Supervisor()
    for _ in range(5):
        supervisor.failed(MQTT, True)
        supervisor.failed(GPS, True)
    assert supervisor.reset_for == ""
    supervisor.failed(MQTT, True)
    assert supervisor.reset_for == "task mqtt failed 6 times"


def test_faults_with_a_steady_time_between_them_do_not():
    supervisor = Supervisor()
    for _ in range(20):
        supervisor.failed(MQTT, True)
        seconds(supervisor, 121, WATCHED)
    assert supervisor.reset_for == ""


def test_maintenance_ends_by_itself():
    supervisor = Supervisor()
    supervisor.maintenance_s = 3
    seen = []
    for _ in range(5):
        supervisor.second()
        seen.append(supervisor.maintenance_s)
    assert seen == [2, 1, 0, 0, 0]
