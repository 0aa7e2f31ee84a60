"""What is said of many measured times: median, 99th percentile, extremes."""

from collections.abc import Sequence


def summary_ms(times_s: Sequence[float]) -> dict[str, float]:
    """{"count", "median_ms", "p99_ms", "min_ms", "max_ms"}, by the nearest-rank method. Needs one time at least."""
    ordered = sorted(times_s)

    def rank(share: float) -> float:
        return round(ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)] * 1000.0, 3)

    return {
        "count": len(ordered),
        "median_ms": rank(0.5),
        "p99_ms": rank(0.99),
        "min_ms": rank(0.0),
        "max_ms": rank(1.0),
    }
