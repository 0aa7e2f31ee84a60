"""The `sigap` command: the one place where server and simulator are put together."""
