"""Starts a program that cannot outlive the process that started it.

Run as `python -I -S tether.py PIPE_FD PROGRAM ARGUMENT…` with PIPE_FD the reading end of a pipe whose writing end
only the parent holds, and in a process group of its own. It leaves a watcher in that group and becomes the program.
However the parent ends, SIGKILL included, the kernel closes the writing end, the watcher reads the end of the file
and kills the whole group. The group's number cannot have been given to others, because the watcher is in it.
"""

import os
import signal
import sys


def main() -> None:
    pipe_fd = int(sys.argv[1])
    # Forked twice, so that the program does not find a child it never started.
    middle = os.fork()
    if middle == 0:
        if os.fork() == 0:
            watch(pipe_fd)
        os._exit(0)
    os.waitpid(middle, 0)
    os.close(pipe_fd)
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as error:
        print(f"cannot run {sys.argv[2]}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(127)


def watch(pipe_fd: int) -> None:
    """Waits for the parent's end, then kills this group. Signals that ask the program to stop are not for it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # else it would hold the program's pipes open after the program's end
        os.dup2(null, stream)
    while os.read(pipe_fd, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
