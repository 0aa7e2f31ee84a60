"""What portable tests share; runs on both interpreters."""

import json


def error_of(error_type, function, *arguments, **named):
    """The text of the error that the call raises; fails if it raises none, or one of another type."""
    try:
        result = function(*arguments, **named)
    except error_type as error:
        return str(error)
    raise AssertionError(f"no {error_type.__name__}, but {result!r}")


def read_json(module_file, name):
    """The JSON file `name` beside a module, given the module's __file__."""
    with open(module_file.rsplit("/", 1)[0] + "/" + name) as file:
        return json.load(file)


def sentence(body):
    """The NMEA sentence of a body without '$' and checksum, as a receiver sends it."""
    found = 0
    for byte in body.encode():
        found ^= byte
    return f"${body}*{found:02X}\r\n".encode()
