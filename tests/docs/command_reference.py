"""docs/commands.md, made from the commands themselves: `python -m tests.docs.command_reference` writes it."""

import enum
from collections.abc import Iterator
from typing import Any

import typer.main

from sigap.cli import app
from tests.support.tools import REPOSITORY

# What a value of the type is called for people, where it is not the name of the type.
_WORDS = {str: "text", int: "number", float: "number"}
PAGE = REPOSITORY / "docs" / "commands.md"
INTRODUCTION = """\
# The commands

<!-- Written by `python -m tests.docs.command_reference`; a test holds it to the commands' own help. -->

An error that you can do something about is one message on standard error and exit code 2; `sigap --debug …` shows
where in the program it arose. A command stopped by a signal ends with 128 plus the signal's number.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """("sigap", group), ("sigap serve", command), … in the order of the help."""
    yield from _walk("sigap", typer.main.get_command(app))


def options(command: Any) -> set[str]:
    """Every spelling of a command's options."""
    found = {"--help", "-h"}
    for parameter in command.params:
        found.update(name for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("-"))
    return found


def render() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(line for name, command in commands() for line in _section(name, command))])


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for inner_name, inner in getattr(command, "commands", {}).items():
        yield from _walk(f"{name} {inner_name}", inner)


def _section(name: str, command: Any) -> Iterator[str]:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    others = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    usage = [name, "[OPTIONS]" if others else "", *(_metavar(argument) for argument in arguments)]
    usage.append("COMMAND …" if hasattr(command, "commands") else "")
    yield f"## {name}\n"
    yield f"```\n{' '.join(filter(None, usage))}\n```\n"
    yield f"{command.help}\n"
    if arguments or others:
        yield "| | | Default |\n|---|---|---|"
        for parameter in (*arguments, *others):
            yield f"| {_name(parameter)} | {parameter.help} | {_default(parameter)} |"
        yield ""


def _metavar(argument: Any) -> str:
    name = argument.name.upper()
    return name if argument.required else f"[{name}]"


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_metavar(parameter)}`"
    spellings = ", ".join(f"`{spelling}`" for spelling in (*parameter.opts, *parameter.secondary_opts))
    if parameter.is_flag:
        return spellings
    kind = parameter.type_descriptor.annotation
    is_choice = isinstance(kind, type) and issubclass(kind, enum.Enum)
    return (
        spellings
        + " "
        + ("\\|".join(choice.value for choice in kind) if is_choice else _WORDS.get(kind, kind.__name__.lower()))
    )


def _default(parameter: Any) -> str:
    value = getattr(parameter.default, "value", parameter.default)
    return "" if value in (None, "", False) or parameter.required else f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
