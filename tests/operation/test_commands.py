"""How each command ends: with one line, and without a file but the one that it is told to make."""

import shlex
import shutil

import pytest
from click.testing import CliRunner

import cli
from settings import Settings, make_token
from tests.support.commands import command, flask, migrated, run
from tests.support.exports import export_of_mentors

WAY_OUT = "correct DATABASE_URL, check its server, or run flask --app app migrate."
NOT_EMPTY = "the database is not empty; nothing was written."
NO_EXPORT = "line 1: this is not a line of an export; perhaps the file was cut. Nothing was written."
NO_FILE = "it must be a file that the user of the service may write, in a folder that they may write"
ON_A_DATABASE = [  # all commands but `migrate`, which makes one, and `token`; {} is the folder
    "export {}/new",
    "backup {}/new",
    "purge --before 2020-01-01",
    "purge --before 2020-01-01 --dry-run",
    "vacuum",
    "seed",
    "import {}/mentors",
    "digest",
]
ENDS = [  # the database, the command, its exit code and what it says
    *(("none.db", words, 1, f"there is no database {{}}/none.db; {WAY_OUT}") for words in ON_A_DATABASE),
    *(("empty.db", words, 1, f"the database cannot do it now (SQLITE_ERROR); {WAY_OUT}") for words in ON_A_DATABASE),
    ("file.db", "export {}/new", 0, "0 rows"),
    ("file.db", "export {}/nowhere/new", 1, "{}/nowhere/new: No such file or directory"),
    ("file.db", "export {}/text", 1, "{}/text: File exists"),
    ("file.db", "backup {}/new", 0, "{}/new"),
    ("file.db", "backup {}/text", 1, "{}/text: File exists"),
    ("file.db", "import {}/mentors", 0, "3 rows"),
    ("file.db", "import {}/nowhere", 1, "{}/nowhere: No such file or directory"),
    ("file.db", "import {}", 1, "{}: Is a directory"),
    ("file.db", "import {}/text", 1, NO_EXPORT),
    ("filled.db", "import {}/mentors", 1, NOT_EMPTY),
    ("file.db", "seed", 0, "87 mentors, 34 pause records"),
    ("filled.db", "seed", 1, NOT_EMPTY),
    ("file.db", "purge --before 2020-01-01", 0, "0 pauses, 0 history entries deleted"),
    ("file.db", "vacuum", 0, "done"),
    ("file.db", "digest --mail", 1, "SMTP_URL is not set, and --mail needs it."),
]
UNUSABLE = {  # names of databases that migrate cannot make or use, with the reason
    "nowhere/file.db": f"nowhere/file.db: No such file or directory; {NO_FILE}.",
    "fold%65r%41/file.db": f"folderA/file.db: No such file or directory; {NO_FILE}.",
    "text/file.db": f"text/file.db: Not a directory; {NO_FILE}.",
    "folder": f"folder: {NO_FILE}.",
    "text": "text: the file is no SQLite database; name another one.",
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Return a folder with the databases above, an export, a text that is no export, and folders."""
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "mentors").write_bytes(b"".join(export_of_mentors(3)))
    (folder / "text").write_bytes(b"\x1f\x8b is nothing that a command reads.\n" * 100)
    (folder / "empty.db").touch()
    for name in ("folder", "fold%65r%41"):
        (folder / name).mkdir()
    migrated(f"sqlite:///{folder}/file.db")
    assert flask(migrated(f"sqlite:///{folder}/filled.db"), "import", folder / "mentors")[0] == 0
    return folder


@pytest.fixture
def copied_folder(prepared, tmp_path):
    """Return a copy of the prepared folder."""
    return shutil.copytree(prepared, tmp_path / "folder")


@pytest.mark.parametrize(("database", "words", "code", "said"), ENDS)
def test_a_command_ends_with_one_line_and_leaves_whole_files(copied_folder, prepared, database, words, code, said):
    name, *_ = words.split()
    ended = flask(f"sqlite:///{copied_folder}/{database}", *shlex.split(words.format(copied_folder)))
    assert ended == (code, [f"{name}: {said.format(copied_folder)}"])
    # A database whose write-ahead log is gone holds everything by itself.
    made = {"new"} if code == 0 and words.endswith("/new") else set()
    assert {path.name for path in copied_folder.rglob("*")} == {path.name for path in prepared.rglob("*")} | made
    assert (copied_folder / "text").read_bytes() == (prepared / "text").read_bytes()


@pytest.mark.parametrize(("database", "reason"), UNUSABLE.items())
def test_an_sqlite_file_that_cannot_be_opened_ends_migrate_in_one_line(copied_folder, database, reason):
    assert flask(f"sqlite:///{copied_folder}/{database}", "migrate") == (1, [f"DATABASE_URL: {copied_folder}/{reason}"])


def test_a_mail_without_a_recipient_ends_in_one_line(copied_folder):
    server = Settings.from_environ({"SMTP_URL": "smtp://127.0.0.1"}).smtp_url
    ended = flask(f"sqlite:///{copied_folder}/file.db", "digest", "--mail", smtp_url=server)
    assert ended == (1, ["digest: DIGEST_TO is not set, and --mail needs it."])


def test_a_backup_of_postgres_points_to_pg_dump(postgres_url, tmp_path):
    line = "backup: this is for SQLite; pg_dump backs up Postgres."
    assert flask(postgres_url, "backup", tmp_path / "copy") == (1, [line])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["digest", "--always"], ["export"]])
def test_an_output_that_has_no_room_ends_in_one_line(tmp_path, words):
    given = {"DATABASE_URL": migrated(f"sqlite:///{tmp_path}/file.db"), "PYTHONUNBUFFERED": ""}  # else nothing is left
    full = ["sh", "-c", f"{shlex.join(command(*words))} > /dev/full"]
    assert run(full, **given) == (1, [f"{words[0]}: the input or output: No space left on device"])


def test_no_command_but_migrate_looks_at_the_file_of_the_tokens(copied_folder):
    url, nowhere = f"sqlite:///{copied_folder}/none.db", {"api_tokens_file": f"{copied_folder}/nowhere"}
    assert flask(url, "seed", **nowhere)[1][0].startswith("seed: there is no database ")
    assert flask(url, "migrate", **nowhere)[1][0].startswith("API_TOKENS_FILE: ")


def test_a_command_of_flask_itself_runs_too():
    code, lines = run(command("routes"))
    assert code == 0
    assert any("mentor_statuses.get_mentor_status" in line for line in lines)


# --- token


def test_the_command_makes_a_token_whatever_api_tokens_says():
    code, (secret, item) = run(command("token", "ada", "write"), API_TOKENS="", API_TOKENS_FILE="")
    assert code == 0
    secret, item = secret.split()[-1], item.split()[-1]
    both = [Settings.from_environ({"API_TOKENS": each}).api_tokens for each in (item, f"ada:{secret}:write")]
    assert both[0] == both[1]
    assert len(secret) == 43  # 32 bytes in base64


def test_each_token_is_another_and_without_a_role_it_has_none():
    (one, item), (other, _) = make_token("ada"), make_token("ada")
    assert one != other
    assert Settings.from_environ({"API_TOKENS": item}).api_tokens[0].role is None


@pytest.mark.parametrize("words", [("a:b",), ("a,b",), ("",), ("a" * 65,), ("ada", "boss")])
def test_a_name_or_a_role_that_cannot_be_makes_no_token(words):
    ended = CliRunner().invoke(cli.token, words)
    assert ended.exit_code != 0
    assert "sha256" not in ended.output
