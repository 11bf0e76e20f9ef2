"""The host and port that a step could not reach, out of what tools print."""

import pytest

from ciforge.diagnose.endpoints import Endpoint, unreachable_endpoint
from ciforge.diagnose.scan.findings import diagnose

GO = 'go: example.org/x@v1.0.0: Get "https://goproxy.example.org/example.org/x/@v/v1.0.0.mod": '


@pytest.mark.parametrize(
    ("line", "endpoint"),
    [
        (f"{GO}dial tcp 192.0.2.7:443: connect: connection refused", "192.0.2.7:443"),
        (f"{GO}dial tcp [2001:db8::7]:443: i/o timeout", "[2001:db8::7]:443"),
        (f"{GO}dial tcp: lookup goproxy.example.org on 192.0.2.53:53: server misbehaving", "goproxy.example.org:443"),
        (f"{GO}proxyconnect tcp: dial tcp: lookup cache.example.org: no such host", "cache.example.org:443"),
        ("curl: (7) Failed to connect to cache.example.org port 3128 after 2 ms: Could not connect to server", "cache.example.org:3128"),
        ("curl: (6) Could not resolve host: files.example.org", "files.example.org:443"),
        ("fatal: unable to access 'http://git.example.org/x/': Could not resolve host: git.example.org", "git.example.org:80"),
        ("fatal: unable to access 'https://git.example.org:8443/x/': The requested URL returned error: 502", "git.example.org:8443"),
        ("ssh: connect to host git.example.org port 2222: Connection timed out", "git.example.org:2222"),
        ("wget: unable to resolve host address 'files.example.org'", "files.example.org:443"),
        ("wget: bad address 'files.example.org'", "files.example.org:443"),
        ("E: Failed to fetch http://deb.example.org/x/x_1_all.deb  Could not connect to deb.example.org:80 (192.0.2.1). - connect (111: Connection refused)", "deb.example.org:80"),
        ("fetch: https://files.example.org/x.tar.gz: No route to host", "files.example.org:443"),
    ],
)  # fmt: skip
def test_endpoint_is_the_one_that_the_tool_asked(line: str, endpoint: str) -> None:
    assert str(unreachable_endpoint(diagnose([line], failed=True))) == endpoint


@pytest.mark.parametrize(
    "line",
    [
        "x.c:1:2: error: unknown type name 'y' /* https://example.org/ */",
        "curl: (7) Failed to connect to example.org port 99999: Connection refused",
        "make: *** [Makefile:3: all] Error 1",
        "",
    ],
)
def test_failure_that_names_no_endpoint_has_none(line: str) -> None:
    assert unreachable_endpoint(diagnose([line], failed=True)) is None


def test_loss_of_the_network_after_another_root_cause_is_not_asked_about() -> None:
    log = ["x.c:1:2: error: unknown type name 'y'", "make: *** [Makefile:3: x.o] Error 1"]
    late = "curl: (7) Failed to connect to example.org port 443: Connection refused"
    assert unreachable_endpoint(diagnose([*log, late], failed=True)) is None


def test_endpoint_of_an_address_of_ipv6_is_written_in_brackets() -> None:
    assert str(Endpoint("2001:db8::7", 80)) == "[2001:db8::7]:80"
