"""Whether something grows: the straight line through measured values that has the least squares."""

from collections.abc import Sequence
from statistics import fmean


def slope(at: Sequence[float], values: Sequence[float]) -> float:
    """How much `values` grow for 1 of `at`, by least squares. Raises ValueError unless two of `at` differ."""
    if len(set(at)) < 2:
        raise ValueError(f"a slope needs values at two moments, not at {len(set(at))}")
    middle, mean = fmean(at), fmean(values)
    return sum((x - middle) * (y - mean) for x, y in zip(at, values, strict=True)) / sum((x - middle) ** 2 for x in at)
