"""`sigap incident`: what happened, and why, from the log."""

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sigap_server.dispatch.choice import Choice
    from sigap_server.dispatch.replay import Decision, Recorded
    from sigap_server.settings import Settings

SHOWN = 6

incident = typer.Typer(name="incident", help="Incidents, from the log.", no_args_is_help=True)


@incident.callback()
def _group() -> None:
    # Without it, typer would make a group of a single command into that command.
    pass


@incident.command()
def replay(
    incident_id: Annotated[int, typer.Argument(min=1, help="The incident's number.")],
    policy: Annotated[
        Path | None, typer.Option(help="What would these rules have done?", exists=True, dir_okay=False)
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file; sigap.toml if there is one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell an incident again from the log and make every decision anew from what was known then. Exits with 1 if one
    comes out differently."""
    from sigap_server.dispatch.replay import decide_again
    from sigap_server.policy_file import load_policy
    from sigap_server.settings import load_settings

    other = load_policy(policy) if policy is not None else None
    log = _read_log(load_settings(config), incident_id)
    decisions = decide_again(incident_id, log, other)
    if json:
        print(json_format.dumps(_document(incident_id, log, decisions), indent=2))
    else:
        _tell(incident_id, log, decisions)
    if not all(decision.is_same for decision in decisions):
        raise typer.Exit(1)


def _read_log(settings: "Settings", incident_id: int) -> "list[Recorded]":
    from sigap.errors import CommandError
    from sigap_server.dispatch.policy import policy_from_toml
    from sigap_server.dispatch.replay import Recorded, together_with
    from sigap_server.store import decisions, schema

    schema.check(settings.database_path)
    engine = schema.open_engine(settings.database_path)
    try:
        with engine.connect() as connection:
            own = [row.event() for row in decisions.events_of(connection, [incident_id])]
            if not own:
                raise CommandError(f"there is no incident {incident_id} in {settings.database_path}")
            rows = decisions.events_of(connection, sorted({incident_id} | together_with(own)))
    finally:
        engine.dispose()
    return [
        Recorded(row.event(), row.record, None if row.policy is None else policy_from_toml(row.policy)) for row in rows
    ]


def _tell(incident_id: int, log: "list[Recorded]", decisions: "list[Decision]") -> None:
    from rich.console import Console
    from rich.table import Table

    out = Console(highlight=False)
    made = {(id(decision.event)): decision for decision in decisions}
    own = [entry.event for entry in log if entry.event.incident_id == incident_id]
    for event in own:
        out.print(f"[dim]{_since(event.time_ms, own[0].time_ms)}[/]  [bold]{event.KIND}[/]  {event.actor}")
        decision = made.get(id(event))
        if decision is None:
            continue
        out.print(f"          {decision.event.why}")
        table = Table("unit", "ETA", "between", "by road or line", "position", "", box=None, pad_edge=False)
        for row in _rows(decision.choice):
            table.add_row(*row)
        out.print(table)
        verdict = "[green]decided again: the same[/]" if decision.is_same else "[red]decided again: NOT the same[/]"
        out.print(f"          {verdict}")
        if decision.other is not None:
            instead = decision.other_first or "nobody"
            same = decision.other_first == (decision.choice.first.unit_id if decision.choice.first else "")
            out.print(f"          by the other rules: {'also ' if same else ''}{instead}")
    if not decisions:
        out.print("no decision of this incident has a record", style="yellow")


def _rows(choice: "Choice") -> list[tuple[str, ...]]:
    shown = [*choice.ranked[:SHOWN], *choice.excluded[:SHOWN]]
    return [
        (
            one.unit_id,
            "–" if one.eta_s is None else f"{one.eta_s / 60:.1f} min",
            "" if one.early_s is None or one.late_s is None else f"{one.early_s / 60:.1f} to {one.late_s / 60:.1f}",
            "–" if one.distance_m is None else f"{one.distance_m / 1000:.1f} km {one.method}",
            "–" if one.age_s is None else f"{one.age_s:.0f} s old",
            one.excluded.value.replace("_", " ") if one.excluded else "",
        )
        for one in shown
    ]


def _since(time_ms: int, first_ms: int) -> str:
    return f"+{(time_ms - first_ms) / 1000:8.1f} s"


def _document(incident_id: int, log: "list[Recorded]", decisions: "list[Decision]") -> dict[str, Any]:
    from sigap_server.dispatch.records import to_record
    from sigap_server.plain import to_plain

    own = [entry.event for entry in log if entry.event.incident_id == incident_id]
    return {
        "incident_id": incident_id,
        "same": all(decision.is_same for decision in decisions),
        "events": [
            {"time_ms": event.time_ms, "actor": event.actor, "kind": event.KIND, "data": to_record(event)[1]}
            for event in own
        ],
        "decisions": [
            {
                "time_ms": decision.event.time_ms,
                "asked": decision.asked or None,
                "why": decision.event.why,
                "same": decision.is_same,
                "ranked": [to_plain(one) for one in decision.choice.ranked],
                "excluded": [to_plain(one) for one in decision.choice.excluded],
                "other_first": None if decision.other is None else decision.other_first or None,
            }
            for decision in decisions
        ],
    }
