"""When the firmware was made, where whatever builds it does not say: `sigap board files` and updates have it later."""

# No time that a unit learns can be earlier (Unix seconds): 2026-01-01.
BUILD_TIME_S = 1767225600
