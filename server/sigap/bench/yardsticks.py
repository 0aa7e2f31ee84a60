"""What `sigap bench nearest` is compared with, in the same run: each {"skipped": why} where it is not installed."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from sigap.bench.samples import summary_ms
from sigap.bench.traffic import Positions
from sigap.ports import free_ports
from sigap_roads.field import TravelTimeField
from sigap_roads.graph import RoadGraph
from sigap_roads.live import LiveRoads
from sigap_roads.places import NOWHERE, Cars, Stops
from sigap_roads.search import FULL

_RUNS = 15
_DEADLINE_S = 10.0
_EDGES_MAX = 100_000


@dataclass(frozen=True)
class CarsAndIncidents:
    graph: RoadGraph
    roads: LiveRoads
    cars: Positions
    incidents: Positions

    def targets(self) -> list[int]:
        """An edge near each of the first incidents."""
        snapped = self.roads.snap(self.incidents.lat_e7[:_RUNS], self.incidents.lon_e7[:_RUNS])
        return [int(edge) for edge in snapped.edge]


def whole_dijkstra(both: CarsAndIncidents) -> dict[str, Any]:
    """scipy from the incident's edge to all others, over the same turns; and whether it agrees."""
    graph = both.graph
    froms = _before_turns(graph)
    # Against the traffic: from the edge turned into, to the one before it.
    weights = graph.turn_ms + graph.edge_time_ms[froms].astype(np.float64)
    matrix = csr_matrix((weights, (graph.turn_to, froms)), shape=(graph.edge_count, graph.edge_count))
    times = summary_ms(list(_each(both.targets(), lambda edge: dijkstra(matrix, indices=np.array([edge])))))
    target = both.targets()[0]
    theirs = dijkstra(matrix, indices=np.array([target]))[0]
    every = np.arange(graph.edge_count, dtype=np.int32)
    ours_ms = _between_edges(both.roads, every, target, 0)
    return times | {"that_differ": int(np.count_nonzero(np.where(np.isinf(theirs), -1, theirs) != ours_ms))}


def hierarchy(both: CarsAndIncidents) -> dict[str, Any]:
    """A contraction hierarchy's times of all cars to an incident.

    Over the same turns, and whether it agrees; on a large graph, where preparing that takes minutes, over junctions.
    """
    try:
        import routingkit_cch as rk
    except ImportError:
        return {"skipped": "routingkit-cch is not installed: pip install sigap[bench]"}
    graph, targets = both.graph, both.targets()
    places = both.roads.snap(*both.cars)
    cars = places.edge[places.edge >= 0]
    began_s = time.perf_counter()
    if over_turns := graph.edge_count <= _EDGES_MAX:
        tail, head = _before_turns(graph).tolist(), graph.turn_to.tolist()
        weights = (graph.turn_ms + graph.edge_time_ms[graph.turn_to]).tolist()
        places_e7 = graph.node_lat_e7[graph.edge_to], graph.node_lon_e7[graph.edge_to]
        sources, ends = cars.tolist(), targets
    else:
        tail, head, weights = graph.edge_from.tolist(), graph.edge_to.tolist(), graph.edge_time_ms.tolist()
        places_e7 = graph.node_lat_e7, graph.node_lon_e7
        sources, ends = graph.edge_to[cars].tolist(), graph.edge_from[targets].tolist()
    lat, lon = ((values / 1e7).tolist() for values in places_e7)
    order = rk.compute_order_inertial(len(lat), tail, head, lat, lon)
    metric = rk.CCHMetric(rk.CCH(order, tail, head, False), weights)
    many_to_one = rk.CCHManyToOne(metric, sources)
    times: dict[str, Any] = {"over": "turns" if over_turns else "junctions"}
    times |= {"prepared_s": round(time.perf_counter() - began_s, 1)}
    times |= summary_ms(list(_each(ends, many_to_one.distances_to)))
    if over_turns:
        theirs = [-1 if ms is None else ms for ms in many_to_one.distances_to(targets[0])]
        times["that_differ"] = int(np.count_nonzero(theirs != _between_edges(both.roads, cars, targets[0], FULL)))
    return times


def _before_turns(graph: RoadGraph) -> npt.NDArray[np.intp]:
    """The edge before each turn."""
    return np.repeat(np.arange(graph.edge_count), np.diff(graph.turn_first))


def _between_edges(
    roads: LiveRoads, edges: npt.NDArray[np.int32], target: int, along_q16: int
) -> npt.NDArray[np.int64]:
    """Our milliseconds from that place on each edge to the same place on the target; -1 for no way."""
    m = len(edges)
    along, zeros, nowhere = np.full(m, along_q16, np.int32), np.zeros(m, np.int32), np.full(m, NOWHERE, np.int32)
    cars = Cars(edges, along, nowhere, zeros, zeros, np.zeros(m, np.float32))
    none = np.zeros(1, np.int32)
    stop = Stops(np.array([target], np.int32), np.array([along_q16], np.int32), none, none, 0.0)
    return TravelTimeField(roads.traffic, stop).etas(cars).eta_ms


def geosearch(both: CarsAndIncidents) -> dict[str, Any]:
    """Redis' ranking of all cars by straight line, over its socket."""
    program = shutil.which("redis-server")
    if program is None:
        return {"skipped": "redis-server is not installed"}
    with _redis(program) as ask:
        for i, (lat_e7, lon_e7) in enumerate(zip(both.cars.lat_e7, both.cars.lon_e7, strict=True)):
            ask("GEOADD", "cars", f"{lon_e7 / 1e7:.7f}", f"{lat_e7 / 1e7:.7f}", str(i))
        incidents = list(zip(both.incidents.lat_e7.tolist(), both.incidents.lon_e7.tolist(), strict=True))

        def search(place: tuple[int, int]) -> None:
            where = ("FROMLONLAT", f"{place[1] / 1e7:.7f}", f"{place[0] / 1e7:.7f}")
            ask("GEOSEARCH", "cars", *where, "BYRADIUS", "1000", "km", "ASC", "WITHDIST")

        return summary_ms(list(_each(incidents, search, time.perf_counter)))


def _each(
    questions: list[Any], ask: Callable[[Any], Any], clock: Callable[[], float] = time.thread_time
) -> Iterator[float]:
    for question in questions:
        began_s = clock()
        ask(question)
        yield clock() - began_s


@contextmanager
def _redis(program: str) -> Iterator[Callable[..., bytes]]:
    """A server of our own; yields a function that sends one command and reads the whole answer."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="sigap-bench-") as folder:
        argv = [program, "--port", str(port), "--save", "", "--dir", folder, "--bind", "127.0.0.1"]
        child = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        try:
            with _connected(port) as connection, connection.makefile("rb") as stream:

                def ask(*words: str) -> bytes:
                    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
                    connection.sendall(f"*{len(words)}\r\n{''.join(parts)}".encode())
                    return _answer(stream)

                yield ask
        finally:
            child.terminate()
            child.wait()


def _connected(port: int) -> socket.socket:
    deadline_s = time.monotonic() + _DEADLINE_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=_DEADLINE_S)
        except ConnectionRefusedError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.02)


def _answer(stream: Any) -> bytes:
    """One value of Redis' protocol (RESP 2), its bytes; raises ConnectionError for an error."""
    line: bytes = stream.readline()
    kind, rest = line[:1], line[1:].strip()
    if kind == b"-" or not line:
        raise ConnectionError(f"redis-server: {rest.decode() or 'gone'}")
    if kind == b"$" and int(rest) >= 0:
        return line + bytes(stream.read(int(rest) + 2))
    if kind == b"*":
        return line + b"".join(_answer(stream) for _ in range(int(rest)))
    return line
