"""Topics and unit ids."""

from sigap_wire import topics
from sigap_wire.errors import WireError
from tests.portable.checks import error_of


def test_topics_and_back():
    for kind in topics.FROM_UNIT + topics.TO_UNIT:
        name = topics.topic("unit-01", kind)
        assert name == "sigap/v1/unit/unit-01/" + kind
        assert topics.parse(name) == ("unit-01", kind)


def test_all_units_can_be_subscribed_to():
    assert topics.topic("+", topics.REPORT) == "sigap/v1/unit/+/report"


def test_unit_ids_that_would_break_a_topic_a_subject_or_a_file_name():
    for unit_id in ("", "-a", "A", "a/b", "a.b", "a b", "a+", "#", "a>", "a*", "\u00e9", "..", "a\n", "x" * 33):
        assert "unit id" in error_of(WireError, topics.check_unit_id, unit_id), unit_id
        assert "unit id" in error_of(WireError, topics.topic, unit_id, topics.ORDER), unit_id
    for unit_id in ("a", "0", "7-b", "x" * 32):
        assert topics.check_unit_id(unit_id) == unit_id


def test_names_of_others_are_refused():
    for name in (
        "",
        "sigap/v1/unit/a",
        "sigap/v1/unit/a/order/x",
        "sigap/v2/unit/a/order",
        "sigap/v1/car/a/order",
        "sigap/v1/unit/a/orders",
        "sigap/v1/unit//order",
        "sigap/v1/unit/+/order",
        "/sigap/v1/unit/a/order",
    ):
        assert error_of(WireError, topics.parse, name), name
    assert "unknown topic kind" in error_of(WireError, topics.topic, "a", "orders")
