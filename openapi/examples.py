"""The examples in the API description, by operation: bodies and answers from the contract, and tables to upload."""

PAUSED = {
    "mentor_id": "mentor-042",
    "status": "paused",
    "is_paused": True,
    "pause_start_date": "2026-03-01T00:00:00Z",
    "expected_return_date": "2026-04-01T00:00:00Z",
    "last_updated": "2026-03-01T09:15:00Z",
}
ACTIVE = {
    "mentor_id": "mentor-001",
    "status": "active",
    "is_paused": False,
    "pause_start_date": None,
    "expected_return_date": None,
    "last_updated": "2026-03-20T10:00:00Z",
}
PAUSE = {
    "pause_record_id": "pause-rec-0018",
    "mentor_id": "mentor-042",
    "start_date": "2026-03-01T00:00:00Z",
    "expected_return_date": "2026-04-01T00:00:00Z",
    "end_date": None,
    "is_active": True,
    "reason": "certification_expiry",
}
LEAVE = {
    "mentor_id": "mentor-042",
    "start_date": "2026-03-26T00:00:00Z",
    "expected_return_date": "2026-05-01T00:00:00Z",
    "reason": "personal_leave",
}

BODIES = {
    "create_mentor_status": {"mentor_id": "mentor-099", "status": "active", "is_paused": False},
    "update_mentor_status": {
        "status": "paused",
        "is_paused": True,
        "pause_start_date": "2026-03-26T00:00:00Z",
        "expected_return_date": "2026-05-01T00:00:00Z",
        "pause_reason": "personal_leave",
        "metadata": {"initiated_by": "coordinator-007", "notes": "Mentor requested leave"},
    },
    "create_pause_record": LEAVE,
    "update_pause_record": {"end_date": "2026-04-15T00:00:00Z", "is_active": False},
}

ANSWERS = {
    "list_mentor_statuses": {"data": [ACTIVE, PAUSED], "pagination": {"page": 1, "limit": 20, "total": 87}},
    "get_mentor_status": {
        **{name: value for name, value in PAUSED.items() if name != "last_updated"},
        "pause_reason": "certification_expiry",
        "last_updated": "2026-03-01T09:15:00Z",
    },
    "create_mentor_status": ACTIVE | {"mentor_id": "mentor-099", "last_updated": "2026-03-26T08:00:00Z"},
    "update_mentor_status": PAUSED
    | {
        "pause_start_date": "2026-03-26T00:00:00Z",
        "expected_return_date": "2026-05-01T00:00:00Z",
        "last_updated": "2026-03-26T08:30:00Z",
    },
    "delete_mentor_status": {"deleted": True, "mentor_id": "mentor-099"},
    "list_pause_records": {"data": [PAUSE], "pagination": {"page": 1, "limit": 20, "total": 34}},
    "get_pause_record": PAUSE | {"created_at": "2026-03-01T09:15:00Z"},
    "create_pause_record": PAUSE | LEAVE | {"pause_record_id": "pause-rec-0019", "created_at": "2026-03-26T08:30:00Z"},
    "update_pause_record": {
        **{name: value for name, value in PAUSE.items() if name != "reason"},
        "end_date": "2026-04-15T00:00:00Z",
        "is_active": False,
    },
    "delete_pause_record": {"deleted": True, "pause_record_id": "pause-rec-0018"},
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
