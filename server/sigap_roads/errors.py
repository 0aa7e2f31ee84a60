"""The exceptions of everything about roads.

RoadsError        the message is for people: what was wrong, and what was expected
├── ProfileError  a value of the profile that is unknown or not allowed; names it
├── FileError     a road file that is broken, of another kind or of another version
└── MapError      a map that cannot be read, or has no roads
"""


class RoadsError(ValueError):
    """Base of everything this package raises on purpose."""


class ProfileError(RoadsError):
    pass


class FileError(RoadsError):
    pass


class MapError(RoadsError):
    pass
