"""One readable line for each entry of an incident's timeline, as the demo prints it."""

from collections.abc import Mapping
from typing import Any

_STYLES = {
    "alert_received": "bold red",
    "offered": "yellow",
    "accepted": "green",
    "assigned": "green",
    "declined": "magenta",
    "offer_timed_out": "magenta",
    "unit_lost": "bold magenta",
    "no_unit": "bold magenta",
    "late_ack_refused": "magenta",
    "on_scene": "bold green",
    "closed": "bold blue",
}
# The server's own notes on the way of a car.
UNTOLD = {"came_nearer"}


def style(kind: str) -> str:
    """The rich style of a timeline kind; plain for kinds that need no eye."""
    return _STYLES.get(kind, "")


def sentence(entry: Mapping[str, Any]) -> str:
    """What happened, from a timeline entry of the HTTP API: {"kind", "unit_id", "actor", "data", …}."""
    kind, unit, data = entry["kind"], entry.get("unit_id"), entry.get("data") or {}
    if kind == "alert_received":
        return f"alert: a citizen pressed ({data.get('kind', 'emergency')})"
    if kind == "offered":
        return f"order offered to {unit}: {data.get('why', '')}".rstrip(": ")
    if kind == "order_received":
        return f"{unit} has the order on its screen"
    if kind == "offer_timed_out":
        return f"{unit} did not answer in time ({data.get('deadline', '')} deadline)"
    if kind == "closed":
        return f"closed: {str(data.get('disposition', '')).replace('_', ' ')}"
    if kind == "no_unit":
        return "no unit can be sent now; waiting for one"
    words = kind.replace("_", " ")
    return f"{unit}: {words}" if unit else words
