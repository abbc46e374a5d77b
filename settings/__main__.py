"""Print what gunicorn's master needs to know of the settings, as JSON, or end with one line: `python -m settings`."""

import json
import os
import sys

from settings import VERSION, Settings, SettingsError
from settings.limits import BODY_BYTES, TABLE_BYTES
from settings.volume import warn_of_loss


def print_server_settings():
    """Print what gunicorn's master needs to know, as JSON, with the secrets that it hands to its workers."""
    try:
        settings = Settings.from_environ()
    except SettingsError as error:
        sys.exit(str(error))
    shown = {
        "version": VERSION,
        "port": settings.port,
        "web_concurrency": settings.web_concurrency,
        "roles": sorted({token.role or "all" for token in settings.api_tokens}),
        "log_format": settings.log_format,
        "any_page": "*" in settings.cors_origins,
        "database": settings.database_name,
        "sqlite_path": settings.sqlite_path,
        "warning": warn_of_loss(settings.sqlite_path, os.environ),
        "texts_of_files": settings.texts_of_files,
        "body_bytes": BODY_BYTES,
        "table_bytes": TABLE_BYTES,
    }
    print(json.dumps(shown))


if __name__ == "__main__":
    print_server_settings()
