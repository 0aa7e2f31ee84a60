"""The decisions in sentences: for operators, and for the officer's screen."""

from sigap_server.dispatch.choice import Ranking
from sigap_server.dispatch.events import Excluded
from sigap_server.eta import EtaMethod

_EXCLUDED = {
    Excluded.OFF_DUTY: "off duty",
    Excluded.OUT_OF_SERVICE: "out of service",
    Excluded.EMERGENCY: "in an emergency of its own",
    Excluded.BUSY: "busy",
    Excluded.LINK_LOST: "link lost",
    Excluded.LINK_STALE: "not heard of lately",
    Excluded.NO_POSITION: "without a position",
    Excluded.POSITION_OLD: "with an old position",
    Excluded.ALREADY_ASKED: "already asked",
    Excluded.UNREACHABLE: "without a way there",
}


def why_chosen(ranking: Ranking, eta: EtaMethod) -> str:
    """Why the first of `ranking.eligible` is asked: "nearest of 9 available: 2.1 min by straight line at 8.3 m/s;
    unit-03 would need 2.6 min; 3 not considered: 2 busy, 1 off duty"."""
    chosen, others = ranking.eligible[0], ranking.eligible[1:]
    count = f"nearest of {len(ranking.eligible)} available" if others else "the only one available"
    if ranking.asked_again:
        count += ", asked again as nobody else is left"
    parts = [f"{count}: {_minutes(chosen.eta_s)} {eta.words}"]
    if others:
        parts.append(f"{others[0].unit_id} would need {_minutes(others[0].eta_s)}")
    nearer = next(iter(ranking.excluded), None)
    if nearer and nearer.excluded and nearer.eta_s is not None and nearer.eta_s < (chosen.eta_s or 0):
        parts.append(f"{nearer.unit_id} is nearer but {_EXCLUDED[nearer.excluded]}")
    if ranking.excluded:
        parts.append(f"{len(ranking.excluded)} not considered: {reasons(ranking.excluded_counts())}")
    return "; ".join(parts)


def why_nobody(excluded_counts: dict[str, int]) -> str:
    """Why no unit can be asked: "none of 12 units can be asked: 11 busy, 1 off duty"."""
    total = sum(excluded_counts.values())
    if not total:
        return "there are no units"
    return f"none of {total} units can be asked: {reasons(excluded_counts)}"


def reasons(excluded_counts: dict[str, int]) -> str:
    """ "2 busy, 1 off duty"."""
    return ", ".join(f"{n} {_EXCLUDED[Excluded(reason)]}" for reason, n in excluded_counts.items())


def _minutes(eta_s: float | None) -> str:
    assert eta_s is not None, "an eligible unit has an ETA"
    return f"{eta_s:.0f} s" if eta_s < 90 else f"{eta_s / 60:.1f} min"
