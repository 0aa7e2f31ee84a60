"""`sigap roads info`: a road graph as a table for people."""

from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from sigap.roads.opening import open_named
from sigap_roads.graph import RoadGraph
from sigap_roads.summary import Summary, summarise


def show(file: Path | None) -> None:
    show_graph(open_named(file), file)


def show_graph(graph: RoadGraph, file: Path | None) -> None:
    """A table of streets by class, what the graph is made of, and what was left out and why."""
    console = Console()
    summary = summarise(graph)
    console.print(_streets(graph, summary))
    for words, values in _facts(graph, summary, file):
        if values:
            console.print(f"[bold]{words:14}[/bold] ", end="")
            console.print(values, highlight=False, markup=False, soft_wrap=True)


def _streets(graph: RoadGraph, summary: Summary) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=0, title=str(graph.info["source"]), title_justify="left", show_footer=True)
    total, oneway = sum(summary.street_m.values()), sum(summary.oneway_m.values())
    table.add_column("class", "all")
    for heading, footer in (("km", f"{total / 1000:,.1f}"), ("one-way", f"{oneway / total:.0%}"), ("km/h", "")):
        table.add_column(heading, footer, justify="right")
    speeds = graph.info["profile"]["speed_kmh"]
    for road_class, metres in summary.street_m.items():
        if metres:
            name = road_class.name.lower()
            share = f"{summary.oneway_m[road_class] / metres:.0%}"
            table.add_row(name.replace("_", " "), f"{metres / 1000:,.1f}", share, f"{speeds[name]:g}")
    return table


def _facts(graph: RoadGraph, summary: Summary, file: Path | None) -> list[tuple[str, str]]:
    info = graph.info
    corners = (summary.west_e7, summary.south_e7, summary.east_e7, summary.north_e7)
    graph_words = (
        f"{summary.nodes:,} nodes, {summary.junctions:,} of them junctions of three streets or more · "
        f"{summary.edges:,} directed edges · {summary.turns:,} turns · {summary.names:,} street names"
    )
    return [
        ("graph", graph_words),
        ("box", ",".join(f"{corner / 1e7:.5f}" for corner in corners)),
        ("restrictions", _counts(info["restrictions"])),
        ("cut off", ", ".join(f"{metres / 1000:,.1f} km {why}" for why, metres in info["cut_m"].items() if metres)),
        ("not read", _counts(info["unread"])),
        ("profile", str(info["profile"]["name"])),
        ("built from", str(info["built_from"])),
        ("file", f"{file}, {file.stat().st_size / 1e6:,.1f} MB" if file is not None else ""),
        ("map data", str(info["attribution"])),
    ]


def _counts(counted: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counted.items() if count)
