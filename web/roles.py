"""The roles that may call a view, if tokens are set. `accepts` gives each view one of these sets."""

from settings import FEED, FULL, READ, STATUS

EVERYONE = {"everyone"}  # the view is open: it needs no token, and ignores one
WRITERS = {FULL}
READERS = {FULL, READ}
CALENDARS = {FULL, READ, FEED}
BACKENDS = {FULL, READ, STATUS}  # a matching backend has the role `status`: it need not know why a mentor is paused

# The detail of the 403 for a token of this role.
REFUSALS = {
    READ: "This token only reads; send one that may write.",
    STATUS: "This token only reads mentor statuses and their changes; send one that may do more.",
    FEED: "This token only opens the calendar, as ?token=TOKEN in its address; send one that may do more.",
}
