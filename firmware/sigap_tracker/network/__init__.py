"""The way to the server: lines, MQTT, and what goes out in which order."""
