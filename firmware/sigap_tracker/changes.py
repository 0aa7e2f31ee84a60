"""What configuration.py says of the settings: apart from it, because the application keeps these words and not it."""

# Of the settings that the unit starts with. OWES: the server waits to be told that they took effect. TRIAL: and they
# have to prove first that the unit gets through to it.
SETTLED, OWES, TRIAL = range(3)

# What a change asks of the application: nothing, to take the settings, to start anew, to tell how it is.
NOTHING, APPLY, ANEW, TELL = range(4)
