"""The unit asks its receiver for what it needs: a simulated one that obeys, end to end."""

from dataclasses import replace
from pathlib import Path

from sigap_simulator.geometry import Truth
from sigap_simulator.receiver import HOT_START, Receiver
from sigap_tracker.position.nmea import NmeaParser
from sigap_tracker.position.receiver_watch import requests
from tests.firmware.conftest import MakeUnit
from tests.support.waiting import eventually

START_S = 1790000000
USUAL_BYTES = 500  # fewer than an M8 says in a second by default
BANDUNG = Truth(-6.9147, 107.6098, 12.0, 40.0)


def run(receiver: Receiver, parser: NmeaParser, watch: object, seconds: range) -> list[int]:
    """Bytes of each second, the unit's parser and the receiver talking to one another."""
    said = []
    for second in seconds:
        content = receiver.sentences(START_S + second, BANDUNG)
        parser.feed(bytearray(content), len(content))
        said.append(len(content))
        receiver.hear(next(watch) or b"")  # type: ignore[call-overload]
    return said


def test_a_receiver_that_obeys_says_half_as_much() -> None:
    receiver, parser = Receiver(1, replace(HOT_START, obeys=True)), NmeaParser()
    watch = requests(parser)
    said = run(receiver, parser, watch, range(120))
    assert sum(said[-60:]) < 60 * USUAL_BYTES / 2
    assert parser.setups == 1
    assert parser.paired()
    # It loses its power and says everything again.
    receiver = Receiver(1, replace(HOT_START, obeys=True))
    said = run(receiver, parser, watch, range(120, 240))
    assert parser.setups == 2
    assert sum(said[-60:]) < 60 * USUAL_BYTES / 2


def test_a_receiver_that_does_not_is_heard_as_it_is() -> None:
    receiver, parser = Receiver(1, HOT_START), NmeaParser()
    said = run(receiver, parser, requests(parser), range(200))
    assert parser.setups == 3
    assert parser.fixes == 200
    assert min(said[5:]) > USUAL_BYTES


def test_a_unit_asks_over_the_line(make_unit: MakeUnit) -> None:
    unit = make_unit(1)
    receiver = Receiver(1, replace(HOT_START, obeys=True))
    unit.start()
    told = b""

    def obeyed() -> bool:
        nonlocal told
        said = unit.told()
        told += said
        receiver.hear(said)
        return b"$PCAS02" in told

    eventually(obeyed, 15, "the last of what a receiver is told")
    assert told.startswith(b"\xb5\x62\x06\x08")
    assert b"$PMTK314" in told
    kinds = {line[3:6] for line in receiver.sentences(START_S, BANDUNG).splitlines()}
    assert kinds == {b"RMC", b"GGA"}


def test_a_recording_in_the_receivers_place_is_not_written_to(make_unit: MakeUnit, tmp_path: Path) -> None:
    recording = tmp_path / "recorded.nmea"
    recording.write_bytes(b"$GPTXT,not to be touched*00\r\n" * 40)
    before = recording.read_bytes()
    unit = make_unit(1, gps=str(recording))
    unit.start()
    # It ends, and does so again a second later.
    eventually(lambda: [event["task"] for event in unit.logged("task_failed")] == ["gps"] * 2, 15)
    assert recording.read_bytes() == before
