"""The unit's application: NMEA in, reports out, orders on the screen."""

FIRMWARE = "sigap-tracker 0.1.0"  # its name and version
