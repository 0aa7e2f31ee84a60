"""What the drivers ask of a chip's objects: see chip.pyi beside this file."""

Board = Section = Hearing = I2cBus = Tone = Input = Output = SerialPort = Ppp = PppMaker = Meter = Wlan = object
