"""Units on their way: drives by hand, with what is found at which second, and what holds for any drive."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.dispatch.choice import choose
from sigap_server.dispatch.policy import ChoiceRules, Policy, PolicyError, WatchRules
from sigap_server.dispatch.watch import Finding, Glimpse, News, Progress, Watched, better_unit, watch
from tests.server.weighing_world import NEED, NOW_MS, STRICT, a_unit, a_weighing

POLICY = Policy()
ORDER = Watched(offered_ms=NOW_MS - 5000, assigned_ms=NOW_MS, promised_s=300)


def seen(
    after_s: float,
    eta_s: float | None,
    speed_mps: float = 10,
    age_s: float | None = 1,
    distance_m: float | None = None,
    is_lost: bool = False,
    silent_s: float | None = -1,
) -> Glimpse:
    """By default a car that drives at 10 m/s on a straight street to the place, heard of when it was seen."""
    if distance_m is None and eta_s is not None:
        distance_m = eta_s * 10
    silent_s = age_s if silent_s == -1 else silent_s
    return Glimpse(NOW_MS + round(after_s * 1000), eta_s, distance_m, age_s, speed_mps, silent_s, is_lost)


def story(*glimpses: Glimpse, order: Watched = ORDER) -> list[tuple[float, str]]:
    """What is found when: "+" begins, "-" ends."""
    told: list[tuple[float, str]] = []
    for glimpse in glimpses:
        news = watch(order, glimpse, POLICY)
        at_s = (glimpse.now_ms - NOW_MS) / 1000
        told += [(at_s, "+" + finding) for finding in news.begun]
        told += [(at_s, "-" + finding) for finding in news.ended]
        told += [(at_s, "arrived")] if news.has_arrived else []
        order = order.after(news)
    return told


class TestOnItsWay:
    def test_a_drive_as_it_should_be(self) -> None:
        drive = [seen(t, 300 - t) for t in range(0, 295, 5)]
        assert story(*drive, seen(296, 4, speed_mps=1)) == [(296, "arrived")]

    def test_how_near_it_came_is_kept_in_steps(self) -> None:
        order, kept = ORDER, []
        for t in range(296):
            news = watch(order, seen(t, 300 - t), POLICY)
            kept += [news.progress] if news.progress else []
            order = order.after(news)
        assert [step.eta_s for step in kept] == [300, 240, 192, 153, 122, 97, 77, 57, 37, 17]
        assert (order.first, order.nearest) == (Progress(NOW_MS, 300, 3000), Progress(NOW_MS + 283_000, 17, 170))


class TestNotMoving:
    def test_after_the_turnout_limit(self) -> None:
        stand = [seen(t, 300, speed_mps=0) for t in range(0, 100, 10)]
        assert story(*stand) == [(60, "+not_moving")]

    def test_it_ends_when_the_unit_has_moved_not_when_its_receiver_is_noisy(self) -> None:
        drive = [seen(0, 300, 0), seen(60, 300, 0), seen(61, 299, 2.5), seen(62, 300, 0), seen(80, 281), seen(90, 280)]
        assert story(*drive) == [(60, "+not_moving"), (90, "-not_moving")]

    def test_counted_from_when_it_was_seen_first(self) -> None:
        assert story(*(seen(t, 300, speed_mps=0) for t in range(50, 120, 10))) == [(110, "+not_moving")]

    def test_who_drives_at_the_limit_is_not_warned_of(self) -> None:
        assert story(seen(0, 300, 0), seen(60, 299, speed_mps=2)) == []

    def test_a_halt_later_on_is_not_one(self) -> None:
        assert story(seen(0, 300), seen(55, 245), seen(70, 245, 0), seen(100, 245, 0)) == []

    def test_receiver_noise_of_a_standing_car(self) -> None:
        jitter = [
            seen(t, 300 + (t * 7) % 15 - 7, speed_mps=(t % 3) * 0.5, distance_m=3000 + t % 11) for t in range(120)
        ]
        assert story(*jitter, order=replace(ORDER, promised_s=None)) == [(60, "+not_moving")]


class TestMovingAway:
    def test_by_time_and_by_distance(self) -> None:
        away = [seen(t, 300 + t) for t in range(0, 100, 20)]
        assert story(*away) == [(60, "+eta_slipping"), (80, "+moving_away")]

    def test_it_ends_half_way_back(self) -> None:
        order = replace(ORDER, promised_s=None, first=Progress(NOW_MS, 300, 3000), nearest=Progress(NOW_MS, 100, 1000))
        drive = [seen(0, 160.1), seen(1, 160), seen(2, 131), seen(3, 130), seen(4, 160)]
        assert story(*drive, order=order) == [(0, "+moving_away"), (3, "-moving_away")]

    def test_a_position_that_snaps_to_the_other_carriageway_is_no_driving_away(self) -> None:
        drive = [seen(0, 300), seen(10, 290), seen(11, 400, distance_m=2890), seen(12, 288), seen(13, 287)]
        assert story(*drive) == []

    def test_a_long_way_round_is_even_if_it_is_no_further_by_straight_line(self) -> None:
        drive = [seen(0, 300), seen(10, 290), seen(20, 481, distance_m=2800)]
        assert (20, "+moving_away") in story(*drive)

    def test_a_detour_that_was_reckoned_with_is_not(self) -> None:
        """Away from the place by straight line, to the bridge: the travel time shrinks."""
        assert story(*(seen(t, 300 - t, distance_m=1000 + 10 * t) for t in range(0, 100, 10))) == []


class TestSlipping:
    def test_later_than_promised_by_two_minutes(self) -> None:
        """Offered 5 s before: after 100 s another 310 s are 115 s too many."""
        assert story(seen(0, 300), seen(100, 315), seen(101, 314.1), seen(150, 215), seen(160, 195)) == [
            (101, "+eta_slipping"),
            (160, "-eta_slipping"),
        ]

    def test_on_a_long_way_by_a_share_of_it(self) -> None:
        order = replace(ORDER, promised_s=1000)
        assert story(seen(95, 1200), order=order) == []
        assert story(seen(95, 1200.1), order=order) == [(95, "+eta_slipping")]

    def test_nothing_was_promised(self) -> None:
        assert story(seen(0, 300), seen(3000, 290), order=replace(ORDER, promised_s=None)) == []


class TestLost:
    def test_by_silence_and_back(self) -> None:
        drive = [seen(60, 240, age_s=60), seen(61, 240, age_s=60.1), seen(62, 240, age_s=31), seen(63, 240, age_s=30)]
        assert story(seen(0, 300), *drive) == [(61, "+link_lost"), (63, "-link_lost")]

    def test_by_its_last_will(self) -> None:
        assert story(seen(10, 290, is_lost=True), seen(12, 288)) == [(10, "+link_lost"), (12, "-link_lost")]

    def test_connected_but_without_a_position_that_is_of_now(self) -> None:
        assert story(seen(10, 290, age_s=None, silent_s=1)) == [(10, "+no_position")]
        drive = [seen(61, 240, age_s=60.1, silent_s=1), seen(62, 240, age_s=31, silent_s=1), seen(63, 240, age_s=30)]
        assert story(*drive) == [(61, "+no_position"), (63, "-no_position")]

    def test_one_of_both_is_said(self) -> None:
        drive = [seen(61, 240, age_s=61, silent_s=1), seen(120, 240, age_s=120, silent_s=61), seen(130, 200)]
        assert story(*drive) == [
            (61, "+no_position"),
            (120, "+link_lost"),
            (120, "-no_position"),
            (130, "-link_lost"),
        ]

    def test_who_was_not_heard_of_since_the_server_began_is_not_lost_for_that(self) -> None:
        assert story(seen(10, 290, age_s=20, silent_s=None)) == []

    def test_of_an_old_position_nothing_else_is_said_and_nothing_is_taken_back(self) -> None:
        old = [seen(t, 300, 0, age_s=31) for t in range(0, 200, 20)]
        assert story(*old) == []
        order = replace(ORDER, warnings=frozenset({Finding.NOT_MOVING, Finding.ETA_SLIPPING}))
        assert story(seen(90, 100, age_s=31), order=order) == []
        assert story(seen(90, 100, age_s=61), order=order) == [(90, "+link_lost")]
        assert story(seen(90, 3, 0, age_s=31), order=ORDER) == []


class TestNoWay:
    def test_a_closed_road_under_the_car(self) -> None:
        drive = [seen(10, None, distance_m=2000), seen(20, None, distance_m=2000), seen(30, 270)]
        assert story(*drive) == [(10, "+no_way"), (30, "-no_way")]

    def test_a_yard_near_the_place_is_none(self) -> None:
        assert story(seen(10, None, distance_m=200)) == []
        assert story(seen(10, None, distance_m=None)) == []


class TestArrival:
    def test_slow_and_near(self) -> None:
        assert story(seen(100, 40, 1.9, distance_m=50)) == [(100, "arrived")]
        assert story(seen(100, 40, 1.9, distance_m=50.1)) == []
        assert story(seen(100, 40, 2, distance_m=50)) == []

    def test_the_place_is_known_to_be_within_a_radius(self) -> None:
        order = replace(ORDER, accuracy_m=80)
        assert story(seen(100, 40, 0, distance_m=130), order=order) == [(100, "arrived")]
        assert story(seen(100, 40, 0, distance_m=131), order=order) == []
        assert story(seen(100, 40, 0, distance_m=201), order=replace(ORDER, accuracy_m=5000)) == []

    def test_by_travel_time(self) -> None:
        assert story(seen(100, 5, 0, distance_m=70)) == [(100, "arrived")]
        assert story(seen(100, 5.1, 0, distance_m=70)) == []

    def test_off_the_road(self) -> None:
        assert story(seen(100, None, 0, distance_m=40)) == [(100, "arrived")]

    def test_all_warnings_end_and_none_begins(self) -> None:
        order = replace(ORDER, warnings=frozenset({Finding.ETA_SLIPPING}))
        drive = [seen(900, 2, 0), seen(1000, 900, age_s=500)]
        assert story(*drive, order=order) == [(900, "-eta_slipping"), (900, "arrived")]


class TestBetterUnit:
    CHOICE = choose(
        replace(NEED, not_units=frozenset({"on its way"})),
        a_weighing(
            a_unit("on its way", 10),
            a_unit("taken", 5, held_id=9, held_priority=5, phase="assigned"),
            a_unit("free", 150),
        ),
        STRICT,
    )

    def test_it_must_be_there_much_sooner(self) -> None:
        better = better_unit(self.CHOICE, 210, POLICY)
        assert better is not None
        assert better.unit_id == "free"
        assert better_unit(self.CHOICE, 209.9, POLICY) is None

    def test_any_is_better_than_one_that_never_comes(self) -> None:
        assert better_unit(self.CHOICE, None, POLICY) is not None
        assert better_unit(choose(NEED, a_weighing(), STRICT), None, POLICY) is None


GLIMPSES = st.builds(
    Glimpse,
    now_ms=st.integers(0, 1_000_000).map(lambda after_ms: NOW_MS + after_ms),
    eta_s=st.none() | st.floats(0, 2000),
    distance_m=st.none() | st.floats(0, 20_000),
    age_s=st.none() | st.floats(0, 200),
    speed_mps=st.floats(0, 30),
    silent_s=st.none() | st.floats(0, 200),
    is_lost=st.booleans(),
)
ORDERS = st.builds(
    Watched,
    offered_ms=st.just(NOW_MS - 10_000),
    assigned_ms=st.just(NOW_MS),
    promised_s=st.none() | st.floats(0, 2000),
    accuracy_m=st.none() | st.integers(0, 5000),
)


def looks(order: Watched, glimpses: Iterable[Glimpse]) -> Iterable[tuple[Watched, Glimpse, News]]:
    for glimpse in glimpses:
        news = watch(order, glimpse, POLICY)
        yield order, glimpse, news
        order = order.after(news)


@given(ORDERS, st.lists(GLIMPSES, max_size=30))
def test_any_drive(order: Watched, glimpses: list[Glimpse]) -> None:
    for before, glimpse, news in looks(order, glimpses):
        after = before.after(news)
        assert not watch(after, glimpse, POLICY), "the same look again has no news"
        assert before.warnings.isdisjoint(news.begun)
        assert before.warnings.issuperset(news.ended)
        assert not (after.has_arrived and after.warnings)
        assert bool(news) is (after != before)
        if before.has_arrived:
            assert not news
        if glimpse.age_s is None or glimpse.age_s > 30:
            assert not news.progress
            assert not news.has_arrived
            assert {*news.begun, *news.ended} <= {Finding.LINK_LOST, Finding.NO_POSITION}


@given(ORDERS, st.lists(GLIMPSES, max_size=12), GLIMPSES, st.lists(st.floats(-9, 9), min_size=2, max_size=20))
def test_noise_does_not_make_a_warning_come_and_go(
    order: Watched, glimpses: list[Glimpse], last: Glimpse, noise_s: list[float]
) -> None:
    """A car that stays where it is, but for some seconds of noise, is warned of once at most by each kind."""
    for before, glimpse, news in looks(order, glimpses):
        order = before.after(news) if glimpse else order
    if last.eta_s is None or last.eta_s < 20:
        return
    last = replace(last, age_s=1.0, silent_s=1.0, is_lost=False)
    noisy = [replace(last, eta_s=last.eta_s + by_s) for by_s in noise_s]  # type: ignore[operator]
    changes = [finding for _, _, news in looks(order, noisy) for finding in (*news.begun, *news.ended)]
    assert all(changes.count(finding) <= 2 for finding in Finding)


@pytest.mark.parametrize("rules", [WatchRules, ChoiceRules])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_rules_that_make_no_sense_are_refused_by_name(rules: type[WatchRules | ChoiceRules], value: float) -> None:
    for name, default in ((field, getattr(rules(), field)) for field in rules.__dataclass_fields__):
        if name == "cover_points":
            continue
        with pytest.raises(PolicyError, match=name):
            rules(**{name: (value,) * 5 if isinstance(default, tuple) else value})


def test_a_position_may_not_be_judged_for_longer_than_silence() -> None:
    with pytest.raises(PolicyError, match="max_fix_age_s is 61, expected no more than lost_after_s, 60"):
        WatchRules(max_fix_age_s=61)
