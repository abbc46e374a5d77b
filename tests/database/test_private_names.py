"""What the service uses of libraries although they do not document it: an upgrade that changes it fails here first."""

import inspect
import time

import apsw
import psycopg
import pytest
from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from db import db
from tests.support.databases import ON_POSTGRES, ON_SQLITE
from web.gunicorn_classes import ProblemWorker


def test_peewee_has_the_connection_of_a_thread_where_the_pool_puts_it(client):
    """So `connect()` waits for no other thread that is connecting to a host which does not answer."""
    assert db._state.conn is None
    with db.connected():
        taken = db.connection()
        assert db._state.conn is taken
    assert (db._state.conn, db.is_closed()) == (None, True)
    with db.connected():
        assert db.connection() is taken  # not a new one


@ON_SQLITE
def test_peewee_lets_the_pool_prepare_each_new_connection(client):
    """So a write waits for another process as `poll()` says, and SQLite plans no statement twice."""
    db.close_idle()
    with db.connected():
        assert db.connection().config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, -1) == 1


@ON_POSTGRES
def test_psycopg_waits_by_one_method_for_each_answer(client):
    """So a request has its deadline, also if the server hangs."""
    with db.connected():
        db.connection().deadline = time.monotonic()
        with pytest.raises(psycopg.errors.ConnectionTimeout):
            db.connection().execute("SELECT 1")


def test_gunicorn_asks_the_two_methods_of_a_worker_that_the_service_replaces():
    """So a client that does not close its connection holds up no other, and what is no HTTP is a problem."""
    for name in ("handle", "handle_error"):
        assert inspect.signature(getattr(ProblemWorker, name)) == inspect.signature(getattr(ThreadWorker, name))
    assert "self.handle, conn" in inspect.getsource(ThreadWorker.enqueue_req)
    assert {"timeout", "max_drain"} <= inspect.signature(util.close_graceful).parameters.keys()
