"""What the tests of every part share: ports, deadlines, child processes, tools that may be missing."""
