"""What gunicorn itself logs: on standard output, as one JSON object a line if LOG_FORMAT says so, and without values.

gunicorn's master imports this file, so it imports nothing of the service.
"""

import json
import logging
import os
import sys
from datetime import UTC, datetime

from gunicorn.glogging import Logger


class JSONFormatter(logging.Formatter):
    def format(self, record):
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {"level": record.levelname, "time": when, "pid": record.process, "message": record.getMessage()}
        error = {"traceback": self.formatException(record.exc_info)} if record.exc_info else {}
        return json.dumps(fields | error)


class GunicornLog(Logger):
    def setup(self, cfg):
        super().setup(cfg)
        for handler in self.error_log.handlers:
            if cfg.errorlog == "-":  # for gunicorn this is standard error; the service writes to standard output
                handler.setStream(sys.stdout)
            if os.environ.get("LOG_FORMAT", "").strip().lower() == "json":
                handler.setFormatter(JSONFormatter())

    def debug(self, msg, *args, **kwargs):
        """Write only the kind of an exception: its text repeats what the client sent."""
        super().debug(msg, *(type(each).__name__ if isinstance(each, Exception) else each for each in args), **kwargs)
