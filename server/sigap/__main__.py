"""`python -m sigap` is the `sigap` command."""

from sigap.cli import main

main()
