"""Checks of single words; each raises ValueError with a sentence."""

import datetime
import posixpath
import re
from collections.abc import Iterable

from ciforge.errors import did_you_mean
from ciforge.load.shown_values import shown
from ciforge.load.value_readers import Check
from ciforge.model.distro import latest_count
from ciforge.model.identifiers import DEPENDENCY, PACKAGE, VARIABLE, is_id
from ciforge.model.index_name import KINDS, is_index_name

VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}")
USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_SYSTEM = re.compile(
    "/|/(?:bin|boot|dev|etc|home|lib|lib32|lib64|libx32|libexec|media|mnt|opt|proc|root|run|sbin"
    "|srv|sys|tmp|usr|var)"
)
_KERNEL = ("/dev/", "/proc/", "/sys/", "/run/")
OUTSIDE = "omit `path` and use --source REPO=PATH"
"""The hint for a source outside of the project file's folder."""
_BRANCH_PARTS = re.compile(r"\.\.|@\{|//|/\.|\.lock(?:/|$)|[~^:?*\[\\\s]")


def must(holds: object, text: str, sentence: str) -> None:
    """Raises ValueError, `text` before `sentence`, unless `holds`."""
    if not holds:
        raise ValueError(f"{shown(text)} {sentence}")


def one_of(choices: Iterable[str]) -> Check:
    """One of a few fixed words."""
    allowed = tuple(choices)

    def check(text: str) -> None:
        near = did_you_mean(text[:60], allowed) or f" ({', '.join(allowed)})"
        must(text in allowed, text, f"is not known here{near}")

    return check


def identifier(text: str) -> None:
    """The id of a project, repository, variant, source, step, distribution or release."""
    must(
        is_id(text),
        text,
        "is not an id (letters, digits and . _ + -, at most 64, none of . _ + - first)",
    )


def release_or_rule(text: str) -> None:
    """The id of a release, or `latest 2`."""
    if " " in text:
        must(latest_count(text), text, "is neither a release nor 'latest N', N from 1 to 9")
    else:
        identifier(text)


def dependency(text: str) -> None:
    """A dependency's canonical name."""
    must(DEPENDENCY.fullmatch(text), text, "is not the name of a dependency")


def needed(text: str) -> None:
    """A dependency's canonical name, or one that package indexes answer: `header:event2/event.h`."""
    kind, colon, _ = text.partition(":")
    if colon and kind in KINDS:
        index_name(text)
    else:
        near = did_you_mean(kind, KINDS) or f" ({', '.join(KINDS)})"
        must(not colon, text, f"begins with no kind of name{near}")
        dependency(text)


def index_name(text: str) -> None:
    """A kind and a name: `pkg-config:libfido2`."""
    must(
        is_index_name(text),
        text,
        f"is not a name like 'pkg-config:libfido2' or 'header:event2/event.h' ({', '.join(KINDS)})",
    )


def replacement(text: str) -> None:
    """A dependency, or `sources/NAME`."""
    fine = DEPENDENCY.fullmatch(text.removeprefix("sources/"))
    must(fine, text, "is neither a dependency nor 'sources/NAME'")


def package(text: str) -> None:
    """A word for a package manager."""
    must(PACKAGE.fullmatch(text), text, "is not the name of a package")


def locked_package(text: str) -> None:
    """The plain name of a package: no address, group, version or removal, which an index never answers."""
    plain = re.fullmatch(r"([a-z0-9-]+/)?[A-Za-z0-9]([A-Za-z0-9._+:-]{0,126}[A-Za-z0-9._+])?", text)
    must(plain, text, "is not the plain name of a package")


def versioned(check: Check) -> Check:
    """A word in which `{version}` stands for a version."""
    return lambda text: check(text.replace("{version}", "1"))


def compiler(text: str) -> None:
    """The name of a compiler: `gcc-14`, `tcc`."""
    must(
        re.fullmatch(r"[a-z][a-z0-9]{0,15}(-[0-9]{1,3}(\.[0-9]{1,3})?)?", text),
        text,
        "is not the name of a compiler (like 'gcc-14', 'clang-19' or 'tcc')",
    )


def variable(text: str) -> None:
    """The name of an environment variable."""
    must(VARIABLE.fullmatch(text), text, "is not the name of an environment variable")


def line(text: str) -> None:
    """Text without an end of line."""
    must("\n" not in text, text, "must be one line")


def word(text: str) -> None:
    """Printable and without spaces."""
    must(text.isprintable() and not re.search(r"\s", text), text, "must be one word")


def argument(text: str) -> None:
    """A word of a command that no program takes for an option."""
    must(
        re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,127}", text),
        text,
        "must be one word of letters, digits and . _ / + -, and must not begin with '-'",
    )


def job_folder(text: str) -> None:
    """An absolute path of plain words, for the folder of a job."""
    must(
        re.fullmatch(r"(?:/[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}){1,8}", text),
        text,
        "must be an absolute path of letters, digits and . _ -",
    )


def command(text: str) -> None:
    """A one-line shell command that can follow `RUN` in a Dockerfile: no option, no JSON list."""
    line(text)
    must(not text.lstrip().startswith(("-", "[")), text, "must begin with the name of a command")


def user(text: str) -> None:
    """A user to create."""
    must(text != "root", text, "is there already")
    must(USER.fullmatch(text), text, "is not a user name (a-z, 0-9, _ and -, at most 32)")


def user_or_root(text: str) -> None:
    """A user that runs a step."""
    must(USER.fullmatch(text), text, "is not a user name (a-z, 0-9, _ and -, at most 32)")


def locale(text: str) -> None:
    """A locale in UTF-8: `de_DE.UTF-8`, `C.UTF-8`."""
    must(
        re.fullmatch(r"(?:C|[a-z]{2,3}_[A-Z]{2})\.UTF-8", text),
        text,
        "is no locale in UTF-8, like de_DE.UTF-8",
    )


def absolute_path(text: str) -> None:
    """An absolute path in its shortest form, without characters that need quotes."""
    word(text)
    must(text.startswith("/"), text, "must begin with '/'")
    must(":" not in text, text, "must not contain ':'")
    _clean(text)


def _clean(text: str) -> None:
    shortest = posixpath.normpath("/" + text.lstrip("/") if text.startswith("/") else text)
    must(".." not in text.split("/"), text, "must not contain '..'")
    must(shortest == text, text, f"is not in its shortest form (write {shown(shortest)})")


def prefix(text: str) -> None:
    """The prefix of a library that is built from source: outside of system folders."""
    absolute_path(text)
    must(
        not _SYSTEM.fullmatch(text),
        text,
        "belongs to the system; use a folder below it, like '/opt/NAME'",
    )
    must(not text.startswith(_KERNEL), text, "is temporary; use a folder like '/opt/NAME'")


def inner_path(text: str) -> None:
    """A path inside the source, in its shortest form."""
    line(text)
    must(text.isprintable(), text, "has characters that are not printable")
    must(not text.startswith("/"), text, "must be relative to the source")
    must(not text.startswith("-"), text, "must not begin with '-'")
    must(text != ".", text, "is the source itself; leave it out")
    _clean(text)


def source_folder(text: str) -> None:
    """The folder of a repository's tree: that of the project file, or one below it."""
    must(text.isprintable(), text, "has characters that are not printable")
    must(not text.startswith("-"), text, "must not begin with '-'")
    parts = text.split("/")
    below = not text.startswith("/") and ".." not in parts
    must(below, text, f"is not below this file; {OUTSIDE}")
    must(".git" not in parts, text, "is a part of git's own directory")


def sha256(text: str) -> None:
    """64 hexadecimal digits."""
    must(re.fullmatch("[0-9A-Fa-f]{64}", text), text, "is not a sha256 (64 hexadecimal digits)")


def commit_hash(text: str) -> None:
    """The full hash of a commit, which fixes its contents."""
    must(
        re.fullmatch("[0-9a-f]{40}(?:[0-9a-f]{24})?", text),
        text,
        "is not the full hash of a commit (`git rev-parse TAG^{commit}` prints it)",
    )


def branch(text: str) -> None:
    """The full name of a branch, as git allows it."""
    fine = text.isprintable() and not _BRANCH_PARTS.search(text) and text != "@"
    fine = fine and not text.startswith(("-", "/", ".")) and not text.endswith(("/", "."))
    must(fine, text, "is not the name of a branch")


def tag(text: str) -> None:
    """The tag before the subject of a mail."""
    must(
        text.isprintable() and len(text) <= 40, text, "must be printable and at most 40 characters"
    )


def day(text: str) -> None:
    """`2026-08-31`."""
    try:
        fine = re.fullmatch(r"\d{4}-\d\d-\d\d", text) and datetime.date.fromisoformat(text)
    except ValueError:
        fine = None
    must(fine, text, "is not a date (like '2026-08-31')")


def pinned_image(text: str) -> None:
    """An image with its digest."""
    must(
        re.fullmatch(r"[a-z0-9][a-z0-9._/:-]{0,200}@sha256:[0-9a-f]{64}", text), text,
        "names no image by its digest (write NAME@sha256:DIGEST)",
    )  # fmt: skip


def install_command(text: str) -> None:
    """A command that installs a fixed version: it has an `==`, a full commit hash or a sha256."""
    line(text)
    must(text.isprintable(), text, "has characters that are not printable")
    pinned = re.search(r"==\d|@[0-9a-f]{40}\b|sha256[:=][0-9a-f]{64}\b", text)
    must(
        pinned,
        text,
        "does not name an exact version (write for example 'pipx install ciforge==1.2.3')",
    )


def version(text: str) -> None:
    """`1.2`, as printed by `ciforge --version`."""
    must(VERSION.fullmatch(text), text, "is not a version (like '1.2')")


def kept_pattern(text: str) -> None:
    """A pattern for files of the source, as one word."""
    must(
        re.fullmatch(r"[A-Za-z0-9._+@*?\[\]/-]+", text),
        text,
        "is not a pattern for paths ('*.deb', 'coverage/*')",
    )
    below = not text.startswith("/") and ".." not in text.split("/")
    must(below, text, "must be relative to the source")
    must(re.search(r"[A-Za-z0-9_]", text), text, "matches every file of the source")


def pattern(text: str) -> None:
    """A shell pattern for paths, as one word."""
    must(
        re.fullmatch(r"[A-Za-z0-9._+@*?\[\]/-]+", text),
        text,
        "is not a pattern for paths ('*.md', 'docs/*')",
    )
    must(
        re.search(r"[A-Za-z0-9_]", text),
        text,
        "matches every file, so no pull request would be built",
    )
