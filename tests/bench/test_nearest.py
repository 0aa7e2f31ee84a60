"""`sigap bench nearest` measures what it says, and other engines find the same times as ours."""

from pathlib import Path

import pytest

from sigap.bench.nearest import measure
from sigap.bench.traffic import scatter
from sigap.bench.yardsticks import CarsAndIncidents, whole_dijkstra
from sigap_roads.build import build
from sigap_roads.city import make_city
from sigap_roads.file import save
from sigap_roads.geometry import haversine_m
from sigap_roads.graph import RoadGraph
from sigap_roads.live import LiveRoads
from sigap_roads.profile import Profile
from sigap_roads.sources import open_roads
from tests.support.tools import require_shared_data


@pytest.fixture(scope="module")
def city() -> RoadGraph:
    return build(make_city(), Profile())


def test_every_figure_is_there(city: RoadGraph, tmp_path: Path) -> None:
    path = tmp_path / "city.roads"
    save(city, path)
    document = measure(path, 20, lambda _: None)
    assert document["graph"]["edges"] == city.edge_count
    for name in ("the first 8", "all within 10 min", "every unit, to the last", "scipy: the whole graph"):
        assert document["rankings"][name]["median_ms"] > 0
    for name, figures in document["rankings"].items():
        assert figures.get("that_differ", 0) == 0, name
    assert document["refresh"]["share_of_a_core"] > 0
    for fleet, cars in zip(document["straight_line"], (40, 200), strict=True):
        assert fleet["cars"] == cars
        for way in ("straight_line", "blind_to_heading"):
            assert fleet[way]["incidents"] == 20
            assert 0 <= fleet[way]["lost_mean_min"] <= fleet[way]["lost_p95_min"] or fleet[way]["wrong"] < 0.05


def test_scattered_cars_are_on_roads(city: RoadGraph) -> None:
    cars = scatter(city, 500, 7)
    snapped = LiveRoads(city).snap(*cars)
    assert (snapped.edge >= 0).all()
    assert (snapped.off_m < 15).all()
    assert haversine_m(cars.lat_e7[:1], cars.lon_e7[:1], cars.lat_e7[1:2], cars.lon_e7[1:2])[0] > 0


@pytest.mark.parametrize("name", ["bandung-skeleton", "porto-alegre", "helsinki"])
def test_another_engine_agrees_on_a_real_map(name: str) -> None:
    roads = LiveRoads(open_roads(require_shared_data(f"osm/{name}.osm.pbf")))
    cars, incidents = scatter(roads.graph, 10, 1), scatter(roads.graph, 15, 2)
    assert whole_dijkstra(CarsAndIncidents(roads.graph, roads, cars, incidents))["that_differ"] == 0
