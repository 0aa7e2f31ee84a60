/** The colours of states, once for the map; `styles/tokens.css` holds the same for the panels. */

import type { Phase, UnitStatus } from "../../api/model.ts";

export const STATUS_COLOUR: Record<UnitStatus, string> = {
  available: "#37d399",
  offered: "#ffc53d",
  assigned: "#ff9548",
  en_route: "#56b4ff",
  on_scene: "#c79bff",
  off_duty: "#8290a3",
  out_of_service: "#b0796f",
};

export const PHASE_COLOUR: Record<Phase, string> = {
  waiting: "#ff5a5f",
  offered: "#ffc53d",
  assigned: "#ff9548",
  en_route: "#56b4ff",
  on_scene: "#c79bff",
  closed: "#8290a3",
};

export const DISTRESS = "#ff2e38";
export const INK = "#080c12";
export const PAPER = "#e8eef6";
export const LOST_GREY = "#9aa7b8";
