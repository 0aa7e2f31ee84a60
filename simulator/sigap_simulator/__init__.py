"""Stands in for hardware and people: receivers, cars, officers, citizens; runs the real firmware."""
