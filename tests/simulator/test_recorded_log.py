"""A recording is replayed whole, byte for byte, at the pace of its own times."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_simulator.errors import RecordingError, SettingError
from sigap_simulator.nmea_sentence import frame
from sigap_simulator.recorded_log import LogReceiver, first_fix

SILENT_S = 1.0


def rmc(clock: str, status: str = "A") -> bytes:
    return frame(f"GPRMC,{clock},{status},0654.88200,S,10736.58800,E,10.0,90.0,010126,,,A")


def gga(clock: str) -> bytes:
    return frame(f"GPGGA,{clock},0654.88200,S,10736.58800,E,1,08,1.0,720.0,M,20.0,M,,")


GSV = frame("GPGSV,1,1,00")


def replayed(path: Path, content: bytes, **options: float) -> list[tuple[float, bytes]]:
    path.write_bytes(content)
    return list(LogReceiver(path, **options))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "drive.nmea"


def test_sentences_of_one_time_go_together(log: Path) -> None:
    first, second = rmc("120000") + gga("120000") + GSV, rmc("120002") + gga("120002") + GSV
    assert replayed(log, first + second) == [(0.0, first), (2.0, second)]


def test_speed_divides_the_delays(log: Path) -> None:
    pieces = replayed(log, rmc("120000") + rmc("120001"), speed=4.0)
    assert [delay_s for delay_s, _ in pieces] == [0.0, 0.25]


def test_tenths_of_seconds_are_kept(log: Path) -> None:
    pieces = replayed(log, rmc("120000.10") + rmc("120000.20"))
    assert [delay_s for delay_s, _ in pieces] == pytest.approx([0.0, 0.1])


def test_midnight_is_a_small_step(log: Path) -> None:
    pieces = replayed(log, rmc("235959") + rmc("000001"))
    assert [delay_s for delay_s, _ in pieces] == [0.0, 2.0]


def test_a_jump_back_does_not_stop_the_replay(log: Path) -> None:
    pieces = replayed(log, rmc("120010") + rmc("120000") + rmc("120001"))
    assert [delay_s for delay_s, _ in pieces] == [0.0, SILENT_S, 1.0]


def test_a_long_gap_is_cut_short(log: Path) -> None:
    pieces = replayed(log, rmc("120000") + rmc("140000"), longest_gap_s=10.0)
    assert [delay_s for delay_s, _ in pieces] == [0.0, 10.0]


def test_without_times_the_cycle_of_sentences_counts(log: Path) -> None:
    void = frame("GPGGA,,,,,,0,,,,M,,M,,") + frame("GPRMC,,V,,,,,,,,,,N") + GSV
    timed = gga("120000") + rmc("120000") + GSV
    assert replayed(log, void + void + timed) == [(0.0, void), (SILENT_S, void), (SILENT_S, timed)]


def test_a_time_found_within_a_cycle_stays_in_it(log: Path) -> None:
    first = frame("GPGGA,,,,,,0,,,,M,,M,,") + rmc("120000", "V")
    assert replayed(log, first + rmc("120003")) == [(0.0, first), (3.0, rmc("120003"))]


def test_noise_without_times_flows_like_a_serial_line(log: Path) -> None:
    content = bytes(range(256)) * 40
    pieces = replayed(log, content)
    assert b"".join(piece for _, piece in pieces) == content
    assert sum(delay_s for delay_s, _ in pieces) == pytest.approx(len(content) / 960.0, rel=0.25)


@given(
    lines=st.lists(
        st.one_of(
            st.binary(max_size=80),
            st.integers(0, 86399).map(lambda s: rmc(f"{s // 3600:02d}{s // 60 % 60:02d}{s % 60:02d}")),
            st.sampled_from([GSV, frame("GPRMC,,V,,,,,,,,,,N"), b"\r\n", gga("996199.9")]),
        ),
        min_size=1,
    ).filter(any),
    speed=st.floats(0.1, 100.0),
)
def test_the_pieces_joined_are_the_file(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], speed: float
) -> None:
    content = b"".join(lines)
    pieces = replayed(tmp_path_factory.mktemp("log") / "x", content, speed=speed, longest_gap_s=10.0)
    assert b"".join(piece for _, piece in pieces) == content
    assert all(piece for _, piece in pieces)
    assert all(0.0 <= delay_s <= 10.0 / speed for delay_s, _ in pieces)


def test_the_first_fix_is_valid_and_has_a_right_checksum() -> None:
    damaged = rmc("120000").replace(b"0654", b"0754")
    fix = first_fix(rmc("120000", "V") + damaged + rmc("120001"))
    assert fix is not None
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((-6.9147, 107.6098))
    assert fix.speed_mps == pytest.approx(5.144, abs=0.001)
    assert first_fix(damaged) is None


@pytest.mark.parametrize("content", [None, b""])
def test_a_log_that_cannot_be_replayed_is_named(log: Path, content: bytes | None) -> None:
    if content is not None:
        log.write_bytes(content)
    with pytest.raises(RecordingError, match=log.name):
        LogReceiver(log)


def test_an_impossible_speed_is_refused(log: Path) -> None:
    with pytest.raises(SettingError, match="speed is 0"):
        replayed(log, GSV, speed=0.0)


def test_recorded_logs_play_in_their_own_time(shared_data: Path) -> None:
    logs = sorted((shared_data / "nmea").glob("*.log"))
    assert logs
    for path in logs:
        pieces = list(LogReceiver(path))
        assert b"".join(piece for _, piece in pieces) == path.read_bytes()
        assert len(pieces) >= 10
        assert LogReceiver(path).first_fix() is not None
    drive_s = sum(delay_s for delay_s, _ in LogReceiver(shared_data / "nmea" / "drive-tahoe-a.log"))
    assert drive_s == pytest.approx(696, abs=1)  # 23:52:34 to 00:04:10
