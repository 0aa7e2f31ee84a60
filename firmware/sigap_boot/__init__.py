"""What runs before the unit's application and chooses it: it stays when the application is updated."""

# An update may ask for more than an old loader can do; it then is refused by the unit that has it.
BOOT_VERSION = 1
APPLICATION = "sigap_unit"  # the module that a slot holds, linked from the sources
SLOT_FOLDERS = ("slot_a", "slot_b")
