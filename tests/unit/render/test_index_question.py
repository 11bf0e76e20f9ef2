"""The script that asks a package index, with small indexes; and names that are spelled alike."""

import subprocess
from collections.abc import Sequence

import attrs
import pytest

from ciforge.model.distro import Manager
from ciforge.model.index_name import is_index_name, name_at, near_pattern, path_pattern
from ciforge.render.index_question import IndexAnswer, can_ask, index_answers, index_script
from tests.projects import real_catalogue
from tests.tables import each

DEBIAN = real_catalogue().distributions["debian"]
(TRIXIE,) = (one for one in DEBIAN.releases if one.release == "13")
LISTED = Manager(
    manager="small",
    install="true {packages}",
    versions="true",
    file_list=r"""printf '%s\n' \
'usr/include/event.h              libdevel/libevent-dev' \
'usr/include/event2/event.h       libdevel/libevent-dev' \
'usr/include/x86_64-linux-gnu/curl/curl.h  libdevel/libcurl4-gnutls-dev,libdevel/libcurl4-openssl-dev' \
'usr/lib/x86_64-linux-gnu/pkgconfig/libfido2.pc libdevel/libfido2-dev' \
'usr/lib/x86_64-linux-gnu/libz.a  libdevel/zlib1g-dev' \
'usr/lib/x86_64-linux-gnu/libz.so libdevel/zlib1g-dev' \
'usr/lib/samba/libz.so            libs/samba' \
'usr/share/doc/usr/include/no.h   doc/no' \
'usr/include/evil.h               libdevel/$(id)' \
'sbin/fsck                        admin/util-linux' \
'./usr/bin/rpcgen                 devel/rpcsvc-proto' \
'a line without an owner'""",
)
PROVIDES = attrs.evolve(
    LISTED,
    file_list="",
    provides={
        "pkg-config": "echo 'of %{name}' >&2; case {name} in zlib) echo zlib-devel; echo zlib-devel;; dead) echo no mirror; exit 1;; esac"
    },
)


def asked(manager: Manager, names: Sequence[str]) -> tuple[dict[str, IndexAnswer], bool]:
    script = index_script(DEBIAN, TRIXIE, manager, names)
    done = subprocess.run(
        ["sh"],
        input=script.encode(),
        env={"PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        check=False,
    )
    return index_answers(done.stdout.decode(), names)


@pytest.mark.slow
def test_index_of_files_answers_each_kind_of_name() -> None:
    names = (
        "header:event.h", "header:event2/event.h", "header:curl/curl.h", "header:no.h", "header:evil.h",
        "pkg-config:libfido2", "library:z", "command:fsck", "command:rpcgen", "command:rpcge", "pkg-config:libfid02",
    )  # fmt: skip
    found, complete = asked(LISTED, names)
    assert complete
    owners = {
        name: {pack for each in one.owners.values() for pack in each} for name, one in found.items()
    }
    assert owners == {
        "header:event.h": {"libevent-dev"}, "header:event2/event.h": {"libevent-dev"},
        "header:curl/curl.h": {"libcurl4-gnutls-dev", "libcurl4-openssl-dev"},
        "header:no.h": set(), "header:evil.h": set(), "pkg-config:libfido2": {"libfido2-dev"},
        "library:z": {"zlib1g-dev"}, "command:fsck": {"util-linux"}, "command:rpcgen": {"rpcsvc-proto"},
        "command:rpcge": set(), "pkg-config:libfid02": set(),
    }  # fmt: skip
    assert found["command:rpcge"].near == ("command:rpcgen",)
    assert found["pkg-config:libfid02"].near == ("pkg-config:libfido2",)


@pytest.mark.slow
def test_index_that_cannot_be_read_leaves_the_questions_incomplete() -> None:
    for file_list in ("exit 3", "false", "printf 'usr/include/event.h x/y\\n'; false", "true"):
        _, complete = asked(attrs.evolve(LISTED, file_list=file_list), ["header:event.h"])
        assert not complete, file_list


@pytest.mark.slow
def test_package_manager_that_knows_what_provides_a_name_is_asked_for_each() -> None:
    names = ("pkg-config:zlib", "pkg-config:unknown", "pkg-config:dead")
    found, complete = asked(PROVIDES, names)
    assert complete
    assert found["pkg-config:zlib"] == IndexAnswer({"-": ("zlib-devel",)})
    assert found["pkg-config:unknown"] == IndexAnswer()
    assert found["pkg-config:dead"].lost


def test_only_kinds_that_a_package_manager_knows_are_asked() -> None:
    assert can_ask(LISTED, "header:event.h")
    assert can_ask(PROVIDES, "pkg-config:zlib")
    assert not can_ask(PROVIDES, "header:event.h")
    assert not can_ask(attrs.evolve(LISTED, file_list="( {file_index} )"), "header:event.h")


@each(
    ("name", "path", "holds"),
    [
        ("header:event.h", "usr/include/event.h", True),
        ("header:curl/curl.h", "usr/include/x86_64-linux-gnu/curl/curl.h", True),
        ("header:event.h", "usr/include/sub/event.h", False),
        ("header:event.h", "usr/include/eventxh", False),
        ("pkg-config:gtk+-3.0", "usr/lib/x86_64-linux-gnu/pkgconfig/gtk+-3.0.pc", True),
        ("pkg-config:bash-completion", "usr/share/pkgconfig/bash-completion.pc", True),
        ("library:z", "usr/lib64/libz.so", True),
        ("library:z", "usr/lib/x86_64-linux-gnu/libz.so.1", False),
        ("command:fsck", "sbin/fsck", True),
        ("command:fsck", "usr/lib/fsck", False),
    ],
)
def test_name_is_at_its_usual_places_only(name: str, path: str, holds: bool) -> None:
    kind = name.partition(":")[0]
    assert (name_at(kind, path) == name) is holds
    import re

    assert bool(re.fullmatch(path_pattern(name), path)) is holds


def test_header_in_another_folder_is_near() -> None:
    import re

    assert re.fullmatch(near_pattern("header:event.h"), "usr/include/event2/event.h")
    assert not re.fullmatch(near_pattern("header:event.h"), "usr/include/event2/other.h")


@each(
    ("text", "fine"),
    [
        ("pkg-config:libfido2", True), ("header:event2/event.h", True), ("library:stdc++", True),
        ("command:c99", True), ("header:../etc/passwd", False), ("header:a//b", False),
        ("header:-x", False), ("header:a b", False), ("header:", False), ("headers:a.h", False),
        ("header:a;b", False), ("header:" + "a" * 200, False), ("header:a\nb", False), ("header:a|b", False),
    ],
)  # fmt: skip
def test_index_name_has_a_kind_and_plain_letters(text: str, fine: bool) -> None:
    assert is_index_name(text) is fine


def test_hostile_output_of_an_index_names_no_package() -> None:
    lines = (
        "ciforge-index: header:a.h has usr/include/a.h libdevel/--purge",
        "ciforge-index: header:a.h has usr/include/a.h net/x;id,libdevel/liba-dev",
        "ciforge-index: header:other.h has usr/include/other.h a/b",
        "ciforge-index: header:b.h near usr/include/b$(id).h",
        "ciforge-index: all asked",
    )
    found, complete = index_answers("\n".join(lines), ["header:a.h", "header:b.h"])
    assert complete
    assert found == {
        "header:a.h": IndexAnswer({"usr/include/a.h": ("liba-dev",)}),
        "header:b.h": IndexAnswer(),
    }
