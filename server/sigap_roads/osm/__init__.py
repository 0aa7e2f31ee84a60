"""Reads OpenStreetMap's extracts: `read_osm` is all that others need."""

from sigap_roads.osm.reading import ATTRIBUTION, Box, read_osm

__all__ = ["ATTRIBUTION", "Box", "read_osm"]
