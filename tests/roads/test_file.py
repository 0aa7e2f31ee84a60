"""A road file is what was saved, or is refused with a reason."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_roads.build import build
from sigap_roads.errors import FileError
from sigap_roads.file import MAGIC, load, save
from sigap_roads.graph import RoadGraph
from sigap_roads.profile import Profile
from sigap_roads.ways import RoadClass, Way, Ways

NODES = {i: (-69_175_000 + i * 9_000, 1_076_191_000 + i * i * 500) for i in range(6)}
WAYS = Ways(NODES, (Way(1, (0, 1, 2, 3), RoadClass.PRIMARY, "Jalan Café"), Way(2, (2, 4, 5), RoadClass.TRACK)))


@pytest.fixture(scope="module")
def graph() -> RoadGraph:
    return build(WAYS, Profile())


@pytest.fixture(scope="module")
def saved(graph: RoadGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roads") / "city.roads"
    save(graph, path)
    return path


def test_comes_back_as_it_was(graph: RoadGraph, saved: Path) -> None:
    loaded = load(saved)
    for name, array in graph.arrays().items():
        assert getattr(loaded, name).dtype == array.dtype
        assert (getattr(loaded, name) == array).all()
    assert (loaded.names, loaded.info) == (graph.names, graph.info)
    assert "Jalan Café" in loaded.names


def test_arrays_cannot_be_written_and_lie_in_step(saved: Path) -> None:
    loaded = load(saved)
    assert not any(array.flags.writeable for array in loaded.arrays().values())
    assert all(array.ctypes.data % 64 == 0 for array in loaded.arrays().values())
    with pytest.raises(ValueError, match="read-only"):
        loaded.edge_time_ms[0] = 1


def test_the_same_graph_is_the_same_file(graph: RoadGraph, saved: Path, tmp_path: Path) -> None:
    save(graph, tmp_path / "again.roads")
    assert (tmp_path / "again.roads").read_bytes() == saved.read_bytes()
    save(load(saved), tmp_path / "copy.roads")
    assert (tmp_path / "copy.roads").read_bytes() == saved.read_bytes()


@given(st.data())
@settings(max_examples=200)
def test_any_damage_is_found(saved: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(saved.read_bytes())
    if data.draw(st.booleans(), "cut short"):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    broken = saved.with_name("broken.roads")
    broken.write_bytes(content)
    with pytest.raises(FileError, match=r"broken\.roads"):
        load(broken)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no road file"),
        (b"PK\x03\x04 something else altogether", "is no road file"),
        (MAGIC + b"\x01", "is cut short"),
        (MAGIC + struct.pack("<IQ32sI", 99, 56, bytes(32), 0), "has version 99, expected 1"),
        (MAGIC + struct.pack("<IQ32sI", 1, 99, bytes(32), 0), "has 56 bytes where 99 are expected"),
        (MAGIC + struct.pack("<IQ32sI", 1, 56, bytes(32), 0), "its checksum is wrong"),
    ],
)
def test_what_is_no_road_file(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.roads"
    path.write_bytes(content)
    with pytest.raises(FileError, match=words):
        load(path)


def test_a_missing_file_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.roads")


def test_a_failed_save_leaves_the_old_file_and_nothing_else(
    graph: RoadGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "city.roads"
    path.write_bytes(b"the old one")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(graph, path)
    assert path.read_bytes() == b"the old one"
    assert os.listdir(tmp_path) == ["city.roads"]


def test_a_saved_graph_outlives_its_file(saved: Path, tmp_path: Path, graph: RoadGraph) -> None:
    path = tmp_path / "city.roads"
    path.write_bytes(saved.read_bytes())
    loaded = load(path)
    save(graph, path)
    assert np.array_equal(loaded.edge_time_ms, graph.edge_time_ms)
