"""The examples of the contract, by operation: bodies and answers."""

import json
import re
from pathlib import Path

CONTRACT = Path(__file__).parent.parent / "docs" / "contract.txt"
OPERATIONS = (  # of the contract, in its order
    "list_mentor_statuses",
    "get_mentor_status",
    "create_mentor_status",
    "update_mentor_status",
    "delete_mentor_status",
    "list_pause_records",
    "get_pause_record",
    "create_pause_record",
    "update_pause_record",
    "delete_pause_record",
)


def examples_of_contract(heading):
    """Return the JSON below a heading of the contract, by operation."""
    _title, *texts = re.split(r"^(?:GET|POST|PUT|DELETE)\n", CONTRACT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {name: text.partition(f"{heading}\n")[2] for name, text in zip(OPERATIONS, texts, strict=True)}
    return {name: json.JSONDecoder().raw_decode(text)[0] for name, text in found.items() if text}


BODIES = examples_of_contract("Request Example")
ANSWERS = examples_of_contract("Response Example")
