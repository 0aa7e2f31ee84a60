"""A name server that dies keeps no unit from its broker."""

import threading
from pathlib import Path

from tests.firmware.scripted_broker import CONNECT, ScriptedBroker
from tests.portable.interpreters import run_micropython


def test_the_address_that_was_good_is_tried_without_asking_and_when_nobody_answers(
    scripted_broker: ScriptedBroker,
) -> None:
    def serve() -> None:
        for accepted in (True, False, True, True):
            connection = scripted_broker.accept()
            connection.expect(CONNECT)
            if accepted:
                connection.send(b"\x20\x02\x00\x00")
            connection.close()

    broker = threading.Thread(target=serve)
    broker.start()
    said = run_micropython([Path(__file__).with_name("dead_names.py"), str(scripted_broker.port)], 60)
    broker.join()
    assert said.splitlines() == [
        "asked for broker.example",
        "up 1",
        "down",
        # It was good: not asked for. This attempt fails, and the next one asks, in vain.
        "down",
        "asked for broker.example",
        "up 2",
        "down",
        "up 3",
    ]
