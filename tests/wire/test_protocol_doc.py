"""docs/protocol.md says what the CDDL and the code say."""

import re

from sigap_wire import ack, config, health, link, order, ota, report, result, topics
from tests.wire import protocol_doc

TEXT = protocol_doc.PATH.read_text(encoding="utf-8")


def test_field_tables_are_those_of_the_cddl() -> None:
    assert protocol_doc.render(TEXT) == TEXT, "run: python -m tests.wire.protocol_doc"
    assert re.findall(r"<!-- fields of (\w+) -->", TEXT) == list(protocol_doc.TABLES)


def test_a_table_that_drifted_is_noticed() -> None:
    assert protocol_doc.render(TEXT.replace("| cm/s over ground |", "| km/h over ground |")) == TEXT
    assert "| `speed_cmps` | 0 … 50000 | cm/s over ground |" in protocol_doc.table("fix")


def test_every_topic_is_listed_and_no_other() -> None:
    assert set(re.findall(r"`sigap/v1/unit/\{unit_id\}/(\w+)`", TEXT)) == {*topics.FROM_UNIT, *topics.TO_UNIT}


def test_limits_are_named() -> None:
    modules = (report, order, ack, link, health, config, ota, result)
    for name, module in {module.__name__.rsplit(".", 1)[1]: module for module in modules}.items():
        section = TEXT.split(f"\n### {name}", 1)[1].split("\n### ", 1)[0]
        assert f"at most {module.MAX_BYTES} bytes" in section.lower().replace("\n", " "), name
    assert f"{report.MAX_FIXES} fixes" in TEXT
    assert f"{topics.UNIT_ID_MAX} characters" in TEXT


def _explained(message: str, heading: str) -> set[str]:
    section = TEXT.split(f"\n### {message}", 1)[1].split("\n### ", 1)[0]
    rows = section.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return set(re.findall(r"^\| (\w+) \|", rows, re.MULTILINE))


def test_every_kind_of_acknowledgement_is_explained() -> None:
    assert _explained("ack", "Kind") == set(ack.KIND_NAMES)


def test_every_state_of_an_order_is_explained() -> None:
    assert _explained("order", "State") == set(order.STATE_NAMES)


def test_every_reason_for_a_cancelled_order_is_explained() -> None:
    assert _explained("order", "Reason") == set(order.REASON_NAMES)


def test_every_outcome_is_explained() -> None:
    assert _explained("result", "Outcome") == set(result.OUTCOME_NAMES)
