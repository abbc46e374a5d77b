"""Postgres is stopped, killed, replaced and frozen under load, and a pooler killed: 503 meanwhile, and nothing is lost.

SQLite has no server to lose.
"""

from functools import partial

import pytest

from tests.support.databases import EMPTY_POSTGRES
from tests.support.load import Load
from tests.support.outage import (
    ENOUGH,
    LONGEST,
    assert_503_within_ten_seconds,
    assert_nothing_is_lost,
    assert_recovers,
    assert_survives,
    assert_unavailable,
)
from tests.support.pgbouncer import PgBouncer, set_for_role
from tests.support.postgres import Cluster
from tests.support.server import Server

pytestmark = pytest.mark.faults

MANY = {"writers": 12, "readers": 4, "pause": 0.1}  # clients: more than the pool has connections


@pytest.fixture(scope="module")
def cluster_server(cluster):
    with Server(cluster.url) as server:
        yield server


@pytest.fixture
def pair():
    """Return a primary, its synchronous standby, and a server whose URL names both."""
    with Cluster() as primary, Cluster(primary=primary) as standby:
        hosts = ",".join(f"127.0.0.1:{cluster.port}" for cluster in (primary, standby))
        with Server(f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write") as server:
            yield primary, standby, server


@pytest.mark.parametrize("end", [partial(Cluster.stop, mode="fast"), Cluster.kill9])
def test_while_postgres_is_away_every_request_is_a_503_and_then_the_service_goes_on(cluster, cluster_server, end):
    assert_survives(cluster_server, partial(end, cluster), cluster.start)
    assert cluster_server.request("GET", "/readyz")[0].status == 200


def test_while_postgres_is_frozen_every_request_is_a_503_within_ten_seconds(cluster, cluster_server):
    with Load(cluster_server, **MANY) as load:
        load.wait_for(ENOUGH)
        with cluster.frozen():
            load.forget()
            assert_unavailable(cluster_server)
            load.wait_for_answers()
            assert_503_within_ten_seconds(load)
        assert_recovers(load)
    assert_nothing_is_lost(cluster_server, load)


def test_while_no_connection_to_a_frozen_postgres_can_be_made_every_request_is_a_503_within_ten_seconds(
    cluster, cluster_server
):
    cluster.stop("immediate")  # so that no connection is left
    cluster.start()
    with cluster.frozen(), Load(cluster_server, **MANY) as load:
        assert_unavailable(cluster_server)
        load.wait_for_answers()
        assert load.statuses() == {503}
    assert load.slowest < LONGEST
    with Load(cluster_server) as load:
        assert_recovers(load)
    assert_nothing_is_lost(cluster_server, load)


def test_a_write_that_no_standby_confirms_is_a_503_and_when_the_primary_is_killed_the_promoted_standby_goes_on(pair):
    primary, standby, server = pair
    with Load(server, **MANY) as load:
        load.wait_for(ENOUGH)
        with standby.frozen():
            load.forget()
            load.wait_for_answers()
            assert_503_within_ten_seconds(load)
            # Nobody reads what the standby has not: the same write, sent again, would find it done and be acknowledged.
            assert primary.says(f"count(*) = {len(load.acknowledged)} FROM mentor_status")
        assert_recovers(load)
    assert_nothing_is_lost(server, load)
    assert_survives(server, primary.kill9, lambda: standby.says("pg_promote()"))


def test_when_the_primary_hangs_and_its_standby_is_promoted_the_service_goes_on(pair):
    primary, standby, server = pair
    with primary.frozen():
        with Load(server, **MANY) as load:
            load.wait_for_answers()
            assert standby.says("pg_promote()")
            load.wait_for(1)
            load.wait_for_answers()
            assert load.statuses() <= {200, 201, 503}
            assert_recovers(load)
        # While it is frozen: it would take writes again, and a worker could ask it.
        assert_nothing_is_lost(server, load)


@EMPTY_POSTGRES
def test_while_pgbouncer_is_away_every_request_is_a_503_and_nothing_is_lost(empty_database):
    set_for_role(empty_database)
    with PgBouncer(empty_database) as bouncer, Server(bouncer.url, WEB_CONCURRENCY=2) as server:
        assert_survives(server, bouncer.kill9, bouncer.start)
