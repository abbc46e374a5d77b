"""Print what gunicorn's master needs to know of the settings, as JSON, or end with one line: `python -m settings`."""

import json
import os
import sys

from settings import VERSION, Settings, SettingsError
from settings.volume import warn_of_loss


def print_server_settings():
    """Print what gunicorn's master needs to know, as JSON; no secret is in it."""
    try:
        settings = Settings.from_environ()
    except SettingsError as error:
        sys.exit(str(error))
    shown = {"port": settings.port, "web_concurrency": settings.web_concurrency, "open": not settings.api_tokens}
    shown |= {"any_page": "*" in settings.cors_origins, "sqlite_path": settings.sqlite_path}
    shown |= {"version": VERSION, "warning": warn_of_loss(settings.sqlite_path, os.environ)}
    print(json.dumps(shown | {"database": settings.database_name}))


if __name__ == "__main__":
    print_server_settings()
