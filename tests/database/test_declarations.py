"""What is declared in one place is not forgotten in another."""

import pytest
from flask import Flask
from marshmallow import Schema, fields

import schemas
from app import create_app
from db import db
from features.tables.schemas import MentorStatusesTableQuery, PauseRecordsTableQuery
from mentors import representations, retention, rules
from mentors.fields import Choice, Timestamp
from mentors.mentor import Mentor
from mentors.pauses import Pause
from openapi.description import describe
from reads import history, mentor_statuses, pause_records, serializers
from reads.answers import PauseRecordUpdated
from reads.filters import Variant
from settings import Settings
from web.auth import EVERYONE
from web.requests import accepts
from web.responses import returns

NOW = "2026-03-26T08:30:00Z"
ANSWERED_IF_PURGED = ("since", "until")  # of a history, which is then only incomplete, and says so by `purged_before`
READ = [(mentor_statuses, "MENTOR_STATUS"), (pause_records, "PAUSE_RECORD")]
READ += [(history, "HISTORY_ENTRY"), (history, "ENTRY_OF_EVERYBODY")]


def with_key(serializer, schema_name):
    """Return the serializer of the same answer with one more key."""
    schema = getattr(serializers.answers, schema_name)
    extended = type(schema_name, (schema,), {"forgotten": fields.String()})
    return serializers.Serializer(extended, *serializer.names[len(serializer.keys) :])


@pytest.mark.parametrize(("module", "name"), READ)
def test_an_answer_key_that_no_query_reads_stops_the_start(app, monkeypatch, module, name):
    serializer = getattr(serializers, name)
    monkeypatch.setattr(module, name, with_key(serializer, serializer.schema_name))
    db.close_all()  # the database is opened anew
    with pytest.raises(LookupError, match=f"No query reads forgotten of the answer {serializer.schema_name}"):
        create_app(app.config["SETTINGS"])


@pytest.mark.parametrize(
    ("page", "sort", "name"),
    [
        (mentor_statuses.counted_page_statement, "mentor_id", "MENTOR_STATUS_IN_LIST"),
        (pause_records.counted_page_statement, "pause_record_id", "PAUSE_RECORD_IN_LIST"),
    ],
)
def test_an_answer_key_that_the_query_of_a_list_does_not_read_is_refused(app, page, sort, name):
    serializer = getattr(serializers, name)
    with pytest.raises(LookupError, match=f"No query reads forgotten of the answer {serializer.schema_name}"):
        page(Variant(sort=sort, serializer=with_key(serializer, serializer.schema_name)))


# --- declarations that belong together


@pytest.mark.parametrize("schema", [schemas.MentorStatusCreate, schemas.MentorStatusUpdate])
def test_a_rule_reads_each_field_of_a_mentors_body(schema):
    read = {"mentor_id", "status", "is_paused", "pause_start_date", "metadata", *rules.BODY_NAME_BY_COLUMN.values()}
    assert schema().load_fields.keys() <= read


def test_a_write_answers_with_each_key_of_its_answer():
    pause = Pause(1, NOW, None, None, None, NOW)
    mentor = Mentor("ada", NOW, NOW, None, exists=True, pauses={1: pause})
    assert tuple(representations.mentor_status(mentor)) == serializers.MENTOR_STATUS.keys
    assert tuple(representations.mentor_status_without_reason(mentor)) == serializers.MENTOR_STATUS_IN_LIST.keys
    assert tuple(representations.pause_record(mentor, pause)) == serializers.PAUSE_RECORD.keys
    assert tuple(representations.pause_record_updated(mentor, pause)) == tuple(PauseRecordUpdated().fields)


NOT_FILTERS = {"as_of", "expected", "etags", "page", "limit", "after", "sort", "excel"}


@pytest.mark.parametrize(
    ("schema", "of_list"),
    [
        (schemas.MentorStatusesQuery, mentor_statuses.FILTERS),
        (schemas.MentorStatusesQuery, mentor_statuses.KEYSET_FILTERS),
        (MentorStatusesTableQuery, mentor_statuses.FILTERS),
        (schemas.PauseRecordsQuery, pause_records.FILTERS),
        (PauseRecordsTableQuery, pause_records.FILTERS),
        (schemas.HistoryOfEverybodyQuery, history.FILTERS),
    ],
)
def test_a_list_has_a_condition_for_each_filter_that_its_schema_takes_and_for_no_other(schema, of_list):
    names = {field.attribute or name for name, field in schema().fields.items()}
    assert names - NOT_FILTERS == of_list.keys()


@pytest.mark.parametrize(
    ("schema", "orders"),
    [(schemas.MentorStatusesQuery, mentor_statuses.ORDERS), (schemas.PauseRecordsQuery, pause_records.ORDERS)],
)
def test_a_list_has_each_order_that_its_schema_takes_and_no_other(schema, orders):
    words = schema().fields["sort"].validate.choices
    assert {word.removeprefix("-") for word in words} == orders.keys()


def test_of_each_instant_of_a_query_it_is_known_whether_a_purge_refuses_it(app):
    queries = {view.query_schema for view in app.view_functions.values()}
    asked = [(name, field) for query in queries for name, field in query.fields.items()]
    instants = {field.attribute or name for name, field in asked if isinstance(field, Timestamp)}
    assert instants == {*retention.REFUSED_IF_PURGED, *ANSWERED_IF_PURGED}


# --- what stops the start


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


def test_a_view_cannot_be_declared_without_its_roles():
    with pytest.raises(TypeError, match="roles"):
        accepts(query=schemas.Strict)
