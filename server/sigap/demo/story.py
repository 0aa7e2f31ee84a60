"""An incident's story told from its timeline: who was asked and why, and how long every step took."""

from collections.abc import Mapping
from typing import Any

# What has to happen between a press and a closed incident, in this order. en_route may be missing: a car that is
# already there never drives.
STEPS = ("alert_received", "offered", "order_received", "accepted", "assigned", "on_scene", "clear", "closed")


def tell(incident: Mapping[str, Any], heard: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """The document of `sigap demo --once`, without counters.

    `incident` as the HTTP API gives it; `heard` {(unit_id, "order" or an acknowledgement's kind): Unix ms} is when the
    unit itself said that it had the order or sent the acknowledgement, by the same machine's clock.
    """
    timeline = incident["timeline"]
    first: dict[str, Mapping[str, Any]] = {}
    for entry in timeline:
        first.setdefault(entry["kind"], entry)
    steps_ms = {kind: entry["time_ms"] for kind, entry in first.items()}
    offered = first.get("offered", {})
    data = offered.get("data", {})
    unit_id = offered.get("unit_id")
    candidates = data.get("candidates", [])
    return {
        "incident": incident,
        "candidates": candidates,
        "chosen": {
            **next((c for c in candidates if c["unit_id"] == unit_id), {"unit_id": unit_id}),
            "why": data.get("why"),
        },
        "steps_ms": steps_ms,
        "durations_ms": {
            "process": _between(steps_ms, "alert_received", "offered"),
            "acknowledge": _between(steps_ms, "offered", "order_received"),
            "accept": _between(steps_ms, "order_received", "accepted"),
            "turnout": _between(steps_ms, "accepted", "en_route"),
            "travel": _between(steps_ms, "en_route", "on_scene"),
            "at_scene": _between(steps_ms, "on_scene", "clear"),
            "total": _between(steps_ms, "alert_received", "closed"),
        },
        "transport_ms": {
            "order": _minus(heard.get((str(unit_id), "order")), steps_ms.get("offered")),
            "acknowledgement": _minus(steps_ms.get("order_received"), heard.get((str(unit_id), "received"))),
        },
    }


def _between(steps_ms: Mapping[str, int], start: str, end: str) -> int | None:
    return _minus(steps_ms.get(end), steps_ms.get(start))


def _minus(later_ms: int | None, earlier_ms: int | None) -> int | None:
    return None if later_ms is None or earlier_ms is None else later_ms - earlier_ms
