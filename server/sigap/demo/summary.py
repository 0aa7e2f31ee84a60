"""The story of one alert in a few lines, for those who do not want the JSON."""

from collections.abc import Mapping
from typing import Any


def summary(story: Mapping[str, Any]) -> str:
    """Lines of text: who went and why, every step with its time since the alert, the transport times."""
    steps = story["steps_ms"]
    began_ms = steps["alert_received"]
    chosen, transport = story["chosen"], story["transport_ms"]
    lines = [f"incident {story['incident']['incident_id']}: {chosen['unit_id']} went; {chosen['why']}", ""]
    lines += [f"  {(at_ms - began_ms) / 1000:8.3f} s  {kind.replace('_', ' ')}" for kind, at_ms in steps.items()]
    lines += [
        "",
        f"the order took {transport['order']} ms to the unit and {transport['acknowledgement']} ms back;",
        f"{story['units']['count']} {story['units']['kind']} units; {story['elapsed_s']} s in all",
    ]
    return "\n".join(lines)
