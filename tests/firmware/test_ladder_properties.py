"""The ladder whatever happens, its clock starting near the end of its period."""

from hypothesis import given
from hypothesis import strategies as st

from sigap_tracker.clock import TICKS_PERIOD_MS
from sigap_tracker.network.ladder import LINE_RESTART, MODEM_POWER, MODEM_RESET, REBOOT, RECONNECT, Ladder

happenings = st.lists(
    st.tuples(st.sampled_from(["dead", "dead", "dead", "reached", "heard"]), st.integers(0, 3_000_000)), max_size=300
)
BELOW = {LINE_RESTART: RECONNECT, MODEM_RESET: LINE_RESTART, MODEM_POWER: MODEM_RESET, REBOOT: MODEM_POWER}


@given(
    happenings,
    st.integers(TICKS_PERIOD_MS - 3_000_000, TICKS_PERIOD_MS - 1),
    st.integers(10, 600),
    st.integers(300, 7200),
    st.booleans(),
    st.integers(0, 40),
)
def test_rungs(
    rows: list[tuple[str, int]], start_ms: int, patience_s: int, reboot_s: int, has_modem: bool, reboots: int
) -> None:
    ladder = Ladder(start_ms, patience_s, reboot_s, has_modem, reboots)
    now_ms = last_ms = silent_ms = 0  # true times since the start, which do not wrap
    rung_before = RECONNECT
    counts = [0] * 5
    for what, passed_ms in rows:
        now_ms += passed_ms
        ticks_ms = (start_ms + now_ms) % TICKS_PERIOD_MS
        if what == "heard":
            ladder.heard(ticks_ms)
            rung_before, last_ms, silent_ms, reboots = RECONNECT, now_ms, now_ms, 0
            continue
        due_s = min(reboot_s << min(reboots, 15), 6 * 3600)
        rung = ladder.failed(ticks_ms, what == "reached")
        counts[rung] += 1
        if rung != RECONNECT:
            # Not before its patience is over, nor before the rung below it.
            assert now_ms - last_ms > patience_s * 1000 - 1000
            below = BELOW[rung] if has_modem or rung != REBOOT else LINE_RESTART
            assert rung == LINE_RESTART or rung_before == below
            assert has_modem or rung in (LINE_RESTART, REBOOT)
            assert what == "dead" or rung == LINE_RESTART
            rung_before, last_ms = rung, now_ms
        elif what == "reached":
            rung_before = min(rung_before, LINE_RESTART)
        if rung == REBOOT:
            assert now_ms - silent_ms > due_s * 1000 - 1000
            silent_ms = now_ms
            reboots += 1
        assert ladder.reboots == reboots
    assert ladder.counts == counts


@given(st.integers(10, 600), st.integers(300, 7200), st.booleans(), st.integers(1, 60))
def test_a_dead_line_comes_to_a_reboot(patience_s: int, reboot_s: int, has_modem: bool, attempt_s: int) -> None:
    """Within the time that it is due in and four rungs of the longest patience, whatever the settings."""
    ladder = Ladder(TICKS_PERIOD_MS - 1, patience_s, reboot_s, has_modem)
    for passed_s in range(attempt_s, reboot_s + 4 * 3600 + 5 * attempt_s, attempt_s):
        if ladder.failed((TICKS_PERIOD_MS - 1 + passed_s * 1000) % TICKS_PERIOD_MS, False) == REBOOT:
            assert passed_s >= reboot_s
            return
    raise AssertionError("no reboot")
