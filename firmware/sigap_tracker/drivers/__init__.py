"""What hangs on a chip's pins, given the chip's own objects: no module here knows the platform."""
