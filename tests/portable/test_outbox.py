"""The outbox: what goes first, what waits, and that nothing gets lost on the way."""

from sigap_tracker.network.outbox import Outbox
from sigap_tracker.storage.flash_map import ORDER_KEY, ORDER_KEYS
from sigap_tracker.storage.journal import Journal
from sigap_tracker.storage.spool import FIXES_PER_SECTOR, Spool
from sigap_wire import topics
from sigap_wire.ack import ACCEPTED, RECEIVED, Ack
from sigap_wire.errors import WireError
from sigap_wire.report import Fix, Report
from sigap_wire.result import APPLIED, SUBJECT_CONFIG, SUBJECT_UPDATE, VERIFIED, WANTED, Result
from tests.portable.checks import error_of
from tests.portable.nor_flash import NorFlash

AT_S = 1789882530
BOOT = 3


def fix(number):
    return Fix(
        AT_S + number, -69147440 + 900 * number, 1076098110 - 700 * number, 1000 + number % 90, 100 * number % 36000
    )


SECTORS = 3


def outbox(kept=0, flash=None, boot_id=BOOT):
    """One that runs on a flash as it is; `spool` and `journal` are its own."""
    flash = flash or NorFlash(SECTORS + 2)
    made = Outbox(boot_id, Spool(flash, 0, SECTORS), Journal(flash, SECTORS, 2))
    made.flash = flash
    for number in range(kept):
        made.keep(fix(number))
    return made


def taken(box, boot_id=BOOT):
    """(kind, first seq, number of fixes, token) of the next message, checked to hold the fixes it should."""
    message = box.next_message()
    if message is None:
        return None
    kind, payload, token = message
    report = Report.decode(payload)
    assert report.boot_id == boot_id
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
        assert box.spool.queued == 0
    assert box.kept == 5


def test_after_an_outage_the_newest_goes_first_and_the_rest_in_batches_behind():
    box = outbox(kept=50)
    assert box.spool.queued == 50
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
    box = outbox(kept=100)
    numbers = deliver_all(box)
    assert numbers[0] == 99
    assert sorted(numbers) == list(range(100))
    assert numbers[1:] == list(range(99))
    assert box.spool.queued == 0
    assert box.next_message() is None


def test_batches_stay_small():
    far = [Fix(AT_S + 3600 * i, (-1) ** i * 800000000, (-1) ** i * 1790000000, 49000 * (i % 2), 0) for i in range(40)]
    box = outbox()
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


def test_a_full_spool_loses_its_oldest_and_counts_them():
    box = outbox(kept=SECTORS * FIXES_PER_SECTOR + 5)
    left = (SECTORS - 1) * FIXES_PER_SECTOR + 5
    assert (box.spool.queued, box.spool.dropped) == (left, FIXES_PER_SECTOR)
    assert sorted(deliver_all(box)) == list(range(FIXES_PER_SECTOR, box.kept))
    assert (box.spool.queued, box.spool.dropped) == (0, FIXES_PER_SECTOR)


def test_what_is_in_flight_when_its_place_is_taken_harms_nothing():
    box = outbox()
    tokens = []
    for number in range(8):
        box.keep(fix(number))
        tokens.append(taken(box)[3])
    for number in range(8, SECTORS * FIXES_PER_SECTOR + 1):
        box.keep(fix(number))
    waiting = box.spool.queued
    for token in tokens:
        box.delivered(token)
    assert box.spool.queued == waiting
    assert sorted(deliver_all(box)) == list(range(FIXES_PER_SECTOR, box.kept))
    assert box.spool.queued == 0


def test_places_are_used_again_for_years():
    box = outbox()
    for number in range(2000):
        box.keep(fix(number))
        if number % 3 == 2:
            assert sorted(deliver_all(box)) == [number - 2, number - 1, number]
    assert (box.kept, box.spool.dropped, box.spool.queued) == (2000, 0, 2)


def test_late_and_repeated_deliveries_change_nothing():
    box = outbox(kept=3)
    token = taken(box)[3]
    box.delivered(token)
    box.delivered(token)
    assert box.spool.queued == 2
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
    assert kind == topics.ACK
    box.delivered(token)
    assert Ack.decode(payload) == Ack(BOOT, 0, 7, 1, RECEIVED, AT_S)
    assert Ack.decode(box.next_message()[1]) == Ack(BOOT, 1, 7, 1, ACCEPTED, AT_S + 5)
    assert box.next_message()[0] == topics.REPORT
    assert box.next_message() == (topics.HEALTH, b"health", None)
    assert box.next_message()[0] == topics.BACKLOG
    assert box.next_message() is None
    box.delivered(None)


def test_a_full_spool_keeps_its_acknowledgements():
    box = outbox()
    box.put_ack(7, 1, RECEIVED, 0)
    for number in range(SECTORS * FIXES_PER_SECTOR + 1):
        box.keep(fix(number))
    assert outbox(flash=box.flash).next_message()[0] == topics.ACK


def acks(box):
    """(boot_id, seq, order_id) of the acknowledgements that go next, and their tokens."""
    found, tokens = [], []
    while True:
        message = box.next_message()
        if message is None or message[0] != topics.ACK:
            return found, tokens
        ack = Ack.decode(message[1])
        found.append((ack.boot_id, ack.seq, ack.order_id))
        tokens.append(message[2])


def test_acknowledgements_are_bounded_too():
    box = outbox()
    for number in range(1, 101):
        box.put_ack(number, 1, RECEIVED, 0)
    expected = [(BOOT, number - 1, number) for number in range(69, 101)]
    assert acks(outbox(flash=box.flash))[0] == expected
    assert acks(box)[0] == expected


def test_acknowledgements_outlive_restarts_until_the_server_has_them():
    box = outbox()
    for number in (1, 2, 3):
        box.put_ack(number, 1, RECEIVED, 0)
    found, tokens = acks(box)
    assert found == [(BOOT, 0, 1), (BOOT, 1, 2), (BOOT, 2, 3)]
    box.delivered(tokens[1])
    box.delivered(tokens[1])
    # Sent and not confirmed: again, in their order, before those of this start.
    box = outbox(flash=box.flash, boot_id=BOOT + 1)
    box.put_ack(4, 1, RECEIVED, 0)
    found, tokens = acks(box)
    assert found == [(BOOT, 0, 1), (BOOT, 2, 3), (BOOT + 1, 0, 4)]
    for token in tokens:
        box.delivered(token)
    assert acks(outbox(flash=box.flash, boot_id=BOOT + 2))[0] == []


def test_a_late_confirmation_of_what_was_given_up_harms_no_other():
    box = outbox()
    for number in range(1, 33):
        box.put_ack(number, 1, RECEIVED, 0)
    tokens = acks(box)[1]
    box.put_ack(33, 1, RECEIVED, 0)  # in the place of the first
    box.delivered(tokens[0])
    assert acks(box)[0] == [(BOOT, 32, 33)]
    assert len(acks(outbox(flash=box.flash))[0]) == 32


def test_results_outlive_restarts_between_the_acknowledgements_in_their_order():
    box = outbox()
    box.put_result(SUBJECT_CONFIG, 5, APPLIED, detail="policy.distance_m")
    box.put_ack(1, 1, RECEIVED, 0)
    box.put_result(SUBJECT_UPDATE, 9, VERIFIED)
    first = Result(BOOT, 0, SUBJECT_CONFIG, 5, APPLIED, 0, "policy.distance_m")
    expected = [first, None, Result(BOOT, 1, SUBJECT_UPDATE, 9, VERIFIED)]
    for each in (box, outbox(flash=box.flash, boot_id=BOOT + 1)):
        for one in expected:
            kind, payload, token = each.next_message()
            if one:
                assert (kind, Result.decode(payload)) == (topics.RESULT, one)
            else:
                assert (kind, Ack.decode(payload).order_id) == (topics.ACK, 1)
        assert each.next_message() is None
    each.delivered(token)
    assert outbox(flash=box.flash).next_message()[0] == topics.RESULT
    for number in range(6):
        each.put_result(SUBJECT_CONFIG, number, APPLIED)
    again = outbox(flash=box.flash)
    assert again.next_message()[0] == topics.ACK
    assert [Result.decode(again.next_message()[1]).number for _ in range(4)] == [2, 3, 4, 5]
    assert again.next_message() is None


def test_of_what_is_wanted_only_the_latest_is_asked_for_and_not_after_a_restart():
    box = outbox(kept=2)
    box.put_result(SUBJECT_UPDATE, 9, WANTED, 512)
    box.put_result(SUBJECT_UPDATE, 9, WANTED, 1024)
    assert outbox(flash=box.flash).next_message()[0] == topics.BACKLOG
    assert taken(box)[0] == topics.REPORT
    kind, payload, token = box.next_message()
    assert (kind, token) == (topics.RESULT, None)
    assert Result.decode(payload) == Result(BOOT, 1, SUBJECT_UPDATE, 9, WANTED, 1024)
    assert box.next_message()[0] == topics.BACKLOG


def test_a_reason_is_cut_to_what_the_wire_takes():
    box = outbox()
    box.put_result(SUBJECT_CONFIG, 1, APPLIED, 0, "é" * 200)
    assert Result.decode(box.next_message()[1]).detail == "é" * 96


def test_the_journal_holds_all_that_may_be_owed():
    box = outbox()
    for _ in range(40):
        box.put_ack(0xFFFFFFFF, 0xFFFF, RECEIVED, 0xFFFFFFFF)
        box.put_result(SUBJECT_CONFIG, 0xFFFFFFFF, APPLIED, 0xFFFFFFFF, "x" * 192)
    # And the orders on the screen beside it.
    for key in range(ORDER_KEY, ORDER_KEY + ORDER_KEYS):
        box.journal.put(key, b"x" * 320)
    box.put_ack(0xFFFFFFFF, 0xFFFF, RECEIVED, 0xFFFFFFFF)
    assert box.flash_failures == 0


def test_what_was_kept_before_a_restart_follows_as_backlog_under_its_own_numbers():
    box = outbox(kept=40)
    live = taken(box)
    box.delivered(live[3])
    taken(box)  # a batch that nobody confirmed
    box = outbox(flash=box.flash, boot_id=BOOT + 1)
    assert box.spool.queued == 39
    assert box.kept == 0
    box.keep(fix(0))
    assert taken(box, BOOT + 1)[:3] == (topics.REPORT, 0, 1)
    kind, seq, count, token = taken(box)
    assert (kind, seq) == (topics.BACKLOG, 0)
    box.delivered(token)
    assert taken(box)[:3] == (topics.BACKLOG, count, 39 - count)


def test_a_flash_that_fails_stops_nothing():
    box = outbox(flash=BrokenFlash(SECTORS + 2))
    box.flash.broken = True
    box.keep(fix(0))
    kind, seq, count, token = taken(box)
    assert (kind, seq, count) == (topics.REPORT, 0, 1)
    box.delivered(token)
    box.put_ack(7, 1, RECEIVED, 0)
    kind, _, token = box.next_message()
    assert kind == topics.ACK
    box.delivered(token)
    assert box.next_message() is None
    assert box.flash_failures >= 2
    box.flash.broken = False
    box.keep(fix(1))
    assert taken(box)[1] == 1
    assert box.spool.queued == 1


class BrokenFlash(NorFlash):
    broken = False

    def write(self, at, data):
        if self.broken:
            raise OSError("no")
        NorFlash.write(self, at, data)


def test_a_fix_that_the_wire_cannot_carry_is_refused_and_takes_no_number():
    box = outbox()
    bad = fix(0)
    bad.speed_cmps = 70000
    assert "speed_cmps" in error_of(WireError, box.keep, bad)
    assert (box.kept, box.spool.queued) == (0, 0)
    assert box.next_message() is None
    box.keep(fix(0))
    assert taken(box)[1] == 0
