"""The contract between units, gateways and the server: topics, messages and their bytes.

These source files run unchanged on MicroPython and CPython and import nothing else.
`sigap.cddl` describes the same messages for every other language; the tests hold the two together.
"""

WIRE_VERSION = 1
