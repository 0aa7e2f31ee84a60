"""docs/policy.md, made from the rules of dispatch themselves: `python -m tests.docs.policy_page` writes it."""

import dataclasses
import json
import re
from collections.abc import Iterator

from sigap_server.dispatch.policy import Policy
from sigap_server.plain import to_plain
from tests.support.tools import REPOSITORY

PAGE = REPOSITORY / "docs" / "policy.md"
INTRODUCTION = """\
# The rules of dispatch

<!-- Written by `python -m tests.docs.policy_page`; a test holds it to the rules of the program. -->

Every rule that may be set, with its default; what they do together is told in [dispatch](dispatch.md). The setting
`dispatch.policy` names a TOML file with what is to be different; all else stays. An unknown name, and a value that
makes no sense, stop the start; the message names what is wrong and what is allowed. Where a rule has five values they
are for P1 to P5. `sigap incident replay --policy FILE` tells what other rules would have done.

```toml
[offer]
accept_deadline_s = 20

[queue]
hold_s = [30, 60, 300, 900, 900]

[[choice.cover_points]]     # calls in a week, say, around this place
lat_e7 = -69147000
lon_e7 = 1076098000
calls = 40
```
"""
_RULE = re.compile(r"(?P<names>[a-z]\w*(?: [a-z]\w*)*)  +(?P<meaning>\S.*)")


def render() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    rules = Policy()
    for group in dataclasses.fields(Policy):
        summary, meanings = explained(type(getattr(rules, group.name)))
        parts += [f"## [{group.name}]", "", summary, "", "| Rule | Default | Meaning |", "|---|---|---|"]
        defaults = to_plain(getattr(rules, group.name))
        for names, meaning in meanings:
            shown = "<br>".join(f"`{name}`" for name in names)
            values = "<br>".join(_shown(defaults.pop(name)) for name in names)
            parts.append(f"| {shown} | {values} | {meaning} |")
        assert not defaults, f"not explained in the docstring of [{group.name}]: {', '.join(defaults)}"
        parts.append("")
    return "\n".join(parts)


def explained(rules: type) -> tuple[str, list[tuple[list[str], str]]]:
    """What a group's docstring says: its summary, and the meaning of each rule or of several together."""
    paragraphs = [line.strip() for line in (rules.__doc__ or "").splitlines()]
    blank = paragraphs.index("")
    return " ".join(paragraphs[:blank]), list(_meanings(paragraphs[blank + 1 :]))


def _shown(value: object) -> str:
    # A table of rules is easier to read row by row.
    rows = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
    return "<br>".join(f"`{json.dumps(row)}`" for row in rows)


def _meanings(lines: list[str]) -> Iterator[tuple[list[str], str]]:
    names: list[str] = []
    meaning = ""
    for line in lines:
        if match := _RULE.fullmatch(line):
            if names:
                yield names, meaning
            names, meaning = match["names"].split(), match["meaning"]
        elif line:
            meaning += f" {line}"
    yield names, meaning


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
