"""The unit that starts anew when nothing else helped its line, and what the server learns of it."""

from sigap_wire import topics
from sigap_wire.result import REFUSED, SUBJECT_CONNECTION, Result
from tests.firmware.conftest import MakeUnit
from tests.firmware.scripted_broker import CONNECT, ScriptedBroker
from tests.firmware.test_unit_mqtt import acknowledged, will

# An attempt takes 4 s of silence, and up to a second passes before the next: the third is over after 13 s.
LADDER = {"patience_s": 1, "reboot_s": 12}


def test_a_server_that_stays_silent(make_unit: MakeUnit, scripted_broker: ScriptedBroker) -> None:
    """Its host takes connections, and nothing is ever heard from it: neither line nor server is known to be good."""
    unit = make_unit(scripted_broker.port, {"reconnect_max_s": 1}, ladder=LADDER)
    unit.start()
    for _ in range(3):
        connection = scripted_broker.accept()
        assert will(connection.expect(CONNECT)).boot_id == 1
        assert connection.read() is None
    assert unit.await_log("boot", 2, 30)["cause"] == "reset"
    rungs = [event["rung"] for event in unit.logged("ladder")]
    assert (rungs[0], rungs[-1], set(rungs)) == ("line_restart", "reboot", {"line_restart", "reboot"})
    connection = scripted_broker.accept()
    # None was begun meanwhile, only to be cut off by the restart.
    assert will(connection.expect(CONNECT)).boot_id == 2
    connection.take()
    result = Result.decode(acknowledged(connection, topics.RESULT).payload)
    assert (result.boot_id, result.subject, result.outcome, result.value) == (1, SUBJECT_CONNECTION, REFUSED, 1)
    assert result.detail == "started anew: nothing heard for 4 s"
    unit.say(b'{"health": 1}\n')
    assert b"ladder_reboots\x01" in acknowledged(connection, topics.HEALTH).payload


def test_a_server_that_refuses_is_no_reason_to_start_anew(make_unit: MakeUnit, scripted_broker: ScriptedBroker) -> None:
    unit = make_unit(scripted_broker.port, {"reconnect_max_s": 1}, ladder=LADDER)
    unit.start()
    for code in (1, 2, 3, 4, 5, 6, 255, 5):
        connection = scripted_broker.accept()
        connection.expect(CONNECT)
        connection.send(bytes((0x20, 2, 0, code)))
        assert connection.read() is None
    reasons = [event["reason"] for event in unit.logged("disconnected")]
    assert reasons[0] == "refused: unacceptable protocol version"
    assert reasons[5:7] == ["refused: return code 6", "refused: return code 255"]
    connection = scripted_broker.welcome()
    result = Result.decode(acknowledged(connection, topics.RESULT).payload)
    assert (result.value, result.detail) == (0, "refused: not authorized")
    assert {event["rung"] for event in unit.logged("ladder")} == {"line_restart"}
    assert len(unit.logged("boot")) == 1
