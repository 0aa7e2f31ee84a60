"""From the receiver's bytes to the positions that are reported: integers only, and nothing waits, sends or stores."""
