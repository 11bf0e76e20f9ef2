"""Drives the command line in this process with hostile input, and judges how it ends.

A command must end with a documented exit status within its time, must raise no exception but
those of ciforge, and must print nothing that a terminal acts on.
"""

import contextlib
import faulthandler
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import strategies as st

import ciforge.cli.main

DOCUMENTED = {0, 1, 2, 3, 4, 130, 141}
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What no terminal is sent, unless the person asked for the bytes of a log."""
_CPU, _WALL, _LAST = 10, 60, 120
"""Seconds of a processor, seconds on a clock, and seconds after which the process is ended."""
_SETTINGS = {
    "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "DOCKER_HOST": "unix:///nowhere.sock",
    "GIT_CONFIG_NOSYSTEM": "1", "CIFORGE_MAIL": "maildir:",
}  # fmt: skip


class Hang(BaseException):
    """The time is over. No `except Exception` catches it."""


@attrs.frozen
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def printed(self) -> str:
        return self.out + self.err


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Raises Hang in code that takes too long; ends the process where even that does not help."""

    def stop(*_: object) -> None:
        raise Hang

    before = [(number, signal.signal(number, stop)) for number in (signal.SIGPROF, signal.SIGALRM)]
    faulthandler.dump_traceback_later(_LAST, exit=True)
    signal.setitimer(signal.ITIMER_PROF, _CPU)
    signal.setitimer(signal.ITIMER_REAL, _WALL)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        for number, handler in before:
            signal.signal(number, handler)


def types(
    *words: str, here: Path, stdin: bytes = b"", raw: bool = False, **variables: str
) -> Ended:
    """`ciforge WORDS…` in the folder `here`, whose `.home` holds all state.

    Fails where a command crashes or hangs, ends with another exit status, or (unless `raw`) prints
    what a terminal acts on.
    """
    with bounded(), _surroundings(here, stdin, variables) as (out, err):
        code = _main(words)
        sys.stdout.flush()
        sys.stderr.flush()
        ended = Ended(code, *(_text(stream) for stream in (out, err)))
    assert code in DOCUMENTED, (words, ended)
    assert raw or not RAW.search(ended.printed), (words, RAW.findall(ended.printed), ended)
    return ended


def _main(words: tuple[str, ...]) -> int:
    def crash(error: Exception) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ciforge.cli.main, "_report", crash)
        try:
            ciforge.cli.main.main(list(words))
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 0


@contextlib.contextmanager
def _surroundings(here: Path, stdin: bytes, variables: dict[str, str]) -> Iterator[tuple[Any, Any]]:
    """Standard streams, folder and environment of a process of its own."""
    home = here / ".home"
    home.mkdir(exist_ok=True)
    environment = _SETTINGS | {"HOME": str(home), "XDG_STATE_HOME": str(home)} | variables
    with (
        tempfile.TemporaryFile("w+") as given,
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as err,
        contextlib.chdir(here),
        pytest.MonkeyPatch.context() as patch,
    ):
        given.buffer.write(stdin)
        given.seek(0)
        for name in os.environ:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["ciforge"])
        for name, stream in (("stdin", given), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        yield out, err


def _text(stream: Any) -> str:
    stream.seek(0)
    data: bytes = stream.buffer.read()
    return data.decode("utf-8", "surrogateescape")


ODD_TEXTS = (
    "", " ", "-", "--", "-rf", "--help", ".", "..", "../x", "/", "/etc/passwd", "a/../../b", "~", "*",
    "**", "!", "[", "{a,b", "{a,b}{c,d}{e,f}", "a" * 5000, "x " * 3000, "²", "٣", "1e999", "-1", "0",
    "00", "0x10", "1_000", "9" * 400, "nan", "inf", "true", "null", "2026-02-30", "0001-01-01",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2999-01-01T00:00:00Z", "a\nb", "a\r\nb",
    "\t", "\x00", "\x1b[31m", "\x1b]0;t\x07", "\x7f", "\x85", "\u2028", "\ufeff", "\u202etxt", "e\u0301",
    "\ud800", "\U0010ffff", "a@b", "a@b\nBcc: c@d", "@", "é@b", "${{ x }}", "{{ 7*7 }}", "{% raw %}",
    "[= x =]", "%s%n", "%", "\\", "\"", "'", "`", "$(:)", "$x", ";", "|", "&", "#", "://", "http://[",
    "http://[::1", "http://a:b", "https://a:99999/", "ext::sh", "file:///", "git@h:p", "smtp://", "a:b",
    "10m", "99999999999d", "* * * * *", "61 * * * *", "debian", "debian-99", "linux/amd64", "a/b/c",
)  # fmt: skip
_ODD_NUMBERS = (0, -1, 2**31, 2**63, -(2**63), 2**64, 10**400, 1e308, -0.0, 0.5)


def _nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(ODD_TEXTS),
    st.text(max_size=12),
    st.sampled_from(_ODD_NUMBERS),
    st.sampled_from([None, True, False, [], {}, [[]], {"": ""}, [None], {"a": {"b": {"c": []}}}]),
    st.sampled_from(ODD_TEXTS).map(lambda text: [text, text]),
    st.sampled_from(ODD_TEXTS).map(lambda text: {text: text}),
    st.integers(20, 120).map(_nested),
)


def _places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [way, *(place for key, one in inner for place in _places(one, (*way, key)))]


@st.composite
def mutated(draw: st.DrawFn, samples: list[Any]) -> Any:
    """One of the documents, with one to three changes anywhere in it."""
    value = _copied(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 3))):
        value = _change(draw, value)
    return value


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _change(draw: st.DrawFn, whole: Any) -> Any:
    way = draw(st.sampled_from(_places(whole)))
    if not way:
        return draw(ODD) if draw(st.integers(0, 20)) == 0 else whole
    parent = whole
    for key in way[:-1]:
        parent = parent[key]
    act = draw(st.sampled_from(["replace", "replace", "wrap", "add", "drop", "rename"]))
    last = way[-1]
    if act == "replace":
        parent[last] = draw(ODD)
    elif act == "wrap":
        parent[last] = draw(st.sampled_from([lambda it: [it], lambda it: {"x": it}, str]))(
            parent[last]
        )
    elif act == "drop":
        del parent[last]
    elif isinstance(parent, list):
        parent.insert(last, draw(ODD) if act == "add" else parent[0])
    elif act == "add":
        parent[draw(st.sampled_from(ODD_TEXTS))] = draw(ODD)
    else:
        parent[draw(st.sampled_from(ODD_TEXTS))] = parent.pop(last)
    return whole


@st.composite
def spoiled(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> bytes:
    """A text as bytes, most often as it is, sometimes with damage that an editor or a network does."""
    data = draw(texts).encode("utf-8", "surrogatepass")
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        at = draw(st.integers(0, len(data)))
        act = draw(st.sampled_from(["cut", "insert", "bom", "crlf", "twice", "bytes", "line"]))
        if act == "cut":
            data = data[:at]
        elif act == "insert":
            odd = draw(st.sampled_from(ODD_TEXTS)).encode("utf-8", "surrogatepass")
            data = data[:at] + odd + data[at:]
        elif act == "bom":
            data = b"\xef\xbb\xbf" + data
        elif act == "crlf":
            data = data.replace(b"\n", b"\r\n")
        elif act == "twice":
            data = data + data
        elif act == "bytes":
            data = data[:at] + draw(st.binary(max_size=8)) + data[at:]
        else:
            lines = data.splitlines(keepends=True)
            data = b"".join(lines + lines[-2:]) if lines else data
    return data
