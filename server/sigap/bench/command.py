"""The commands `sigap bench …`: print a table for people, or --json."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sigap.bench.drive import Drive

bench = typer.Typer(name="bench", help="Measure, each figure beside its yardstick.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@bench.command()
def e2e(
    units: Annotated[int, typer.Option(min=1, max=5000, help="Units that report once a second.")] = 200,
    alerts: Annotated[int, typer.Option(min=10, max=10_000, help="Alerts, one after the other.")] = 200,
    as_json: Json = False,
) -> None:
    """From a citizen's alert to the unit's word that it has the order, beside a bare MQTT round trip."""
    from sigap.signals import run

    raise typer.Exit(run(_e2e(units, alerts, as_json)))


async def _e2e(units: int, alerts: int, as_json: bool) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from sigap.bench.e2e import measure

    with Progress(console=Console(stderr=True), transient=True) as bar, _own_settings() as settings:
        task = bar.add_task(f"{units} units, {alerts} alerts", total=alerts)
        document = await measure(settings, units, alerts, lambda done: bar.update(task, completed=done))
    if as_json:
        _print_json(document)
        return
    rows = {
        "alert → acknowledged, at the server": "at_server",
        "the same, as a client sees it": "at_client",
        "bare MQTT round trip": "bare",
    }
    _print_times({title: document["figures"][name] for title, name in rows.items()})
    goal = document["goal"]
    print(
        f"p99 {document['ratio_p99']}× the bare round trip's (goal {goal['ratio_p99']:g}×, and {goal['p99_ms']:g} ms): "
        + ("reached" if document["reached"] else "missed")
    )


@bench.command()
def heap(
    drive_s: Annotated[int, typer.Option("--seconds", min=60, max=1_000_000, help="Length of the drive.")] = 3600,
    hours: Annotated[
        int | None, typer.Option(min=6, max=240, help="Instead: a drive of so many hours with outages; does it grow?")
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="The unit's connection is under TLS.")] = False,
    as_json: Json = False,
) -> None:
    """The live heap of a unit that runs the real firmware in 128 KiB, through an hour's drive or a long one."""
    from sigap.bench import drive
    from sigap.signals import run

    raise typer.Exit(run(_heap(drive.short(drive_s) if hours is None else drive.long(hours), tls, as_json)))


async def _heap(drive: "Drive", tls: bool, as_json: bool) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from sigap.bench.heap import measure

    with Progress(console=Console(stderr=True), transient=True) as bar, _own_settings() as settings:
        task = bar.add_task(f"a drive of {drive.drive_s} s", total=drive.drive_s)
        document = await measure(settings, drive, tls, lambda done: bar.update(task, completed=done))
    if as_json:
        _print_json(document)
        return
    print("live heap along the drive, in bytes: " + ", ".join(map(str, document["heap_bytes"])))
    print(f"at most {document['max_bytes']} of {document['goal_bytes']} bytes: {_verdict(document)}")
    if growth := document.get("growth"):
        settled = growth["bytes_a_day_after_first_hour"]
        print(
            f"growth {growth['bytes_a_day']:g} bytes a day"
            + ("" if settled is None else f", {settled:g} after the first hour")
            + f" (goal less than {growth['goal_bytes_a_day']}): {_verdict(growth)}"
        )
    print(
        f"{document['disconnections']} disconnections, {len(document['task_failures'])} failures,"
        f" {document['memory_errors']} times out of memory"
    )


def _verdict(document: dict[str, Any]) -> str:
    return "reached" if document["reached"] else "missed"


@bench.command()
def nmea(
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="So long with each reader.")] = 3.0,
    as_json: Json = False,
) -> None:
    """How many megabytes of NMEA the firmware's parser takes a second."""
    from rich.console import Console
    from rich.table import Table

    from sigap.bench import parser

    document = parser.run(seconds)
    if as_json:
        _print_json(document)
        return
    table = Table("", "MB/s", "sentences", "fixes")
    for row in document["readers"]:
        table.add_row(row["reader"], f"{row['mb_per_s']:.2f}", str(row["sentences"]), str(row["fixes"]))
    Console().print(table)
    print(f"goal on MicroPython {document['goal_mb_per_s']:g} MB/s: {'reached' if document['reached'] else 'missed'}")


@bench.command()
def nearest(
    roads: Annotated[
        Path | None, typer.Option(help="Road file or map; without it, the built-in city at its large size.")
    ] = None,
    questions: Annotated[int, typer.Option(min=20, max=100_000, help="Incidents, one after the other.")] = 300,
    as_json: Json = False,
) -> None:
    """Which of 1,000 units is first at an incident, how soon that is known, and what a straight line would say."""
    from rich.console import Console

    from sigap.bench.nearest import measure

    with Console(stderr=True).status("") as status:
        document = measure(roads, questions, status.update)
    if as_json:
        _print_json(document)
    else:
        _print_nearest(document)


@bench.command()
def dispatch(as_json: Json = False) -> None:
    """What the dispatch core takes: events folded, acknowledgements, and 200 alerts in 10 s for 100 units."""
    from rich.console import Console

    from sigap.bench.dispatch import measure

    with Console(stderr=True).status("") as status:
        document = measure(status.update)
    if as_json:
        _print_json(document)
        return
    surge, goal = document["surge"], document["goal_events_per_s"]
    _print_times({f"{surge['alerts']} alerts in 10 s, {surge['units']} units: decided after": surge["decided"]})
    print(f"the slowest (goal {surge['goal_ms']:g} ms): {_verdict(surge)}; {surge['share_of_a_core']:.0%} of a core")
    for name, words in (
        ("fold_events_per_s", "events folded a second"),
        ("step_acks_per_s", "acknowledgements decided a second"),
        ("step_events_per_s", "events of the surge decided a second, the choices with them"),
    ):
        print(f"{document[name]:,} {words} (goal {goal:,})")


def _print_nearest(document: dict[str, Any]) -> None:
    graph = document["graph"]
    print(f"{graph['source']}: {graph['nodes']:,} nodes, {graph['edges']:,} directed edges, {graph['turns']:,} turns")
    if graph["attribution"]:
        print(graph["attribution"])
    rankings = document["rankings"]
    _print_times({name: figures for name, figures in rankings.items() if "median_ms" in figures})
    for name, figures in rankings.items():
        if "goal_ms" in figures:
            print(f"{name}: p99 {figures['p99_ms']:.2f} ms (goal {figures['goal_ms']:g} ms): {_verdict(figures)}")
        elif "that_differ" in figures:
            print(f"{name}: finds other times than ours {figures['that_differ']} times")
        elif "skipped" in figures:
            print(f"{name}: skipped, {figures['skipped']}")
    refresh = document["refresh"]
    print(
        f"{document['units']} new fixes and times to {refresh['incidents']} incidents a second:"
        f" {refresh['share_of_a_core']:.2%} of a core (goal {refresh['goal_share']:.0%}): {_verdict(refresh)}"
    )
    for fleet in document["straight_line"]:
        for name, words in (("straight_line", "by straight line"), ("blind_to_heading", "by road, blind to heading")):
            figures = fleet[name]
            print(
                f"{fleet['cars']} cars, {words}: the wrong one in {figures['wrong']:.0%},"
                f" {figures['lost_mean_min']:g} min lost on average, p95 {figures['lost_p95_min']:g} min"
            )


def _own_settings() -> Any:
    """Settings for a run beside whatever else runs: free ports, a folder that is removed."""
    import contextlib
    import tempfile

    from sigap.ports import free_ports
    from sigap_server.settings import LimitsSettings, Settings

    @contextlib.contextmanager
    def own() -> Any:
        http, mqtt, nats = free_ports(3)
        with tempfile.TemporaryDirectory(prefix="sigap-bench-") as folder:
            base = Settings(
                data_dir=Path(folder) / "data", limits=LimitsSettings(alerts_per_minute_per_address=100_000)
            )
            yield base.model_copy(
                update={
                    "http": base.http.model_copy(update={"port": http}),
                    "mqtt": base.mqtt.model_copy(update={"port": mqtt, "nats_port": nats}),
                }
            )

    return own()


def _print_times(rows: dict[str, dict[str, float]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", "median ms", "p99 ms", "max ms", "count")
    for title, figures in rows.items():
        numbers = [f"{figures[name]:.2f}" for name in ("median_ms", "p99_ms", "max_ms")]
        table.add_row(title, *numbers, str(figures["count"]))
    Console().print(table)


def _print_json(document: dict[str, Any]) -> None:
    import orjson

    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
