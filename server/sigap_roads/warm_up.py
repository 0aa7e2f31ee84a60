"""What is compiled, compiled before anybody waits for it: `python -m sigap_roads.warm_up`, once a machine."""

from sigap_roads.build import build
from sigap_roads.live import LiveRoads
from sigap_roads.names import PlaceNames
from sigap_roads.profile import Profile
from sigap_roads.ways import RoadClass, Way, Ways

_NODES = {0: (0, 0), 1: (0, 10_000), 2: (10_000, 10_000)}


def warm_up() -> None:
    """Ask every kind of question once, on a triangle of streets. Some 20 s if nothing is kept yet, else a fraction of
    one."""
    streets = ((0, 1), (1, 2), (2, 0))
    ways = tuple(Way(number, ends, RoadClass.TERTIARY, f"Street {number}") for number, ends in enumerate(streets))
    graph = build(Ways(_NODES, ways, source="a triangle"), Profile())
    roads = LiveRoads(graph)
    cars = roads.snap([0, 5_000], [5_000, 10_000], [9_000, 0], [500, 500])
    field = roads.field(5_000, 5_000)
    field.best(cars, 1)
    field.etas(cars)
    field.edge_times(60_000)
    PlaceNames(graph).words(0, 5_000)


if __name__ == "__main__":
    warm_up()
