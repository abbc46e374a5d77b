"""The examples in the API description, by operation: bodies and answers as the contract has them, and tables."""

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
BODIES_BEYOND_CONTRACT = {
    "undo_history_entries": {
        "history_entry_ids": ["4711", "4712"],
        "metadata": {"initiated_by": "coordinator-007", "notes": "The wrong mentors"},
    }
}
TABLES = {
    "create_or_update_mentor_statuses": (
        "mentor_id,status,expected_return_date,pause_reason\r\n"
        "mentor-001,active,,\r\n"
        "mentor-042,paused,2026-05-01,personal_leave\r\n"
    ),
    "create_or_update_pause_records": (
        "pause_record_id,mentor_id,start_date,expected_return_date,reason\r\n"
        "pause-rec-0018,mentor-042,2026-03-01,2026-05-01,certification_expiry\r\n"
        ",mentor-001,2026-06-01,2026-07-01,personal_leave\r\n"
    ),
}
