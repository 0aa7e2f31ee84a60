"""Why the first of a choice is the first, as data."""

from collections.abc import Iterator

from sigap_server.dispatch.choice import Choice
from sigap_server.dispatch.events import About, Candidate, Remark

# Less is not worth a remark: a receiver's error.
_NEARER_MIN_M = 50


def remarks_on(choice: Choice) -> tuple[Remark, ...]:
    """What there is to say, the most telling first. Each other unit is named once at most."""
    if choice.first is None:
        counts = choice.excluded_counts
        return (Remark(About.NOBODY, count=sum(counts.values()), counts=counts),)
    return (*_on_the_first(choice, choice.first), *_on_the_others(choice, choice.first))


def _on_the_first(choice: Choice, first: Candidate) -> Iterator[Remark]:
    yield _about(About.FIRST, first, count=choice.eligible_count)
    if choice.place_off_map:
        yield Remark(About.PLACE_OFF_MAP)
    if choice.asked_again:
        yield Remark(About.ASKED_AGAIN)
    if first.takes_from is not None:
        free = _first_free(choice)
        yield Remark(
            About.TAKEN,
            unit_id=free.unit_id if free else "",
            late_s=free.late_s if free else None,
            incident_id=first.takes_from,
        )


def _on_the_others(choice: Choice, first: Candidate) -> Iterator[Remark]:
    rivals = [other for other in choice.ranked[1:] if (other.takes_from is None) is (first.takes_from is None)]
    compared = _first_free(choice) if first.takes_from is not None else None
    named: set[str] = {compared.unit_id} if compared else set()
    said: set[About] = set()
    for other in rivals:
        about = _sooner_but(first, other)
        if about and about not in said:
            said.add(about)
            named.add(other.unit_id)
            yield _about(about, other)
    nearest = choice.nearest
    if nearest and nearest.unit_id not in {first.unit_id, *named} and _is_nearer(nearest, first):
        named.add(nearest.unit_id)
        by_m = (first.line_m or 0) - (nearest.line_m or 0)
        yield _about(About.NEARER, nearest, distance_m=by_m, reason=nearest.excluded or "")
    following = next(iter(rivals), None)
    if following and following.unit_id not in named:
        yield _about(About.NEXT, following)
    sooner = next(iter(choice.excluded), None)
    if sooner and sooner.excluded and (sooner.eta_s or 0) < (first.eta_s or 0) and sooner.eta_s is not None:
        yield _about(About.SOONER_BUT, sooner, reason=sooner.excluded)
    if choice.excluded_counts:
        yield Remark(About.NOT_CONSIDERED, count=sum(choice.excluded_counts.values()), counts=choice.excluded_counts)


def _first_free(choice: Choice) -> Candidate | None:
    return next((other for other in choice.ranked if other.takes_from is None), None)


def _sooner_but(first: Candidate, other: Candidate) -> About | None:
    """Why the other one is not the first although it seems to be there sooner; None if it does not."""
    if (other.late_s or 0) < (first.late_s or 0):
        return About.COVER_SPARED if other.cover_ppm > first.cover_ppm else About.WORKED_MORE
    return About.MAY_BE_GONE if (other.eta_s or 0) < (first.eta_s or 0) else None


def _is_nearer(nearest: Candidate, first: Candidate) -> bool:
    return nearest.line_m is not None and first.line_m is not None and nearest.line_m + _NEARER_MIN_M <= first.line_m


def _about(about: About, unit: Candidate, count: int = 0, distance_m: int = 0, reason: str = "") -> Remark:
    return Remark(
        about,
        unit_id=unit.unit_id,
        eta_s=unit.eta_s,
        late_s=unit.late_s,
        age_s=unit.age_s,
        distance_m=distance_m,
        count=count,
        reason=reason,
        method=unit.method,
    )
