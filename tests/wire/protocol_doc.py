"""The field tables of docs/protocol.md, made from `sigap.cddl`. `python -m tests.wire.protocol_doc` rewrites them."""

import re

from tests.support.tools import REPOSITORY
from tests.wire import contract

PATH = REPOSITORY / "docs" / "protocol.md"
TABLES = ("report", "fix", "order", "ack", "link", "health", "config", "offer", "chunk", "result")

_MARK = re.compile(r"(<!-- fields of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(rule: str) -> str:
    """A Markdown table of an array's named elements."""
    rows = ["| Field | Value | Meaning |", "|---|---|---|"]
    rows += [f"| `{field.name}` | {_value(field.type)} | {field.remark} |" for field in contract.fields(rule)]
    return "\n".join(rows) + "\n"


def _value(text: str) -> str:
    if match := re.fullmatch(r"tstr \.size \(0\.\.(\d+)\)", text):
        return f"text, at most {match[1]} bytes of UTF-8"
    if match := re.fullmatch(r"bstr \.size \((\d+)\.\.(\d+)\)", text):
        return f"{match[1]} to {match[2]} bytes"
    if text.isdecimal():
        return text
    if text in contract.rules() and text != "fix":
        low, high = contract.bounds(text)
        return f"{low} … {high}"
    if match := re.fullmatch(r"(\d+)\.\.(\d+)", text):
        return f"{match[1]} … {match[2]}"
    return {
        "fix": "a fix",
        "[* delta_fix]": "array of delta fixes",
        "{* tstr => uint32}": "map of text to 0 … 4294967295",
        "{* tstr => setting}": "map of text to -2147483648 … 2147483647 or text",
    }[text]


def render(text: str) -> str:
    """The document with its tables as they have to be."""
    return _MARK.sub(lambda match: match[1] + table(match[2]) + match[3], text)


if __name__ == "__main__":
    PATH.write_text(render(PATH.read_text(encoding="utf-8")), encoding="utf-8")
