"""What the drivers ask of a chip's objects: see chip.pyi beside this file."""

I2cBus = Tone = Input = Meter = Partition = Wlan = object
