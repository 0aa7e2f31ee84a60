"""Tests by part of the system; what they share is in `tests.support`."""
