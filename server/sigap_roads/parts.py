"""What hangs together: the part of the graph in which every edge can be driven to from every other."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components

from sigap_roads.errors import MapError
from sigap_roads.geometry import Int32
from sigap_roads.pieces import Bool, Int64

NO_WAY_BACK = "no way back into the net"
NO_WAY_IN = "no way in from the net"
ISLAND = "not joined to the net"


def largest_part(first: Int64, to: Int64, length_dm: Int32) -> tuple[Bool, dict[str, Bool]]:
    """(m,) edges of the strongly connected part with the greatest length, and the others by why they are not in it.

    first (m+1,), to (t,): the edges that may follow each edge

    Raises MapError if nowhere one can come back to where one was.
    """
    count = len(length_dm)
    of = np.repeat(np.arange(count), np.diff(first))
    follows = csr_matrix((np.ones(len(to), np.int8), to, first), shape=(count, count))
    _, label = connected_components(follows, directed=True, connection="strong")
    goes_on = np.bincount(label[of[label[of] == label[to]]], minlength=count) > 0
    if not goes_on.any():
        raise MapError("of no road one could drive away and come back to it: are all of them one-way?")
    # The first of several that are equally long: labels are numbered in no order worth relying on.
    long = np.where(goes_on, np.bincount(label, weights=length_dm, minlength=count), 0)[label]
    start = int(np.argmax(long))
    inside = label == label[start]
    from_it = _reached(follows, start)
    to_it = _reached(follows.T.tocsr(), start)
    return inside, {
        NO_WAY_BACK: from_it & ~inside,
        NO_WAY_IN: to_it & ~inside,
        ISLAND: ~from_it & ~to_it,
    }


def _reached(follows: csr_matrix, start: int) -> Bool:
    reached = np.zeros(follows.shape[0], bool)
    reached[breadth_first_order(follows, start, return_predecessors=False)] = True
    return reached
