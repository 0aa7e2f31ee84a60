"""`sigap board`: the boards a unit can be built from."""

from pathlib import Path
from typing import Annotated

import typer

board = typer.Typer(name="board", help="Boards that a unit can be built from.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="A board, as `sigap board list` names it.")]


@board.command("list")
def list_boards() -> None:
    """Name every board, checked."""
    from sigap.boards.definition import load, names

    for name in names():
        print(f"{name:24}{load(name).summary}")


@board.command()
def show(name: _Name) -> None:
    """What goes on which pin, and what to mind."""
    from sigap.boards.definition import load
    from sigap.boards.wiring import page

    print(page(load(name)), end="")


@board.command()
def files(
    name: _Name,
    to: Annotated[Path, typer.Option(help="Folder to write them to; made if need be.")] = Path(),
) -> None:
    """Write what a unit is flashed with: the partition table, and the contents of its file system but the settings."""
    from sigap.boards import partitions
    from sigap.boards.definition import load
    from sigap.boards.unit_files import file_system

    chosen = load(name)
    for path, content in file_system(chosen).items():
        place = to / "vfs" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (to / "partitions.csv").write_text(partitions.csv(chosen.flash_mb), encoding="utf-8")
    (to / "partitions.bin").write_bytes(partitions.binary(chosen.flash_mb))
    print(f"{to / 'partitions.bin'}: for {partitions.TABLE_AT:#x} of the unit's flash")
    print(f"{to / 'vfs'}: for the top of its file system, with its settings as config.json")
