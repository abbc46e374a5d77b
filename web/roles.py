"""The roles that may call a view, if tokens are set. `accepts` gives each view one of these sets."""

from settings import FEED, FULL, READ, STATUS

EVERYONE = {"everyone"}  # the view is open: it needs no token, and ignores one
WRITERS = {FULL}
READERS = {FULL, READ}
CALENDARS = {FULL, READ, FEED}
BACKENDS = {FULL, READ, STATUS}  # a matching backend has the role `status`: it need not know why a mentor is paused

# The detail of the 403 for a token of this role.
REFUSALS = {
    READ: "This token may only read; send one that may write.",
    STATUS: "This token may only read mentor statuses and their changes; send one that may do more.",
    FEED: "This token may only open the calendar, as ?token=TOKEN in its address; send one that may do more.",
}
