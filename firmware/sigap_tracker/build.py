"""When the firmware was made; set anew with each release."""

# No time that a unit learns can be earlier (Unix seconds): 2026-01-01.
BUILD_TIME_S = 1767225600
