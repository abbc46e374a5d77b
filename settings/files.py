"""Secrets in files, as platforms mount them: API_TOKENS_FILE and the like name one each."""

from pathlib import Path

from settings.errors import SettingsError

IN_FILES = ("API_TOKENS", "DATABASE_URL", "MIGRATION_DATABASE_URL")  # what may be in a file instead


def texts_of_files(environ):
    """Return what the files hold, as {variable: text}. Raises SettingsError, also where the variable is set as well."""
    texts = {}
    for name in IN_FILES:
        variable = f"{name}_FILE"
        if not environ.get(variable, "").strip():
            continue
        if environ.get(name) or (name in environ and name == "API_TOKENS"):
            raise SettingsError(f"{variable}: {name} is set, too; unset one of them.")
        texts[name] = read_file(variable, environ[variable].strip())
    return texts


def read_file(variable, path):
    """Return the text of a file, without line breaks around it. Raises SettingsError if there is none to be had."""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{variable}: {path}: {error.strerror}; correct the path, or who may read it.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{variable}: {path} is not text in UTF-8; write the value as such.") from None
    if not text:
        raise SettingsError(f"{variable}: {path} is empty; write the value into it, or unset {variable}.")
    return text
