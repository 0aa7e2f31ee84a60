"""A city without a map: `make_city` draws one by its seed, with a river, a railway, one-way grids, estates and lanes.

The order of reading: `lines` (straight lines cut convex faces) → `skeleton` (great roads) → `barriers` (what they have
to cross) → `districts` and `blocks` (how neighbourhoods are filled) → `rules` (lights, forbidden turns) → `laying`
(carriageways, roundabouts) → `warp` (the plane is bent) → `drawing` (all of it in turn).
"""

from sigap_roads.city.drawing import MIDDLE, SIZES, CityPlan, default_city, draw_city, make_city

__all__ = ["MIDDLE", "SIZES", "CityPlan", "default_city", "draw_city", "make_city"]
