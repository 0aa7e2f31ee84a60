"""`sigap bench`: figures to quote, each beside its yardstick from the same run; never a test."""
