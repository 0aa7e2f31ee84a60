"""`sigap.cddl` and the Python say the same: ranges, names and limits, and an independent validator agrees."""

import json
import re
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_wire import ack, config, fields, health, link, order, ota, report, result
from tests.support.tools import require_platform
from tests.wire import contract
from tests.wire.strategies import MESSAGES

try:
    import pycddl
except ImportError:  # there is no wheel of it for every platform
    pycddl = None

MODULES: dict[str, ModuleType] = {
    "report": report,
    "link": link,
    "order": order,
    "ack": ack,
    "health": health,
    "config": config,
    "offer": ota,
    "chunk": ota,
    "result": result,
}
VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))

# What the validator of pycddl 0.6.4 lets pass although the CDDL says no. That the wire refuses each is tested with the
# other vectors; the list is here to notice when the validator learns something, or forgets it.
BEYOND_CDDL = {
    "a byte after it",
    "a longer form than need be",
    "129 fixes",
    "65 counters",
    "a name of 33 bytes",
    "delta beyond any difference",
    "delta out of the world",
    "delta to a negative speed",
    "delta with an unchanged end",
    "keys out of order",
    "a key twice",
    "numbers run out",
    "order_id 0",
    "emergency about an order",
    "emergency with a revision",
    "revision 0 of an order",
    "33 changes",
    "a setting's name of 33 bytes",
    "a change twice",
}
VALIDATOR_FAULTS = {
    "latitude beyond the pole",  # the upper bound of a choice of uint and nint
    "delta not an array",  # an array of a choice of arrays
    "text not text",  # bytes or text where there is a .size of the other
    "street not text",
    "detail not text",
    "data of text",
    "counters not a map",
    "changes not a map",
    "a value of bytes",  # a map's values beyond the first of a choice
    "a list for a value",
    "a value beyond 32 bits",
}


@pytest.fixture(scope="module")
def schemas() -> dict[str, "pycddl.Schema"]:
    require_platform(pycddl is not None, "no wheel of pycddl")
    return {name: pycddl.Schema(f"start = {name}\n{contract.CDDL}") for name in MODULES}


def test_every_message_is_a_rule() -> None:
    assert set(MODULES) == set(contract.MESSAGES) == set(MESSAGES)
    assert set(MODULES) <= contract.rules().keys()


@pytest.mark.parametrize(
    ("rule", "table"),
    [("fix", report.RANGES), ("order", order.RANGES), ("ack", ack.RANGES), ("result", result.RANGES)],
    ids=lambda x: str(x)[:6],
)
def test_fields_and_ranges(rule: str, table: tuple[tuple[str, int, int], ...]) -> None:
    numbers = [field for field in contract.fields(rule) if not field.type.startswith("tstr")]
    assert [(field.name, *contract.bounds(field.type)) for field in numbers] == list(table)


def test_numbers_outside_the_tables() -> None:
    for rule, names in (("report", ("boot_id", "seq")), ("link", ("boot_id", "connection")), ("health", ("uptime_s",))):
        types = {field.name: field.type for field in contract.fields(rule)}
        for name in names:
            assert contract.bounds(types[name]) == (0, fields.UINT32_MAX)
    for rule, names in (("config", ("revision",)), ("offer", ("update_id", "size_bytes")), ("chunk", ("update_id",))):
        types = {field.name: field.type for field in contract.fields(rule)}
        for name in names:
            assert contract.bounds(types[name]) == (1, fields.UINT32_MAX)
    parts = [contract.bounds(contract.fields(rule)[0].type) for rule in ("offer", "chunk")]
    assert parts == [(ota.PART_OFFER,) * 2, (ota.PART_CHUNK,) * 2]
    assert contract.bounds({field.name: field.type for field in contract.fields("link")}["online"]) == (0, 1)
    assert contract.rules()["version"] == "1"


def test_text_limits() -> None:
    limits = {
        field.name: int(match[1])
        for rule in MODULES
        for field in contract.fields(rule)
        if (match := re.fullmatch(r"tstr \.size \(0\.\.(\d+)\)", field.type))
    }
    assert limits == {
        "firmware": link.FIRMWARE_MAX_BYTES,
        "text": order.TEXT_MAX_BYTES,
        "street": order.STREET_MAX_BYTES,
        "detail": result.DETAIL_MAX_BYTES,
    }
    rules = contract.rules()
    assert rules["setting_text"] == f"tstr .size (0..{config.TEXT_MAX_BYTES})"
    assert rules["setting"] == "int32 / setting_text"
    assert contract.bounds("int32") == (-fields.INT32_MAX - 1, fields.INT32_MAX)
    chunk = {field.name: field.type for field in contract.fields("chunk")}
    assert chunk["data"] == f"bstr .size (1..{ota.DATA_MAX_BYTES})"


@pytest.mark.parametrize("name", MODULES)
def test_size_limits(name: str) -> None:
    sizes = [int(number) for number in re.findall(r"(\d+) bytes", contract.remark_above(name))]
    assert sizes[-1] == MODULES[name].MAX_BYTES
    if name == "config":
        assert sizes[0] == config.NAME_MAX_BYTES
        assert f"{config.MAX_CHANGES} changes" in contract.remark_above(name)
    if name == "health":
        assert sizes[0] == health.NAME_MAX_BYTES
        assert f"{health.MAX_COUNTERS} counters" in contract.remark_above(name)
    if name == "report":
        assert f"{report.MAX_FIXES} fixes" in contract.remark_above(name)


@pytest.mark.parametrize(
    ("rule", "field", "names"),
    [
        ("fix", "reason", report.REASON_NAMES),
        ("order", "state", order.STATE_NAMES),
        ("order", "kind", order.KIND_NAMES),
        ("order", "reason", order.REASON_NAMES),
        ("ack", "kind", ack.KIND_NAMES),
        ("result", "subject", result.SUBJECT_NAMES),
        ("result", "outcome", result.OUTCOME_NAMES),
    ],
)
def test_enumerations(rule: str, field: str, names: tuple[str, ...]) -> None:
    remark = next(row.remark for row in contract.fields(rule) if row.name == field)
    assert contract.named_values(remark) == names


def test_special_values() -> None:
    remarks = {field.name: field.remark for rule in ("fix", "order") for field in contract.fields(rule)}
    assert f"{report.COURSE_UNKNOWN} = unknown" in remarks["course_cdeg"]
    assert f"{report.HDOP_UNKNOWN} = unknown" in remarks["hdop_centi"]
    assert f"{order.ETA_UNKNOWN} = unknown" in remarks["eta_s"]


def test_delta_forms_differ_by_what_is_left_out() -> None:
    rules = contract.rules()
    forms = [re.findall(r"(\w+): ([^,\]]+)", rules[name]) for name in rules["delta_fix"].split(" / ")]
    whole = forms[-1]
    assert [len(form) for form in forms] == [6, 7, 8, 9]
    assert all(form == whole[: len(form)] for form in forms)
    assert {name for name, _ in whole} == {name for name, _, _ in report.RANGES}


@given(message=st.one_of(*MESSAGES.values()))
def test_every_encoded_message_is_valid(message, schemas) -> None:
    schemas[type(message).__name__.lower()].validate_cbor(message.encode())


def test_vectors_are_valid(schemas) -> None:
    for row in VECTORS["messages"]:
        schemas[row["message"]].validate_cbor(bytes.fromhex(row["hex"]))


def test_malformed_vectors_are_not(schemas) -> None:
    passed = set()
    for row in VECTORS["malformed"]:
        try:
            schemas[row["message"]].validate_cbor(bytes.fromhex(row["hex"]))
        except pycddl.ValidationError:
            continue
        passed.add(row["name"])
    assert passed == BEYOND_CDDL | VALIDATOR_FAULTS
