"""What the officer sees, hears and presses."""
