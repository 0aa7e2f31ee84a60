"""What main.py does on a chip: micropython start.py, in a folder with board.json and the settings."""

import bench  # the first: it is the world

from sigap_tracker.hal_esp32 import Hal
from sigap_tracker.startup import run

run(["unit", "config.json"], Hal)
assert bench
