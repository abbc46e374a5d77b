"""What GET one has shown since the last change: it tells what a colleague has changed from what the clock did.

A pause that begins or ends by itself changes what GET shows, though nobody wrote. A line that is as it was downloaded
must not undo that.
"""

from problems import Problem
from serializers import encode, etag_of, mentor_status, pause_record

DOWNLOAD_AGAIN = "download the table again, and edit the new line."


class Views:
    """What GET one has shown of a mentor or a pause record since its last change, by ETag.

    `represent(at)` returns what it shows at an instant; between the last change and the instant of the mentor's write
    it changes at most at the start or the end of one of the `pauses`. Where the clock is behind the last change, what
    is shown at the clock's now counts, too.
    """

    def __init__(self, represent, mentor, last_change, pauses):
        first = min(last_change, mentor.clock)
        dates = {date for pause in pauses for date in (pause.start_date, pause.end_date) if date}
        instants = {first, mentor.clock, mentor.now, *(date for date in dates if first < date < mentor.now)}
        views = {at: represent(at) for at in instants}
        self.now = views[mentor.now]
        self.by_etag = {etag_of(encode(view)): view for view in views.values()}
        self.current = {etag_of(encode(views[at])) for at in (mentor.clock, mentor.now)}

    @classmethod
    def of_mentor(cls, mentor):
        """Return what GET one has shown of a locked mentor, before anything is changed."""
        columns, pauses = dict(mentor.columns), list(mentor.pauses.values())
        return cls(lambda at: mentor_status(columns, pauses, at), mentor, columns["last_updated"], pauses)

    @classmethod
    def of_record(cls, mentor, pause, last_changed):
        """Return what GET one has shown of a pause record of a locked mentor."""
        # That changes once at most, where the pause ends: the first instant and the last one show both.
        return cls(lambda at: pause_record(mentor.mentor_id, pause, at), mentor, last_changed, ())

    def is_untouched(self, etag, body):
        """Say whether the cells of a line, as a body, are still those that GET showed with this ETag."""
        view = self.by_etag.get(etag)
        cells = {"is_paused" if name == "paused" else name: value for name, value in body.items() if name != "metadata"}
        return view is not None and all(view[name] == value for name, value in cells.items())

    def stale(self, etag):
        """Return the Problem (412) to raise if a line with this ETag would change anything; None if it may."""
        if etag is None or etag in self.current:
            return None
        then = self.by_etag.get(etag)
        return Problem(412, "stale", f"{self.difference(then)} since the table was downloaded; {DOWNLOAD_AGAIN}")

    def difference(self, then):
        """Say in words what has changed since an earlier view; None: one from before the last change."""
        if then is None:
            return "Somebody has changed it"
        if "is_active" in then:
            return "The pause has ended"
        return "A pause of the mentor has begun" if self.now["is_paused"] else "A pause of the mentor has ended"
