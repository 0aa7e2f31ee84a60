"""What the application asks of the machine it runs on. One module a platform implements it as class Hal:
hal_unix.py does. Nothing else in this package may import `machine`, `network`, `esp32` or `termios`.

Hal(settings)
    .canvas                  128 × 64 framebuf.FrameBuffer, MONO_VLSB, as SSD1306 and SH1106 displays take it
    .show()                  put the canvas on the display; costs little when nothing changed
    .buzz(pattern)           play [[frequency_hz, on_ms, off_ms], …] over whatever is playing; [] is silence
    .log(event, **values)    one event for technicians: a short name, then integers and short texts
    .ticks_ms()              milliseconds, from 0 to 2**30 - 1 and over again
    .next_boot_id()          a number one higher than at the start before, safe against power cuts
    .open_gps()              → a stream whose `await readinto(buffer)` gives the bytes that are there, at least one;
                             0, None or OSError: the receiver is gone
    .open_connection(host, port)   coroutine → (reader, writer), each with asyncio's stream methods; OSError
    .next_event()            coroutine → the next of: a button's name (orders.BUTTONS), HEALTH, or
                             None when the unit is to end
    .run_output()            coroutine that never returns: whatever show(), buzz() and log() have left to do

No method blocks: one that cannot do its work at once leaves it to run_output() or is a coroutine.
"""

HEALTH = "health"  # somebody asks for a health message now
