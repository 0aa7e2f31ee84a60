"""A city's roads: where they come from, how long driving takes, and from where one is first at a place.

The order of reading: `ways` (what a source says; `osm` and `city` are sources) → `profile` (what driving costs) →
`build` → `graph` (what is kept in one `file`) → `snap` (where cars and incidents are on it) → `field` (the travel time
from every road to one place) → `live` (the same, with closures and what the fleet has learned).
"""
