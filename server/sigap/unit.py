"""`sigap unit`: the units that may connect to the broker."""

import json as json_format
import sys
from pathlib import Path
from typing import Annotated

import typer

from sigap.unit_update import update
from sigap_server.traits import CAR, check_traits

unit = typer.Typer(name="unit", help="Units that may connect.", no_args_is_help=True)


unit.add_typer(update)


@unit.command()
def add(
    unit_id: Annotated[str, typer.Argument(help="Name of the unit on the wire: a to z, 0 to 9 and -.")],
    callsign: Annotated[str, typer.Option(help="Name for people; the unit's id if not given.")] = "",
    kind: Annotated[str, typer.Option(help="What it is: car, motorcycle, van, k9 …")] = CAR,
    skill: Annotated[list[str] | None, typer.Option(help="What its crew can do; may be given several times.")] = None,
    agency: Annotated[str, typer.Option(help="Whom it belongs to.")] = "",
    sector: Annotated[str, typer.Option(help="Where it patrols; everywhere if not given.")] = "",
    config: Annotated[Path | None, typer.Option(help="Settings file; sigap.toml if there is one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Let a unit connect, or give one that may connect already a new password. The password is shown only now."""
    from sigap_server.settings import load_settings
    from sigap_server.setup import add_unit, prepare

    settings = load_settings(config)
    traits = check_traits(kind, skill or (), agency, sector)
    prepared = prepare(settings)  # units may be added before the server ran for the first time
    if prepared.password is not None:
        print(f"operator {prepared.operator} with password {prepared.password} (shown only now)", file=sys.stderr)
    credentials = add_unit(settings, unit_id, callsign or unit_id, traits)
    if json:
        print(json_format.dumps({"unit_id": unit_id, "user": credentials.user, "password": credentials.password}))
    else:
        print(f"unit      {unit_id}\nuser      {credentials.user}\npassword  {credentials.password}")
