"""The boards that a unit can be built from, read from firmware/boards/*.toml, and what is made from them."""
