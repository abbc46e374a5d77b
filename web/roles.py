"""Who may do what, if tokens are set: the roles that may ask each view, and so each method of each route.

Building the app fails if a view has no line here, or a line no view.
"""

from settings import FEED, FULL, READ, STATUS

EVERYONE = {"everyone"}  # the view is open, and looks at no token
WRITERS = {FULL}
READERS = {FULL, READ}
CALENDARS = {FULL, READ, FEED}
BACKENDS = {FULL, READ, STATUS}  # a matching backend has the role `status`: it need not know why a mentor is paused

ROLES_OF_VIEW = {
    "mentor_statuses.list_mentor_statuses": BACKENDS,
    "mentor_statuses.create_mentor_status": WRITERS,
    "mentor_statuses.get_mentor_status": BACKENDS,
    "mentor_statuses.update_mentor_status": WRITERS,
    "mentor_statuses.delete_mentor_status": WRITERS,
    "mentor_statuses.list_history": READERS,
    "changes.list_changes": BACKENDS,
    "calendar.show_calendar": CALENDARS,
    "pause_records.list_pause_records": READERS,
    "pause_records.create_pause_record": WRITERS,
    "pause_records.get_pause_record": READERS,
    "pause_records.update_pause_record": WRITERS,
    "pause_records.delete_pause_record": WRITERS,
    "tables.download_mentor_statuses": READERS,
    "tables.create_or_update_mentor_statuses": WRITERS,
    "tables.download_pause_records": READERS,
    "tables.create_or_update_pause_records": WRITERS,
    "pages.show_board": EVERYONE,
    "pages.show_board_file": EVERYONE,
    "pages.show_documentation": EVERYONE,
    "pages.show_documentation_file": EVERYONE,
    "system.show_service": EVERYONE,
    "system.show_liveness": EVERYONE,
    "system.show_readiness": EVERYONE,
    "system.show_metrics": READERS,
    "system.show_description": EVERYONE,
}
# What a 403 says to a token of the role.
REFUSALS = {
    READ: "This token only reads; send one that may write.",
    STATUS: "This token only reads mentor statuses and their changes; send one that may do more.",
    FEED: "This token only opens the calendar, as ?token=TOKEN in its address; send one that may do more.",
}


def needs_token(view):
    """Say whether a view, named as Flask's endpoint, needs a token if tokens are set."""
    return ROLES_OF_VIEW[view] != EVERYONE


def takes_feed_token(view):
    """Say whether a view takes a token of the role feed, in its query."""
    return FEED in ROLES_OF_VIEW.get(view, ())


def check_roles(app):
    """Raise LookupError unless there is one line for each view of the app, and one view for each line."""
    views = {rule.endpoint for rule in app.url_map.iter_rules()}
    if missing := views - ROLES_OF_VIEW.keys():
        raise LookupError(f"web/roles.py has no line for {', '.join(sorted(missing))}: who may ask it?")
    if unknown := ROLES_OF_VIEW.keys() - views:
        raise LookupError(f"web/roles.py has a line for {', '.join(sorted(unknown))}, which the app does not have.")
