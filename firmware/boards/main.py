"""What an ESP32 runs when it starts: chooses interpreter and application by the boot record and runs it.

See docs/boards.md. It lies with sigap_boot at the top of the file system, where no update reaches it.
"""

import sys

import esp32
import machine

from sigap_boot import APPLICATION, SLOT_FOLDERS
from sigap_boot.images import open_images, switch
from sigap_boot.partition_flash import PartitionFlash
from sigap_boot.start import start

_records = PartitionFlash(esp32.Partition.find(esp32.Partition.TYPE_DATA, label="sigap")[0])
if switch(_records, open_images(esp32.Partition)):
    machine.reset()
# After machine.reset() the chip says the same whether the program asked for it in order or this one below, after a
# fault; which of the two it was, the boot record knows.
_crashed = machine.reset_cause() in (machine.HARD_RESET, machine.WDT_RESET, machine.SOFT_RESET)
_slot, _ = start(_records, _crashed)
# The application brings its own of what it needs of this, under the names that its linking gave to everything.
for _name in list(sys.modules):
    if _name.split(".")[0] == "sigap_boot":
        del sys.modules[_name]
del start, switch, open_images, PartitionFlash, _records
sys.path.insert(0, SLOT_FOLDERS[_slot])
try:
    _application = __import__(APPLICATION)
    _application.run(["unit", "config.json"], _application.Hal)
except (Exception, SystemExit) as error:  # Ctrl-C at the console is neither, and leads to MicroPython's prompt
    sys.print_exception(error)
machine.reset()
