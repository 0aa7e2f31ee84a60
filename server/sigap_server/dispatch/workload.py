"""How long and how often a unit was on incidents lately: to choose the fresher of two equals, and for nothing else."""

from dataclasses import dataclass

# More do not count: a crew that had so many in a day is as tired as can be told.
_JOBS_KEPT = 32


@dataclass(frozen=True, slots=True)
class Job:
    """One assignment that is over."""

    began_ms: int
    ended_ms: int


# A unit's jobs, oldest first.
Work = tuple[Job, ...]


def with_job(work: Work, began_ms: int, ended_ms: int) -> Work:
    """Another one is over; the oldest of many is forgotten."""
    return (*work, Job(began_ms, ended_ms))[-_JOBS_KEPT:]


def since(work: Work, since_ms: int, now_ms: int, lasting_ms: int | None) -> tuple[int, int]:
    """(whole seconds on incidents, on how many) from `since_ms` on. lasting_ms: since when one lasts, or None."""
    spans = [(job.began_ms, job.ended_ms) for job in work]
    if lasting_ms is not None:
        spans.append((lasting_ms, now_ms))
    counted_ms = [ended_ms - max(began_ms, since_ms) for began_ms, ended_ms in spans if ended_ms > since_ms]
    return sum(max(0, span_ms) for span_ms in counted_ms) // 1000, len(counted_ms)
