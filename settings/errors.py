"""What is raised where a variable cannot be used."""


class SettingsError(Exception):
    """A variable has a value that the service cannot use; the message is one line that names it."""
