"""What the documentation says of commands, targets and settings is so."""

import re
import shlex

import pytest

from sigap_server.settings import describe
from tests.docs import command_reference, markdown
from tests.support.tools import REPOSITORY

FILES = markdown.files()
TARGETS = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
COMMANDS = dict(command_reference.commands())
SETTINGS = [setting.key for setting in describe()]
VARIABLES = {setting.variable for setting in describe()}
_VARIABLE = re.compile(r"SIGAP_[A-Z]\w*__\w+")


def mentioned(text: str) -> list[str]:
    """Every command line in the text: between backticks, or a line of a block without a language or of a shell."""
    lines = [*markdown.code(text)]
    for language, block in markdown.blocks(text):
        if language in ("", "sh", "bash", "console"):
            lines += block.splitlines()
    return [line.removeprefix("$ ").strip() for line in lines]


def wrong(text: str) -> list[str]:
    """What the text says of `make`, of `sigap`, of settings and their variables and that is not so."""
    found = []
    for line in mentioned(text):
        words = line.split()
        if words[:1] == ["make"] and len(words) > 1 and words[1].isalpha() and words[1] not in TARGETS:
            found.append(line)
        if words[:1] == ["sigap"] and _is_wrong_command(line):
            found.append(line)
        if _is_wrong_setting(line):
            found.append(line)
        found += [name for name in _VARIABLE.findall(line) if name not in VARIABLES]
    return found


def _is_wrong_command(line: str) -> bool:
    words = shlex.split(line, comments=True)
    name = words.pop(0)
    allowed = set(command_reference.options(COMMANDS[name]))
    while words and f"{name} {words[0]}" in COMMANDS:
        name = f"{name} {words.pop(0)}"
        allowed |= command_reference.options(COMMANDS[name])
    if hasattr(COMMANDS[name], "commands") and words and re.fullmatch(r"[a-z][a-z0-9-]*", words[0]):
        return True
    # A minus before a digit is a number: a latitude of the southern hemisphere.
    return any(re.match(r"-+\D", word) and word.split("=")[0] not in allowed for word in words)


def _is_wrong_setting(line: str) -> bool:
    sections = {key.split(".")[0] for key in SETTINGS if "." in key}
    match = re.fullmatch(r"([a-z]+)\.([a-z_]+)( ?=.*)?", line)
    return bool(match and match[1] in sections and f"{match[1]}.{match[2]}" not in SETTINGS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_what_is_mentioned_exists(path) -> None:
    assert wrong(path.read_text(encoding="utf-8")) == []


def test_the_command_page_is_what_the_commands_say() -> None:
    assert command_reference.PAGE.read_text(encoding="utf-8") == command_reference.render(), (
        "docs/commands.md is out of date; .venv/bin/python -m tests.docs.command_reference writes it anew"
    )


def test_every_command_and_option_has_a_help_text() -> None:
    silent = [name for name, command in COMMANDS.items() if not command.help]
    silent += [
        f"{name} {parameter.name}"
        for name, command in COMMANDS.items()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]
    assert silent == []


def test_make_help_names_every_target() -> None:
    text = (REPOSITORY / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split())
    assert phony == TARGETS == set(re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`make demo`, `make`, `make PYTHON=python3.12`, `sigap --help`, `sigap nmea FILE --json`, `http.port`", []),
        ("`make coffee`", ["make coffee"]),
        ("```\nmake coffee  # hot\n```\n", ["make coffee  # hot"]),
        ("`sigap brew`", ["sigap brew"]),
        ("`sigap nmea FILE --jsn`", ["sigap nmea FILE --jsn"]),
        ("`sigap unit add unit-01 --callsign='Maung 1'`", []),
        ("`http.prot`", ["http.prot"]),
        ("`SIGAP_HTTP__PROT=1`", ["SIGAP_HTTP__PROT"]),
        ("```python\nmake = coffee\nmake coffee\n```\n", []),
    ],
)
def test_finds_what_is_wrong(text: str, found: list[str]) -> None:
    assert wrong(text) == found
