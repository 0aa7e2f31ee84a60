"""The rules that whoever runs Sigap may set."""

from dataclasses import dataclass
from math import inf

from sigap_server.eta import EtaMethod

PRIORITIES = {"emergency": 1, "drill": 5}


@dataclass(frozen=True, slots=True)
class Policy:
    """Raises ValueError naming a value that makes no sense.

    eta                  how travel times are found
    receipt_deadline_s   the unit must acknowledge an offer within this
    accept_deadline_s    its officer must accept within this; both count from the offer
    retry_after_s        who declined or did not answer is not asked again before, and only when nobody else is left
    max_fix_age_s        an older position is not used for a choice
    """

    eta: EtaMethod
    receipt_deadline_s: float = 5
    accept_deadline_s: float = 30
    retry_after_s: float = 30
    max_fix_age_s: float = 60

    def __post_init__(self) -> None:
        for name in ("receipt_deadline_s", "accept_deadline_s", "retry_after_s", "max_fix_age_s"):
            if not 0 < getattr(self, name) < inf:
                raise ValueError(f"{name} is {getattr(self, name)!r}, expected more than 0")
