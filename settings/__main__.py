"""Print what gunicorn's master needs to know of the settings, as JSON, or end with one line: `python -m settings`."""

import json
import sys

from settings import Settings, SettingsError


def print_server_settings():
    """Print what gunicorn's master needs to know, as JSON; no secret is in it."""
    try:
        settings = Settings.from_environ()
    except SettingsError as error:
        sys.exit(str(error))
    shown = {"port": settings.port, "web_concurrency": settings.web_concurrency, "open": not settings.api_tokens}
    shown |= {"any_page": "*" in settings.cors_origins, "sqlite_path": settings.sqlite_path}
    print(json.dumps(shown | {"database": settings.database_name}))


if __name__ == "__main__":
    print_server_settings()
