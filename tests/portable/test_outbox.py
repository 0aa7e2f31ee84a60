"""The outbox: what goes first, what waits, and that nothing gets lost on the way."""

from sigap_tracker.network.outbox import Outbox
from sigap_wire import topics
from sigap_wire.ack import ACCEPTED, RECEIVED, Ack
from sigap_wire.errors import WireError
from sigap_wire.report import Fix, Report
from tests.portable.checks import error_of

AT_S = 1789882530
BOOT = 3


def fix(number):
    return Fix(
        AT_S + number, -69147440 + 900 * number, 1076098110 - 700 * number, 1000 + number % 90, 100 * number % 36000
    )


def outbox(capacity=64, kept=0):
    made = Outbox(BOOT, capacity)
    for number in range(kept):
        made.keep(fix(number))
    return made


def taken(box):
    """(kind, first seq, number of fixes, token) of the next message, checked to hold the fixes it should."""
    message = box.next_message()
    if message is None:
        return None
    kind, payload, token = message
    report = Report.decode(payload)
    assert report.boot_id == BOOT
    assert report.fixes == [fix(report.seq + i) for i in range(len(report.fixes))]
    return kind, report.seq, len(report.fixes), token


def deliver_all(box):
    """Numbers of every fix that leaves, in the order of leaving."""
    numbers = []
    while True:
        found = taken(box)
        if found is None:
            return numbers
        numbers += range(found[1], found[1] + found[2])
        box.delivered(found[3])


def test_nothing_to_say():
    assert outbox().next_message() is None


def test_a_live_fix_goes_at_once():
    box = outbox()
    for number in range(5):
        box.keep(fix(number))
        kind, seq, count, token = taken(box)
        assert (kind, seq, count) == (topics.REPORT, number, 1)
        assert box.next_message() is None
        box.delivered(token)
        assert box.queued == 0
    assert box.kept == 5


def test_after_an_outage_the_newest_goes_first_and_the_rest_in_batches_behind():
    box = outbox(kept=50)
    assert box.queued == 50
    assert taken(box)[:3] == (topics.REPORT, 49, 1)
    kind, seq, count, backlog = taken(box)
    assert (kind, seq) == (topics.BACKLOG, 0)
    assert 20 <= count <= 32
    # One batch at a time: a live report waits for one message at most.
    assert box.next_message() is None
    box.keep(fix(50))
    assert taken(box)[:3] == (topics.REPORT, 50, 1)
    assert box.next_message() is None
    box.delivered(backlog)
    assert taken(box)[:2] == (topics.BACKLOG, count)


def test_every_fix_leaves_exactly_once():
    box = outbox(capacity=100, kept=100)
    numbers = deliver_all(box)
    assert numbers[0] == 99
    assert sorted(numbers) == list(range(100))
    assert numbers[1:] == list(range(99))
    assert box.queued == 0
    assert box.next_message() is None


def test_batches_stay_small():
    far = [Fix(AT_S + 3600 * i, (-1) ** i * 800000000, (-1) ** i * 1790000000, 49000 * (i % 2), 0) for i in range(40)]
    box = Outbox(BOOT, 64)
    for one in far:
        box.keep(one)
    seen = []
    while True:
        message = box.next_message()
        if message is None:
            break
        kind, payload, token = message
        assert len(payload) <= 600
        report = Report.decode(payload)
        assert len(report.fixes) <= 32
        if kind == topics.BACKLOG:
            seen += report.fixes
        box.delivered(token)
    assert seen == far[:-1]


def test_a_full_outbox_loses_its_oldest_and_counts_them():
    box = outbox(capacity=10, kept=14)
    assert (box.queued, box.dropped, box.kept) == (10, 4, 14)
    assert sorted(deliver_all(box)) == list(range(4, 14))
    assert (box.queued, box.dropped) == (0, 4)


def test_what_is_in_flight_is_not_lost_when_its_place_is_taken():
    box = outbox(capacity=10)
    tokens = []
    for number in range(10):
        box.keep(fix(number))
        tokens.append(taken(box)[3])
    for number in range(10, 15):
        box.keep(fix(number))
    assert (box.queued, box.dropped) == (10, 0)
    for token in tokens:
        box.delivered(token)
    assert box.queued == 5
    assert sorted(deliver_all(box)) == [10, 11, 12, 13, 14]
    assert (box.queued, box.dropped) == (0, 0)


def test_a_full_outbox_with_gaps_counts_right():
    box = outbox(capacity=10, kept=10)
    live = taken(box)  # the newest; the nine before it wait
    box.delivered(live[3])
    for number in range(10, 30):
        box.keep(fix(number))
    assert (box.queued, box.dropped) == (10, 19)
    assert sorted(deliver_all(box)) == list(range(20, 30))
    assert box.queued == 0


def test_places_are_used_again_for_years():
    box = outbox(capacity=8)
    for number in range(1000):
        box.keep(fix(number))
        if number % 3 == 2:
            assert sorted(deliver_all(box)) == [number - 2, number - 1, number]
    assert (box.kept, box.dropped, box.queued) == (1000, 0, 1)


def test_late_and_repeated_deliveries_change_nothing():
    box = outbox(kept=3)
    token = taken(box)[3]
    box.delivered(token)
    box.delivered(token)
    assert box.queued == 2
    assert sorted(deliver_all(box)) == [0, 1]


def test_acknowledgements_go_first_in_their_order():
    box = outbox(kept=3)
    box.put_health(b"health")
    box.put_ack(7, 1, RECEIVED, AT_S)
    box.put_ack(7, 1, ACCEPTED, AT_S + 5)
    box.put_link(b"old")
    box.put_link(b"link")
    assert box.next_message() == (topics.LINK, b"link", None)
    kind, payload, token = box.next_message()
    assert (kind, token) == (topics.ACK, None)
    assert Ack.decode(payload) == Ack(BOOT, 0, 7, 1, RECEIVED, AT_S)
    assert Ack.decode(box.next_message()[1]) == Ack(BOOT, 1, 7, 1, ACCEPTED, AT_S + 5)
    assert box.next_message()[0] == topics.REPORT
    assert box.next_message() == (topics.HEALTH, b"health", None)
    assert box.next_message()[0] == topics.BACKLOG
    assert box.next_message() is None
    box.delivered(None)


def test_a_full_outbox_keeps_its_acknowledgements():
    box = outbox(capacity=8)
    box.put_ack(7, 1, RECEIVED, 0)
    for number in range(100):
        box.keep(fix(number))
    assert box.next_message()[0] == topics.ACK


def test_acknowledgements_are_bounded_too():
    box = outbox()
    for number in range(1, 101):
        box.put_ack(number, 1, RECEIVED, 0)
    found = []
    while True:
        message = box.next_message()
        if message is None:
            break
        found.append(Ack.decode(message[1]).order_id)
    assert found == list(range(69, 101))


def test_a_fix_that_the_wire_cannot_carry_is_refused_and_takes_no_number():
    box = outbox()
    bad = fix(0)
    bad.speed_cmps = 70000
    assert "speed_cmps" in error_of(WireError, box.keep, bad)
    assert (box.kept, box.queued) == (0, 0)
    box.keep(fix(0))
    assert taken(box)[1] == 0


def test_every_value_survives_the_ring():
    fixes = [
        Fix(0xFFFFFFFF, 900000000, 1800000000, 50000, 36000, 8, 99, 9999, 4),
        Fix(0, -900000000, -1800000000, 0, 0, 0, 0, 0, 0),
        Fix(1 << 31, -1, 1, 1, 35999, 1, 1, 1, 1),
    ]
    box = Outbox(BOOT, 8)
    for one in fixes:
        box.keep(one)
        assert Report.decode(box.next_message()[1]).fixes == [one]
