"""Keeps the fleet's state and dispatches."""
