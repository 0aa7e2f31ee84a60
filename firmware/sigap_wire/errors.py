"""The wire's exceptions.

WireError(ValueError)      bytes, values or topics that the contract does not allow
"""


class WireError(ValueError):
    """Says what was found and what was expected; the server quarantines the message with this text."""
