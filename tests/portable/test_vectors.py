"""The committed bytes of every message, and of malformed ones with the words they are refused with.

`tests/wire/vectors.json` was written once. A change of these bytes is a change of the wire, for units in the field too.
"""

from sigap_wire import ota
from sigap_wire.ack import Ack
from sigap_wire.config import Config
from sigap_wire.errors import WireError
from sigap_wire.health import Health
from sigap_wire.link import Link
from sigap_wire.order import Order
from sigap_wire.ota import Chunk, Offer
from sigap_wire.report import Fix, Report
from sigap_wire.result import Result
from tests.portable.checks import error_of, read_json

MESSAGES = {
    "report": Report,
    "order": Order,
    "ack": Ack,
    "link": Link,
    "health": Health,
    "config": Config,
    "offer": Offer,
    "chunk": Chunk,
    "result": Result,
}
VECTORS = read_json(__file__, "../wire/vectors.json")


def _message(row):
    values = dict(row["means"])
    if row["message"] == "report":
        values["fixes"] = [Fix(**fix) for fix in values["fixes"]]
    if row["message"] == "chunk":
        values["data"] = bytes.fromhex(values["data"])
    return MESSAGES[row["message"]](**values)


def _decoder(row):
    return ota.decode if row["message"] in ("offer", "chunk") else MESSAGES[row["message"]].decode


def test_every_message_has_vectors_of_both_kinds():
    for rows in (VECTORS["messages"], VECTORS["malformed"]):
        assert {row["message"] for row in rows} == set(MESSAGES)


def test_messages_have_these_bytes():
    for row in VECTORS["messages"]:
        assert _message(row).encode().hex() == row["hex"], row["name"]


def test_bytes_mean_these_messages():
    for row in VECTORS["messages"]:
        found = _decoder(row)(bytes.fromhex(row["hex"]))
        assert found == _message(row), row["name"]
        assert repr(found) == repr(_message(row)), row["name"]


def test_malformed_messages_are_refused_in_these_words():
    for row in VECTORS["malformed"]:
        payload = bytes.fromhex(row["hex"])
        assert error_of(WireError, _decoder(row), payload) == row["error"], row["name"]


def test_messages_cut_anywhere_are_refused():
    for row in VECTORS["messages"]:
        payload = bytes.fromhex(row["hex"])
        for end in range(len(payload)):
            assert error_of(WireError, _decoder(row), payload[:end])


def test_sizes_stay_within_the_goal():
    single = Report(1000, 100000, [Fix(1790000000, -69175000, 1076191000, 1234, 9050, 1, 12, 95, 2)])
    assert len(single.encode()) <= 40
    fixes = [
        Fix(1790000000 + 3 * i, -69175000 + 1100 * i, 1076191000 - 900 * i, 1234 + i, 9050 + 7 * i, 1, 12, 95 + i, 2)
        for i in range(10)
    ]
    assert len(Report(1000, 100000, fixes).encode()) <= 16 * len(fixes)
