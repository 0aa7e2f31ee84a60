"""From everywhere to everywhere: one-way streets out of which there is no way become two-way, islands go."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sigap_roads.city.laying import Draft

_ROUNDS = 4


def connect(drafts: list[Draft], node_count: int) -> list[Draft]:
    """The drafts that remain. Carriageways of a road with a divider stay as they are: they meet at their ends."""
    for _ in range(_ROUNDS):
        main = _main(drafts, node_count)
        # A street that leads out of the greatest connected part, or into it, and only that way.
        stuck = [draft for draft in drafts if not all(main[at] for at in (draft.at[0], draft.at[-1]))]
        turned = [draft for draft in stuck if draft.one_way and not draft.road.dual and not draft.is_roundabout]
        for draft in turned:
            draft.one_way = False
        if not turned:
            break
    main = _main(drafts, node_count)
    return [draft for draft in drafts if all(main[at] for at in draft.at)]


def _main(drafts: list[Draft], node_count: int) -> list[bool]:
    """Which points belong to the greatest part in which one gets from everywhere to everywhere."""
    begins = [at for draft in drafts for at in draft.at[:-1]]
    ends = [at for draft in drafts for at in draft.at[1:]]
    backward = [
        (end, begin)
        for draft in drafts
        if not draft.one_way
        for begin, end in zip(draft.at, draft.at[1:], strict=False)
    ]
    rows = np.array(begins + [end for end, _ in backward])
    columns = np.array(ends + [begin for _, begin in backward])
    net = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(node_count, node_count))
    _, part = connected_components(net, directed=True, connection="strong")
    greatest = np.bincount(part).argmax()
    found: list[bool] = (part == greatest).tolist()
    return found
