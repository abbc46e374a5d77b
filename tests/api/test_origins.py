"""Which page is one of another origin, which may not write: the cases of Go's CrossOriginProtection, and more of them.

test_access.py asks for each route.
"""

import pytest

from tests.support.databases import ON_SQLITE
from tests.support.server import Server
from tests.support.tables import MENTORS

EVIL = "https://evil.example"


def headers_of(site, origin, host="example.com"):
    """Return the three headers that the rule looks at, without those that are None."""
    named = {"Sec-Fetch-Site": site, "Origin": origin, "Host": host}
    return {name: value for name, value in named.items() if value is not None}


PASS = [  # Sec-Fetch-Site, Origin, Host
    ("same-origin", None, "example.com"),
    ("same-origin", "https://example.com", "example.com"),
    ("same-origin", "https://example.com", "behind-a-proxy:8000"),  # the browser knows better than the Host
    ("same-origin", "null", "example.com"),
    ("none", None, "example.com"),
    ("none", EVIL, "example.com"),
    (None, None, "example.com"),
    (None, "", "example.com"),
    ("", "", "example.com"),
    (None, None, "localhost:8000"),
    ("", "https://example.com", "example.com"),
    (None, "https://example.com", "example.com"),
    (None, "http://example.com", "example.com"),
    (None, "http://example.com:8000", "example.com:8000"),
    (None, "https://example.com:8443", "example.com:8443"),
    (None, "http://192.168.1.5:8000", "192.168.1.5:8000"),
    (None, "http://[::1]:8000", "[::1]:8000"),
    (None, "http://[::1]", "[::1]"),
    (None, "HTTPS://EXAMPLE.com", "example.COM"),
]
REFUSED = [
    ("cross-site", None, "example.com"),
    ("cross-site", "https://example.com", "example.com"),
    ("cross-site", "null", "example.com"),
    ("same-site", None, "example.com"),
    ("same-site", "https://example.com", "example.com"),
    ("same-site", "https://a.example.com", "example.com"),
    ("Same-Origin", None, "example.com"),
    ("same-origin, cross-site", None, "example.com"),
    ("unheard-of", None, "example.com"),
    (None, "null", "example.com"),
    (None, "null", "null"),
    (None, EVIL, "example.com"),
    (None, "https://a.example.com", "example.com"),
    (None, "https://example.com.evil.example", "example.com"),
    (None, "https://example.co", "example.com"),
    (None, "https://example.com@evil.example", "example.com"),
    (None, "http://example.com:8001", "example.com:8000"),
    (None, "http://example.com", "example.com:8000"),
    (None, "http://example.com:8000", "example.com"),
    (None, "http://[::1]:8000", "[::1]:8001"),
    (None, "http://[::2]:8000", "[::1]:8000"),
    (None, "http://[::1", "[::1]"),
    (None, "example.com", "example.com"),
    (None, "ftp://example.com", "example.com"),
    (None, "https://example.com/", "example.com"),
    (None, "https://example.com,https://evil.example", "example.com"),
    (None, "https://example.com https://evil.example", "example.com"),
]
TABLE = [(case, 200) for case in PASS] + [(case, 403) for case in REFUSED]


@ON_SQLITE
@pytest.mark.parametrize(("case", "status"), TABLE)
def test_a_write_is_a_200_or_a_403_by_its_sec_fetch_site_origin_and_host(ada_paused, case, status):
    answered = ada_paused.put(f"{MENTORS}/ada", json={"pause_reason": "illness"}, headers=headers_of(*case))
    assert answered.status_code == status


@ON_SQLITE
@pytest.mark.parametrize("origin", ["null", EVIL])
@pytest.mark.parametrize("host", ["", None])
def test_a_write_with_an_origin_and_no_host_is_a_403(ada_paused, configured, origin, host):
    environ = {"HTTP_ORIGIN": origin} | ({} if host is None else {"HTTP_HOST": host})
    assert configured().put(f"{MENTORS}/ada", json={}, environ_overrides=environ).status_code == 403


KNOWN = "https://a.example,http://b.example:3000,https://Upper.example,http://[fd00::1],http://[::1]:3000"


@ON_SQLITE
@pytest.mark.parametrize("site", [None, "cross-site"])
@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        ("https://a.example", True),
        ("http://b.example:3000", True),
        ("https://upper.example", True),
        ("http://[FD00::1]", True),
        ("http://[::1]:3000", True),
        ("http://[::1]", False),
        ("https://a.example:444", False),
        ("http://b.example", False),
        ("https://sub.a.example", False),
        (EVIL, False),
    ],
)
def test_a_page_of_an_origin_in_cors_origins_may_write_and_no_other(ada_paused, configured, site, origin, passes):
    configured(CORS_ORIGINS=KNOWN)
    answered = ada_paused.put(f"{MENTORS}/ada", json={"pause_reason": "illness"}, headers=headers_of(site, origin))
    assert answered.status_code == (200 if passes else 403)


@ON_SQLITE
def test_a_star_in_cors_origins_lets_every_page_write(ada_paused, configured):
    configured(CORS_ORIGINS="*")
    for case, _status in TABLE:
        assert ada_paused.put(f"{MENTORS}/ada", json={}, headers=headers_of(*case)).status_code == 200, case


@pytest.mark.parametrize(("value", "said"), [("*", True), ("https://a.example", False)])
def test_the_first_line_of_the_log_says_when_every_page_may_write(tmp_path, value, said):
    with Server(f"sqlite:///{tmp_path}/file.db", CORS_ORIGINS=value, WEB_CONCURRENCY=1) as server:
        first = next(line for line in server.log().splitlines() if "database: " in line)
    assert ("CORS_ORIGINS is *" in first) == said
