"""The unit's application: NMEA in, reports out, orders on the screen."""
