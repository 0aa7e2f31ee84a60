"""What is where in the unit's own part of the flash, in sectors. littlefs, with the application, is another part.

The journal is the reserve for orders, acknowledgements and results: the spool, however full, never touches it. Each
range is one that a power cut in another cannot reach.
"""

SECTOR_BYTES = 4096

BOOT_FIRST, BOOT_SECTORS = 0, 4
SETTINGS_FIRST = 4  # two slots, storage/slots.py
JOURNAL_FIRST, JOURNAL_SECTORS = 8, 8
SPOOL_FIRST = 16  # to the end

# Keys of the journal in JOURNAL_FIRST. All of its values together must fit one sector.
ACK_KEY, ACK_KEYS = 0, 32
RESULT_KEY, RESULT_KEYS = 32, 4
ORDER_KEY, ORDER_KEYS = 64, 4
TEST_KEY = 200  # of the self-test, for a moment
PIN_KEY = 80  # the SIM's PIN, from before it is entered until it was right
REBOOTS_KEY = 81  # by the ladder, in a row
