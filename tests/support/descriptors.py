"""What a process does that has no descriptor left."""

import resource
from contextlib import contextmanager

LOWEST = 3  # what is open stays open; poll() takes no more descriptors than the limit


@contextmanager
def no_free_descriptor(pid=0):
    """Give a process (by default this one) no new descriptor."""
    usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (LOWEST, usual[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
