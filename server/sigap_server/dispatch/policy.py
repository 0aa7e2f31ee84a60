"""The rules that an operator of Sigap may set."""

from dataclasses import dataclass

from sigap_server.eta import EtaMethod

PRIORITIES = {"emergency": 1, "drill": 5}


@dataclass(frozen=True, slots=True)
class Policy:
    """Raises ValueError naming a value that makes no sense.

    eta                  how travel times are found
    receipt_deadline_s   the unit must acknowledge an offer
    accept_deadline_s    the officer must accept it; counted from the offer too, so it is the longer one
    retry_after_s        who declined or did not answer is not asked again before, and only when nobody else is left
    max_fix_age_s        an older position is not used for a choice
    """

    eta: EtaMethod
    receipt_deadline_s: float = 5
    accept_deadline_s: float = 30
    retry_after_s: float = 30
    max_fix_age_s: float = 60
