"""Tests that run on CPython and on MicroPython from the same files.

A portable test file holds functions test_* with plain asserts, and imports nothing but the firmware's packages, what
both interpreters have, and `tests.portable.checks`. Under CPython pytest runs it as any other file. Under MicroPython
`runner.py` runs it, one process a file, started by `test_on_micropython.py`, which reports each function by itself.
"""
