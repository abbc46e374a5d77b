"""The modules of the board in node, for tests of what they compute."""

import json
import os
import subprocess

from tests.support.programs import installed
from tests.support.server import REPOSITORY

STUB = REPOSITORY / "tests/page/stub.mjs"  # what the modules find in a browser alone
AMERICAN = {"LC_ALL": "en_US.UTF-8"}  # the language in which days are written


def run_node(*arguments, program=None, **env):
    """Run node, in which each module of the board can be imported; return how it ended. `env` are further variables."""
    command = [installed("node"), "--import", STUB.as_uri(), *arguments]
    return subprocess.run(
        command, input=program, capture_output=True, check=False, text=True, env=os.environ | AMERICAN | env
    )


def run_in_node(imports, expression):
    """Return the value of an expression of JavaScript; `imports` are names by the module of the board that has them."""
    lines = [
        f'import {{ {names} }} from "{(REPOSITORY / "static/board" / module).as_uri()}";'
        for module, names in imports.items()
    ]
    ran = run_node("--input-type=module", program="\n".join([*lines, f"console.log(JSON.stringify({expression}));"]))
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
