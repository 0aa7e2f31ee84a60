"""`sigap demo`: broker, server, a simulated fleet and simulated people, on one machine."""
