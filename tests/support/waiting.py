"""How the tests wait for what must happen at all."""

import time

PATIENCE = 90  # seconds, on a machine that is busy with other runs, too


def wait_until(condition, tell=lambda: None):
    """Return when the condition is true; if that takes too long, fail with what `tell()` returns."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, tell()
        time.sleep(0.005)
