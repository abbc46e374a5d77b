"""Standard output, for the lines of the log: a line is dropped, and counted, if it cannot be written at once.

If the program that reads the log hangs, no request waits for it. gunicorn's master imports this file, as it imports
web/gunicorn_classes.py. So it imports nothing of the service, and stays as it is until a restart.
"""

import json
import os
import select
import socket
import stat
import sys
from functools import cached_property, partial
from threading import Lock

IS_JSON = os.environ.get("LOG_FORMAT", "").strip().lower() == "json"  # as in settings.py
FLAGS = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY


def as_line(dropped):
    """Return the line that says how many were dropped."""
    return f"{json.dumps({'level': 'WARNING', 'dropped': dropped}) if IS_JSON else f'WARNING dropped={dropped}'}\n"


class Output:
    """A descriptor for lines, of all threads of a process; a stream such as sys.stdout would wait with its lock held.

    `dropped` counts the lines that could not be written since the last one that could; a part of a line counts, too.
    """

    def __init__(self, number):
        self.number = number
        self.dropped = 0
        self.ends_in_a_part = False
        self.lock = Lock()

    def write(self, line):
        """Write a line, with its line break; or drop it. If lines were dropped before, another line says how many."""
        with self.lock:
            dropped, self.dropped = self.dropped, 0
        if dropped and self.takes(("\n" if self.ends_in_a_part else "") + as_line(dropped)):
            dropped = 0
        if dropped or not self.takes(line):
            with self.lock:
                self.dropped += dropped + 1

    def takes(self, line):
        """Write a line, and say whether it was written as a whole."""
        data = line.encode(errors="replace")  # a file name may hold bytes that are no text
        try:
            written = self.send(data)
        except OSError:
            return False
        self.ends_in_a_part = written < len(data)
        return not self.ends_in_a_part

    @cached_property
    def send(self):
        """The function that writes bytes without waiting: it returns how many, or raises an OSError.

        O_NONBLOCK belongs to the open file, which the processes that were started with it share: to set it could break
        another one. So a pipe or a terminal is opened once more. Then a pipe takes a line of up to 4 KiB as a whole or
        not at all, whoever else writes to it. A socket cannot be opened again, but has a flag for each message.
        """
        mode = os.fstat(self.number).st_mode
        if stat.S_ISREG(mode):  # it always has room
            return partial(os.write, self.number)
        if stat.S_ISSOCK(mode):
            a_socket = socket.socket(fileno=os.dup(self.number))
            return lambda data: a_socket.send(data, socket.MSG_DONTWAIT)
        try:
            return partial(os.write, os.open(f"/proc/self/fd/{self.number}", FLAGS))
        except OSError:  # it may be a pipe of another user
            return self.write_if_ready

    def write_if_ready(self, data):
        """Write bytes if there is room.

        Another thread or process may take the room after the look. Then this thread waits for the reader, and the lines
        of the others are dropped.
        """
        poll = select.poll()
        poll.register(self.number, select.POLLOUT)
        if not poll.poll(0):
            raise BlockingIOError
        return os.write(self.number, data)


# If standard output is closed, another file may have the number 1, and if standard error is, the number 2.
OUTPUT = Output(1 if sys.__stdout__ else 2 if sys.__stderr__ else -1)
os.register_at_fork(after_in_child=partial(setattr, OUTPUT, "dropped", 0))  # the parent says what it has dropped
