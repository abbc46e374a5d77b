"""What is declared in one place and forgotten in another stops the start."""

import pytest
from flask import Flask
from marshmallow import Schema, fields
from peewee import OperationalError

import models
import schemas
from app import create_app
from db import db
from mentors import rules
from mentors.fields import Choice, Text, Timestamp
from mentors.mentor import Mentor
from openapi.description import describe
from reads import filters, history, lists, serializers
from settings import Settings
from web.auth import EVERYONE
from web.requests import accepts
from web.responses import returns

NOW = "2026-03-26T08:30:00Z"
READ = [(lists, name) for name in ("MENTOR_STATUS", "MENTOR_STATUS_IN_LIST", "PAUSE_RECORD", "PAUSE_RECORD_IN_LIST")]
READ += [(history, "HISTORY_ENTRY"), (history, "ENTRY_OF_EVERYBODY")]


@pytest.fixture
def build(app):
    """Return a function that builds an app on the same database."""

    def build():
        db.close_all()  # the database is opened anew
        return create_app(app.config["SETTINGS"])

    return build


def with_key(serializer, schema_name):
    """Return the serializer of the same answer with one more key."""
    schema = getattr(serializers.answers, schema_name)
    extended = type(schema_name, (schema,), {"forgotten": fields.String()})
    return serializers.Serializer(extended, *serializer.names[len(serializer.keys) :])


@pytest.mark.parametrize(("module", "name"), READ)
def test_an_answer_key_that_no_query_reads_stops_the_start(build, monkeypatch, module, name):
    serializer = getattr(serializers, name)
    monkeypatch.setattr(module, name, with_key(serializer, serializer.schema_name))
    with pytest.raises(LookupError, match=f"No query reads forgotten of the answer {serializer.schema_name}"):
        build()


def test_an_answer_key_that_a_write_does_not_know_stops_the_start(build, monkeypatch):
    monkeypatch.setattr(serializers, "MENTOR_STATUS", with_key(serializers.MENTOR_STATUS, "MentorStatus"))
    with pytest.raises(LookupError, match="forgotten"):
        build()


@pytest.mark.parametrize("name", ["MentorStatusCreate", "MentorStatusUpdate"])
@pytest.mark.parametrize("field", ["forgotten", "last_updated"])
def test_a_field_of_a_mentors_body_that_no_rule_writes_stops_the_start(build, monkeypatch, name, field):
    extended = type(name, (getattr(schemas, name),), {field: Text()})
    monkeypatch.setattr(schemas, name, extended)
    with pytest.raises(LookupError, match=f"No rule writes {field} of {name}"):
        build()


@pytest.mark.parametrize("name", ["MentorStatusCreate", "MentorStatusUpdate"])
def test_a_field_of_a_mentors_body_that_get_one_does_not_show_stops_the_start(build, monkeypatch, name):
    extended = type(name, (getattr(schemas, name),), {"forgotten": Text()})
    monkeypatch.setattr(schemas, name, extended)
    monkeypatch.setattr(rules, "COLUMNS_OF_BODY", rules.COLUMNS_OF_BODY | {"forgotten"})
    with pytest.raises(LookupError, match="GET one does not show forgotten"):
        build()


@pytest.mark.parametrize("write", [rules.create_mentor, rules.update_mentor])
def test_a_field_that_is_a_column_of_the_mentors_row_is_written_where_it_is_sent_and_new(monkeypatch, write):
    monkeypatch.setattr(rules, "COLUMNS_OF_BODY", {"language", "pronouns"})
    mentor = Mentor({"mentor_id": "ada", "language": "en", "pronouns": None}, NOW, NOW, "backend", exists=True)
    for sent, changes, language in (
        ({}, False, "en"),
        ({"language": "en"}, False, "en"),
        ({"language": None}, True, None),
    ):
        write(mentor, sent)
        assert mentor.columns == {"mentor_id": "ada", "language": language, "pronouns": None}
        assert mentor.has_unrecorded_changes() is changes
    mentor.add_to_history({"notes": "called"})
    assert not mentor.has_unrecorded_changes()  # of the next line of a table


def with_field(name):
    return type(name, (getattr(schemas, name),), {"forgotten": Timestamp()})


@pytest.mark.parametrize(
    ("change", "schema", "name"),
    [
        (lambda patch, schema: patch.setattr(schemas, schema, with_field(schema)), "MentorStatusesQuery", "forgotten"),
        (lambda patch, schema: patch.setattr(schemas, schema, with_field(schema)), "PauseRecordsQuery", "forgotten"),
        (lambda patch, _: patch.setitem(filters.MENTOR_FILTERS, "forgotten", None), "MentorStatusesQuery", "forgotten"),
        (lambda patch, _: patch.setitem(filters.RECORD_FILTERS, "forgotten", None), "PauseRecordsQuery", "forgotten"),
        (lambda patch, _: patch.setitem(filters.RECORD_ORDERS, "forgotten", None), "PauseRecordsQuery", "forgotten"),
        (lambda patch, _: patch.delitem(filters.MENTOR_ORDERS, "last_updated"), "MentorStatusesQuery", "last_updated"),
        (lambda patch, _: patch.delitem(filters.HISTORY_FILTERS, "event"), "HistoryOfEverybodyQuery", "event"),
        # That keyset pages alone have.
        (lambda patch, _: patch.delitem(filters.MENTOR_FILTERS, "status"), "MentorStatusesQuery", "status"),
    ],
)
def test_a_filter_or_an_order_of_the_schema_or_the_queries_alone_stops_the_start(
    build, monkeypatch, change, schema, name
):
    change(monkeypatch, schema)
    with pytest.raises(LookupError, match=rf"Only one of {schema} and filters\.py has {name}"):
        build()


@pytest.mark.parametrize("name", ["MentorStatusesTableQuery", "PauseRecordsTableQuery"])
def test_a_filter_of_the_list_that_the_schema_of_its_table_lacks_stops_the_start(build, monkeypatch, name):
    shortened = schemas.Strict.from_dict(
        {name: field for name, field in getattr(schemas, name)().fields.items() if name != "mentor_id"}, name=name
    )
    monkeypatch.setattr(schemas, name, shortened)
    with pytest.raises(LookupError, match=rf"Only one of {name} and filters\.py has mentor_id"):
        build()


@pytest.mark.parametrize("name", ["MentorStatusesTableQuery", "HistoryOfEverybodyQuery", "StatisticsQuery"])
def test_an_instant_of_a_query_that_no_purge_knows_stops_the_start(build, monkeypatch, name):
    extended = type(name, (getattr(schemas, name),), {"before": Timestamp()})
    monkeypatch.setattr(schemas, name, extended)
    monkeypatch.setattr(filters, "NOT_FILTERS", filters.NOT_FILTERS | {"before"})
    with pytest.raises(LookupError, match=f"does not say if before of {name} is refused after a purge"):
        build()


@pytest.fixture
def describe_route():
    """Return a function that describes an app of one view."""

    def describe_one(view):
        app = Flask(__name__, static_folder=None)
        app.config["SETTINGS"] = Settings()
        app.add_url_rule("/sizes", "system.show_sizes", view)
        return describe(app)

    return describe_one


def test_a_view_without_a_description_stops_the_start(describe_route):
    with pytest.raises(LookupError, match=r"system\.show_sizes needs a docstring, @accepts and @returns"):
        describe_route(lambda: "")


def test_two_enumerations_of_one_name_stop_the_start(describe_route):
    class Sizes(Schema):
        width = Choice("Size", ["narrow", "wide"])
        height = Choice("Size", ["low", "high"])

    @accepts(EVERYONE, query=Sizes)
    @returns({})
    def show_sizes(query):
        """Show the sizes."""

    with pytest.raises(ValueError, match="two schemas of the name Size"):
        describe_route(show_sizes)


def test_a_column_that_no_migration_makes_stops_the_start(app, client, monkeypatch):
    def missing():
        raise OperationalError("no such column: region")

    monkeypatch.setattr(models, "check_tables", missing)
    result = app.test_cli_runner().invoke(args=["migrate"])
    assert (result.exit_code, str(result.exception)) == (1, "no such column: region")


def test_a_view_cannot_be_declared_without_its_roles():
    with pytest.raises(TypeError, match="roles"):
        accepts(query=schemas.Strict)
