"""How a run with several workers shares the tests out."""

from itertools import pairwise

from tests.support.sharing import order


def test_the_longest_come_first_and_the_others_take_turns() -> None:
    slow = [f"tests/system/test_a.py::test_{number}" for number in range(3)]
    many = [f"tests/server/test_b.py::test_{number}" for number in range(100)]
    few = [f"tests/wire/test_c.py::test_{number}" for number in range(10)]
    nodeids = [*many, *few, *slow, "tests/test_alone.py::test_x"]
    ranked = [nodeid for _, nodeid in sorted(zip(order(nodeids), nodeids, strict=True), key=lambda one: one[0])]
    assert sorted(ranked) == sorted(nodeids)
    assert ranked[:3] == slow
    places = [place for place, nodeid in enumerate(ranked) if nodeid in few]
    assert all(9 <= after - before <= 12 for before, after in pairwise(places))
    for folder in (many, few):
        assert [nodeid for nodeid in ranked if nodeid in folder] == folder, "in the order in which they are written"
