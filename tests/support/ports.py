"""Ports nobody listens on."""

import socket


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that was free a moment ago; prefer port 0 wherever the program can report its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind((host, 0))
        port: int = listener.getsockname()[1]
        return port


def accepts(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody accepts connections on the port now."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
