"""A parked car is quiet: an hour of a receiver's own wandering between houses makes no report but the regular ones."""

from collections import Counter
from dataclasses import replace

import pytest

from sigap_simulator.geometry import Truth
from sigap_simulator.receiver import HOT_START, Receiver, ReceiverModel
from sigap_tracker.position.fix_gate import FixGate
from sigap_tracker.position.nmea import NmeaParser
from sigap_tracker.position.policy import Policy
from sigap_wire.report import REASON_ANGLE, REASON_DISTANCE, REASON_EVENT, REASON_FIRST, REASON_INTERVAL, REASON_NO_FIX

PARKED = Truth(-6.9147, 107.6098)
HOUR_S = 3600
OPEN = HOT_START
# Half of the sky is hidden, and what is heard has come by way of walls.
CANYON = replace(HOT_START, mask_deg=(30.0, 8.0), range_error_m=4.0)


@pytest.mark.parametrize(("model", "gaps"), [(OPEN, 0), (CANYON, 20)], ids=["open", "canyon"])
def test_an_hour(model: ReceiverModel, gaps: int) -> None:
    receiver, parser, gate, policy = Receiver(7, model), NmeaParser(), FixGate(), Policy()
    reasons: Counter[int] = Counter()
    since_s = 0
    for second in range(HOUR_S):
        said = receiver.sentences(1790000000 + second, PARKED)
        since_s += 1
        for fix in parser.feed(bytearray(said), len(said)):
            if gate.check(fix) is None:
                since_s = 0
                reason = policy.consider(fix)
                reasons[-1 if reason is None else reason] += 1
        reasons[REASON_NO_FIX] += policy.miss(since_s) is not None
    assert reasons[REASON_FIRST] == 1
    assert 100 <= reasons[REASON_INTERVAL] <= HOUR_S / 30
    assert reasons[REASON_DISTANCE] == reasons[REASON_ANGLE] == 0
    # Where half the sky is hidden it may go dark, and that it came back is worth a report.
    assert reasons[REASON_EVENT] <= reasons[REASON_NO_FIX] <= gaps
