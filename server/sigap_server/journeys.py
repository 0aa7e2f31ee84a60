"""Predicted against actual: how long units needed to incidents, and what was promised."""

from collections.abc import Sequence

from sigap_roads.learned import error_report
from sigap_server.store.learned_times import JourneyRow
from sigap_server.travel import RoadTravel


def report_journeys(rows: Sequence[JourneyRow]) -> dict[str, float]:
    """See error_report."""
    return error_report(journey_pairs(rows))


def journey_pairs(rows: Sequence[JourneyRow]) -> list[tuple[int, int]]:
    """(promised_ms, actual_ms) of every order with a travel time by road: what was told when it was offered, and from
    when the unit accepted to when it stood there, by position or by the officer's word, whichever came first."""
    promised_ms: dict[int, int] = {}
    accepted_ms: dict[int, int] = {}
    pairs: dict[int, tuple[int, int]] = {}
    for row in rows:
        if row.kind == "offered":
            if row.eta_s is not None and row.eta_method == RoadTravel.method:
                promised_ms[row.order_id] = round(row.eta_s * 1000)
        elif row.kind == "assigned":
            accepted_ms[row.order_id] = row.time_ms
        elif row.order_id in promised_ms and row.order_id in accepted_ms:
            actual_ms = row.time_ms - accepted_ms[row.order_id]
            pairs.setdefault(row.order_id, (promised_ms[row.order_id], actual_ms))
    return list(pairs.values())
