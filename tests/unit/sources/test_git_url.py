"""Addresses: which are the same place, and how one is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciforge.sources import same_address, without_secrets
from ciforge.sources.git_url import is_address
from tests.tables import each

FORMS = (
    "https://{host}/{path}",
    "http://{host}/{path}.git",
    "https://user:token@{host}/{path}.git/",
    "ssh://git@{host}/{path}.git",
    "ssh://git@{host}:22/{path}",
    "git://{host}:9418/{path}",
    "git@{host}:{path}.git",
    "{host}:{path}",
    "git@{host}:/{path}/",
    "HTTPS://{host}/{path}//",
)
HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)
PATHS = st.from_regex(r"[A-Za-z0-9_-]{1,8}(/[A-Za-z0-9_-]{1,8}){0,2}", fullmatch=True)


@given(st.sampled_from(FORMS), st.sampled_from(FORMS), HOSTS, PATHS)
def test_address_of_a_host_and_path_is_one_place_however_it_is_written(
    a: str, b: str, host: str, path: str
) -> None:
    one, other = a.format(host=host, path=path), b.format(host=host.upper(), path=path)
    assert same_address(one, other)
    assert same_address(other, one)


@given(st.sampled_from(FORMS), st.sampled_from(FORMS), HOSTS, PATHS, PATHS)
def test_address_with_another_path_is_another_place(
    a: str, b: str, host: str, path: str, more: str
) -> None:
    assert not same_address(a.format(host=host, path=path), b.format(host=host, path=path + more))


@given(st.text(), st.text())
def test_any_two_addresses_can_be_compared(a: str, b: str) -> None:
    assert same_address(a, b) == same_address(b, a)
    assert without_secrets(without_secrets(a)) is not None


@each(
    ("a", "b"),
    [
        ("/srv/git/x.git", "file:///srv/git/x"),
        ("file://localhost/srv/x", "/srv/x/"),
        ("/srv/x/.git", "/srv/x"),
        ("https://[::1]:8443/x", "ssh://git@[::1]/x"),
        ("https://example.org/a%20b", "git@example.org:a b.git"),
    ],
)
def test_equivalent_addresses_are_one_place(a: str, b: str) -> None:
    assert same_address(a, b)


@each(
    ("a", "b"),
    [
        ("https://example.org/x", "https://example.com/x"),
        ("https://example.org/x", "https://example.org/X"),
        ("https://example.org/x", "/x"),
        ("", ""),
    ],
)
def test_different_addresses_are_two_places(a: str, b: str) -> None:
    assert not same_address(a, b)


@each(
    ("address", "shown"),
    [
        ("https://user:token@example.org/x.git", "https://example.org/x.git"),
        ("https://ghp_abc@example.org/x.git", "https://example.org/x.git"),
        ("https://user:p@ss@example.org/x", "https://example.org/x"),
        ("ssh://git@example.org:22/x", "ssh://git@example.org:22/x"),
        ("ssh://git:secret@example.org/x", "ssh://example.org/x"),
        ("git@example.org:a/b.git", "git@example.org:a/b.git"),
        ("user:token@example.org:a/b", "example.org:a/b"),
        ("https://example.org/a@b", "https://example.org/a@b"),
        ("/srv/a@b", "/srv/a@b"),
    ],
)
def test_address_is_shown_without_secrets(address: str, shown: str) -> None:
    assert without_secrets(address) == shown


@pytest.mark.parametrize("place", ["https://example.org/x", "git@example.org:x", "host:x/y"])
def test_url_and_scp_like_address_are_addresses(place: str) -> None:
    assert is_address(place)


@each("place", ["/a:b", "./a:b", "../x", "x.tar.gz", "ext::sh -c x", ""])
def test_path_and_empty_text_are_no_addresses(place: str) -> None:
    assert not is_address(place)
