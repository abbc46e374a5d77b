"""The modules of the board in node, for tests of what they compute."""

import json
import subprocess

from tests.support.programs import installed
from tests.support.server import REPOSITORY


def run_in_node(imports, expression):
    """Return the value of an expression of JavaScript; `imports` are names by the module of the board that has them."""
    lines = [
        f'import {{ {names} }} from "{(REPOSITORY / "static/board" / module).as_uri()}";'
        for module, names in imports.items()
    ]
    program = "\n".join([*lines, f"console.log(JSON.stringify({expression}));"])
    command = [installed("node"), "--input-type=module"]
    ran = subprocess.run(command, input=program, capture_output=True, check=True, text=True)
    return json.loads(ran.stdout)
