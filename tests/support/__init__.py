"""What tests have in common."""

import pytest

pytest.register_assert_rewrite("tests.support.scripts")  # so that its assertions show what they compare
