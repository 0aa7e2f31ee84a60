"""What the drivers ask of a chip's objects: see chip.pyi beside this file."""

Board = Section = I2cBus = Tone = Input = Meter = Partition = Wlan = object
