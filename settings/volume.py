"""Whether an SQLite file outlives the next deploy, on a platform that makes each instance anew from its image."""

import os
from pathlib import Path

# What a platform sets in every instance, and what the platform is called.
PLATFORMS = {
    "DYNO": "Heroku or Dokku",
    "FLY_APP_NAME": "Fly",
    "K_SERVICE": "Cloud Run",
    "KOYEB_APP_NAME": "Koyeb",
    "RAILWAY_ENVIRONMENT_ID": "Railway",
    "RENDER": "Render",
    "VCAP_APPLICATION": "Cloud Foundry",
}
LOST_WITH_THE_INSTANCE = ("overlay", "ramfs", "tmpfs")  # file systems that are the image's, or in memory
HERE = Path(__file__).resolve().parent


def warn_of_loss(sqlite_path, environ):
    """Return a line that warns where a platform loses the SQLite file at the next deploy, else None.

    It does unless the file is on a volume: on another file system than `/` and the code, and on none in memory.
    """
    platform = next((name for variable, name in PLATFORMS.items() if environ.get(variable)), None)
    if not platform or not sqlite_path or is_on_volume(Path(sqlite_path).resolve().parent):
        return None
    return (
        f"{sqlite_path} is not on a volume: {platform} deletes it at the next deploy or restart;"
        " set DATABASE_URL to a Postgres, or to a file on a volume."
    )


def is_on_volume(folder):
    """Say whether a folder is on a file system that stays when the instance goes; a missing folder counts as one."""
    try:
        device = os.stat(folder).st_dev
        kind = file_systems().get(device)
    except OSError:
        return True  # the start fails for another reason, or there is no /proc, and so none of the platforms
    return device not in (os.stat("/").st_dev, os.stat(HERE).st_dev) and kind not in LOST_WITH_THE_INSTANCE


def file_systems():
    """Return the kind of each mounted file system by its device number (proc_pid_mountinfo(5))."""
    kinds = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        major, minor = fields[2].split(":")
        kinds[os.makedev(int(major), int(minor))] = fields[fields.index("-") + 1]
    return kinds
