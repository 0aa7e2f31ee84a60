"""What kind of unit it is, what its crew can do, and whom it belongs to: what a choice may ask for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sigap_server.errors import RegistrationError

CAR = "car"
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_SKILLS_MAX = 16


@dataclass(frozen=True, slots=True)
class Traits:
    """Words of 1 to 32 characters a-z, 0-9, _ and -, as whoever runs Sigap uses them.

    kind      what moves: car, motorcycle, van, k9 …
    skills    what the crew can do: first_aid, k9, water …
    agency    whom it belongs to, "" if there is only one
    sector    where it patrols, "" for everywhere
    """

    kind: str = CAR
    skills: frozenset[str] = frozenset()
    agency: str = ""
    sector: str = ""


ORDINARY = Traits()


def check_traits(kind: str, skills: Iterable[str], agency: str, sector: str) -> Traits:
    """Raises RegistrationError naming the field, what was found and what was expected."""
    _check_word("kind", kind)
    found = frozenset(skills)
    if len(found) > _SKILLS_MAX:
        raise RegistrationError("skills", f"skills has {len(found)} words, expected at most {_SKILLS_MAX}")
    for skill in sorted(found):
        _check_word("skills", skill)
    for name, value in (("agency", agency), ("sector", sector)):
        if value:
            _check_word(name, value)
    return Traits(kind, found, agency, sector)


def _check_word(name: str, value: str) -> None:
    if not _WORD.fullmatch(value):
        raise RegistrationError(name, f"{name} {value!r:.80}: expected 1 to 32 of a-z, 0-9, _ and -")
