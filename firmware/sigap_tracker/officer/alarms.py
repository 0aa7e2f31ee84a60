"""What the buzzer plays; loaded when something is to be heard."""

# [frequency_hz, on_ms, off_ms] by orders.ALARM_…
PATTERNS = (
    (),
    ((2400, 150, 80), (3000, 150, 80)) * 4,
    ((3000, 120, 60), (3000, 400, 0)),
    ((1200, 600, 100), (800, 800, 0)),
    ((3000, 60, 60),) * 3,
    ((1200, 400, 0),),
)
