"""A patrol fleet without hardware: believable receivers, cars, officers and citizens around the real firmware.

Everything that decides something (receiver noise, driving, officers) is a pure object with seeded randomness and
time passed in; the few modules that own processes, sockets and ptys are thin shells around them.
"""
