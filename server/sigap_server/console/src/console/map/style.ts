/** The map's background: for now a dark plane with a grid. Everything is here, nothing is fetched. */

import type { StyleSpecification } from "maplibre-gl";

export const GRID_SOURCE = "grid";
const FONT = ["Inter Variable"];

export const mapStyle: StyleSpecification = {
  version: 8,
  sources: {
    [GRID_SOURCE]: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
  },
  layers: [
    { id: "ground", type: "background", paint: { "background-color": "#0b1119" } },
    {
      id: "grid-lines",
      type: "line",
      source: GRID_SOURCE,
      paint: {
        "line-color": ["case", ["get", "major"], "#263646", "#18222d"],
        "line-width": 1,
      },
    },
    {
      id: "grid-labels",
      type: "symbol",
      source: GRID_SOURCE,
      layout: {
        "symbol-placement": "line",
        "symbol-spacing": 420,
        "text-field": ["get", "label"],
        "text-font": FONT,
        "text-size": 10,
        "text-letter-spacing": 0.06,
        "text-keep-upright": true,
      },
      paint: { "text-color": "#64788f", "text-halo-color": "#0b1119", "text-halo-width": 3 },
    },
  ],
};
