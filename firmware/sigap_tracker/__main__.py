"""micropython -m sigap_tracker SETTINGS.json"""

import sys

from sigap_tracker.hal_unix import Hal
from sigap_tracker.startup import run

run(sys.argv, Hal)
