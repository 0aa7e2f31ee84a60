"""A new version of the application: fetched over MQTT, verified, put into the other slot, confirmed or given up."""
