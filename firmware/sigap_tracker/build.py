"""What a build stamps: when the firmware was made."""

# No time that a unit learns can be earlier (Unix seconds): 2026-01-01. A package for units has its own here.
BUILD_TIME_S = 1767225600
