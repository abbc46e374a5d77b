"""How the tests wait for what must happen at all."""

import time

PATIENCE = 30  # seconds


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)
