"""What the loader asks of the flash: see interfaces.pyi beside this file."""

Flash = Partition = Partitions = object
