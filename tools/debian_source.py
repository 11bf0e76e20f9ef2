#!/usr/bin/env python3
"""Fetches upstream's tarball of a Debian source package: `debian_source.py NAME DIR [SUITE...]` prints its path.

It needs Python's standard library alone. What is already in DIR is used without the network.
The chain of trust: InRelease (signed, where gpgv and Debian's keys are here to look) names the
SHA-256 of the source index, and the index names the SHA-256 of the tarball.
"""

import hashlib
import http.client
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

SUITES = ("sid", "trixie", "bookworm")
APT = Path("/etc/apt")
KEYRINGS = tuple(
    Path("/usr/share/keyrings/debian-archive-keyring").with_suffix(s) for s in (".pgp", ".gpg")
)
INDEX = "main/source/Sources.xz"
PATIENCE = 20
"""Seconds that a mirror may stay silent."""
ATTEMPTS = 3


class Missing(Exception):
    """The mirror answers, and does not have the file."""


class Failed(Exception):
    """Nothing can be fetched or trusted; the message says why."""


class Tarball(NamedTuple):
    """One `.orig.tar` as the index describes it."""

    version: str
    path: str
    sha256: str


def say(text: str) -> None:
    """Progress goes to standard error; standard output is the answer."""
    print(text, file=sys.stderr, flush=True)


def newest(folder: Path, name: str) -> Path | None:
    """The newest tarball of `name` in `folder`; `opensmtpd` does not match `opensmtpd-extras-…`."""
    pattern = re.compile(re.escape(name) + r"-(\d[^/]*)\.tar\.(?:gz|xz|bz2)")
    found = [(m[1], file) for file in folder.glob("*") if (m := pattern.fullmatch(file.name))]
    return max(found, key=lambda pair: ordered(pair[0]))[1] if found else None


def ordered(version: str) -> list[tuple[int, int, str]]:
    """A key that puts 7.10 above 7.9, and 7.9~rc1 below it."""
    parts = re.findall(r"\d+|~|[^\d~]+", version)
    return [piece(part) for part in parts] + [(1, 0, "")]


def piece(part: str) -> tuple[int, int, str]:
    """One piece of a version: `~` comes before the end, everything else after."""
    if part == "~":
        return (0, 0, "")
    return (3, int(part), "") if part.isdigit() else (2, 0, part)


def mirrors(apt: Path = APT) -> tuple[str, ...]:
    """DEBIAN_MIRROR where it is set, then the Debian mirrors that this machine's apt uses."""
    said = [os.environ["DEBIAN_MIRROR"]] if os.environ.get("DEBIAN_MIRROR") else []
    files = [*sorted(apt.glob("sources.list.d/*")), apt / "sources.list"]
    text = "\n".join(read(file) for file in files if file.suffix in {".list", ".sources"})
    found = re.findall(r"^(?:deb\s|URIs:).*?(https?://\S+?/debian)/?(?=\s|$)", text, re.MULTILINE)
    return tuple(dict.fromkeys([*said, *found]))


def read(file: Path) -> str:
    """The text of a file that may not be there or may not be ours to read."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def fetch(url: str) -> bytes:
    """The bytes at `url`. Raises Missing where the mirror has no such file, else Failed."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return download(url)
        except urllib.error.HTTPError as error:
            if error.code in {403, 404, 410}:
                raise Missing(url) from None
            problem: Exception = error
        except (OSError, http.client.HTTPException) as error:
            problem = error
        if attempt < ATTEMPTS:
            time.sleep(attempt)
    raise Failed(f"{url}: {problem}")


def download(url: str) -> bytes:
    """One attempt, with a line about its progress every other second."""
    say(f"fetching {url}")
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - http(s) only
        size = int(answer.headers.get("Content-Length") or 0)
        body, told = bytearray(), time.monotonic()
        while block := answer.read(1 << 16):
            body += block
            if time.monotonic() - told > 2:
                told = time.monotonic()
                say(f"  {len(body) / 1e6:.1f} of {size / 1e6:.1f} MB")
    if size and len(body) != size:
        raise OSError(f"cut off after {len(body)} of {size} bytes")
    return bytes(body)


def release(mirror: str, suite: str) -> str:
    """The text of InRelease; only what is signed of it, where that can be looked at."""
    raw = fetch(f"{mirror}/dists/{suite}/InRelease")
    keyring = next((k for k in KEYRINGS if k.is_file()), None)
    gpgv = shutil.which("gpgv")
    if gpgv is None or keyring is None:
        say(f"  {suite}: signature NOT verified (it takes gpgv and debian-archive-keyring)")
        return raw.decode(errors="replace")
    text = verified(raw, gpgv, keyring)
    say(f"  {suite}: signature verified by gpgv with {keyring}")
    return text


def verified(raw: bytes, gpgv: str, keyring: Path) -> str:
    """Returns the text that the signature covers. Raises Failed unless a key of the keyring made it.

    One of several signatures may be of a key too new for the keyring, so gpgv's exit code is not
    asked; apt judges in the same way.
    """
    with tempfile.TemporaryDirectory() as scratch:
        signed, plain = Path(scratch, "InRelease"), Path(scratch, "Release")
        signed.write_bytes(raw)
        command = [gpgv, "--keyring", str(keyring), "--status-fd", "1"]
        command += ["--output", str(plain), str(signed)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        words = re.findall(r"^\[GNUPG:\] (\w+)", done.stdout, re.MULTILINE)
        if "VALIDSIG" not in words or "BADSIG" in words or not plain.is_file():
            raise Failed(f"InRelease is not signed by Debian's keys: {done.stderr.strip()}")
        return plain.read_text(errors="replace")


def index(mirror: str, suite: str, cache: Path) -> str:
    """The source index of a suite; fetched once for each of its states."""
    found = re.search(rf"^ ([0-9a-f]{{64}}) +\d+ {INDEX}$", release(mirror, suite), re.MULTILINE)
    if found is None:
        raise Missing(f"{mirror}/dists/{suite}: no SHA-256 of {INDEX}")
    kept = cache / f".{suite}-Sources.xz"
    if not kept.is_file() or hashlib.sha256(kept.read_bytes()).hexdigest() != found[1]:
        folder, file = f"{mirror}/dists/{suite}/{INDEX}".rsplit("/", 1)
        store(kept, first(f"{folder}/by-hash/SHA256/{found[1]}", f"{folder}/{file}"), found[1])
    return lzma.decompress(kept.read_bytes()).decode(errors="replace")


def first(*urls: str) -> bytes:
    """The first that is served; not every mirror has `by-hash`."""
    for url in urls[:-1]:
        try:
            return fetch(url)
        except Missing:
            continue
    return fetch(urls[-1])


def store(file: Path, body: bytes, sha256: str) -> Path:
    """Writes `file` whole or not at all. Raises Failed where the checksum differs."""
    if hashlib.sha256(body).hexdigest() != sha256:
        raise Failed(f"{file.name}: the checksum is not {sha256}; the mirror may be in motion")
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".part-", delete=False) as part:
        part.write(body)
    Path(part.name).chmod(0o644)
    return Path(part.name).replace(file)


def tarballs(text: str, name: str) -> list[Tarball]:
    """The upstream tarballs of a source package in an index, the newest first."""
    paragraphs = (p for p in text.split("\n\n") if f"\nPackage: {name}\n" in f"\n{p}\n")
    found = [tarball for p in paragraphs for tarball in described(p, name)]
    return sorted(found, key=lambda t: ordered(t.version), reverse=True)


def described(paragraph: str, name: str) -> Iterator[Tarball]:
    """The `.orig.tar` of one paragraph, where it has one."""
    folder = re.search(r"^Directory: (\S+)$", paragraph, re.MULTILINE)
    sums = paragraph.partition("\nChecksums-Sha256:")[2]
    file = re.compile(
        rf"^ ([0-9a-f]{{64}}) \d+ ({re.escape(name)}_([^/\s]+)\.orig\.tar\.\w+)$", re.MULTILINE
    )
    if folder and (line := file.search(sums)):
        yield Tarball(line[3], f"{folder[1]}/{line[2]}", line[1])


def obtain(name: str, folder: Path, mirror: str, suites: Sequence[str] = SUITES) -> Path | None:
    """The newest tarball that `mirror` really serves; superseded ones vanish before the index does."""
    for suite in suites:
        try:
            candidates = tarballs(index(mirror, suite, folder), name)
        except Missing as error:
            say(f"  {error}: not there")
            continue
        for tarball in candidates:
            extension = tarball.path.rpartition(".")[2]
            target = folder / f"{name}-{tarball.version}.tar.{extension}"
            if (body := served(f"{mirror}/{tarball.path}")) is not None:
                return store(target, body, tarball.sha256)
    return None


def served(url: str) -> bytes | None:
    """The bytes at `url`, or None where the mirror does not have it."""
    try:
        return fetch(url)
    except Missing:
        say("  not served any more")
        return None


def main(arguments: list[str]) -> int:
    """Prints the path. 2: no such package; 3: no mirror can be reached or trusted."""
    name_of = re.compile(r"[a-z0-9][a-z0-9+.-]+")
    if len(arguments) < 2 or not all(map(name_of.fullmatch, (arguments[0], *arguments[2:]))):
        say("usage: debian_source.py NAME DIR [SUITE...]")
        return 2
    name, folder = arguments[0], Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    found = newest(folder, name)
    known = () if found else mirrors()
    if not found and not known:
        problems.append("no Debian mirror is known here: name one by DEBIAN_MIRROR=URL")
    for mirror in known:
        try:
            found = found or obtain(name, folder, mirror, arguments[2:] or SUITES)
        except (Failed, OSError, lzma.LZMAError) as error:
            problems.append(str(error))
    if found is None:
        say("\n".join(problems) or f"Debian serves no source package {name!r}")
        return 3 if problems else 2
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
