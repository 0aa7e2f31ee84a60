"""What is in a unit's flash: the firmware as one compact module, in a file system that code runs from in place.

linker → mpy-cross → romfs → a file; `boot` maps that file into memory as a chip maps its flash, and runs it.
"""
