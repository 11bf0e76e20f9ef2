#!/usr/bin/env python3
"""Asks the real package indexes for names that real projects need, and installs the answers to see whether they are right.

    python tools/package_index.py [--release RELEASE]... [--state DIR]

For each release: `ciforge packages --update` answers the names, and a job with the packages of `ciforge.lock` looks for each
of them: `pkg-config --exists`, `#include`, `-l`, `command -v`. Names that several packages have are marked ambiguous and left
out of the job. Writes docs/proof/package-index.md. Exit codes: 0; 1 an answer is wrong; 3 a release could not be asked.
"""

import argparse
import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import yaml
from markdown_table import table_row, without_hosts

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "proof" / "package-index.md"
RELEASES = ("debian-12", "debian-13")
NAMES: Mapping[str, Mapping[str, str]] = {
    "pkg-config": {
        "OpenSSH": "libfido2 libedit libcrypto krb5-gssapi", "tmux": "libevent ncursesw tinfo libutf8proc libsystemd",
        "rsync": "libzstd liblz4 popt", "git": "libcurl expat libpcre2-8", "htop": "hwloc libnl-3.0",
        "curl": "libssl libnghttp2 libpsl libssh2 libbrotlidec libcares libidn2 gnutls nettle",
        "libvirt": "glib-2.0 libpcap json-c blkid mount libseccomp libcap-ng libselinux audit libudev fuse3",
        "QEMU": "pixman-1 libusb-1.0 alsa slirp", "lighttpd": "lua5.4 libpq mariadb",
        "nmap": "zlib", "systemd": "libcryptsetup p11-kit-1 libmicrohttpd", "mpv": "freetype2",
    },
    "header": {
        "OpenSMTPD": "event.h db.h security/pam_appl.h tls.h hiredis/hiredis.h", "dovecot": "lber.h ldap.h sasl/sasl.h lmdb.h",
        "rsync": "sys/acl.h attr/attributes.h xxhash.h", "screen": "utempter.h curses.h", "mutt": "idn2.h gpgme.h",
        "sendmail": "libmilter/mfapi.h", "sudo": "bsd/string.h magic.h", "tcpdump": "pcap.h",
        "OpenSSH": "histedit.h zlib.h openssl/ssl.h readline/readline.h", "NSD": "sodium.h uv.h",
        "PostgreSQL": "gnutls/gnutls.h unicode/ucol.h", "GnuTLS": "gmp.h libtasn1.h unbound.h",
    },
    "library": {
        "OpenSSH": "crypt pam util", "OpenSMTPD": "resolv wrap", "nginx": "pcre2-8 GeoIP", "OpenVPN": "lzo2 pkcs11-helper",
        "zsh": "gdbm", "ImageMagick": "jpeg",
    },
    "command": {
        "OpenSMTPD": "bison mandoc libtoolize", "nfs-utils": "rpcgen", "GCC": "flex makeinfo gperf m4",
        "systemd": "meson ninja", "wget": "msgfmt help2man", "PHP": "re2c", "LXC": "doxygen", "git": "asciidoc xmlto",
        "Valgrind": "valgrind", "cppcheck": "cppcheck", "Mesa": "glslangValidator",
    },
}  # fmt: skip
"""By kind: a project that needs the names, as its configure.ac, meson.build or sources have them."""
_CHECK = """\
tell() { [ "$2" -eq 0 ] && echo "index-check $1 right" || echo "index-check $1 wrong"; }
while read -r name; do
    plain=${name#*:}
    result=0
    case $name in
        pkg-config:*) pkg-config --exists "$plain" || result=1 ;;
        header:*) printf '#include <%s>\\n' "$plain" | gcc -E -M -x c - >/dev/null 2>&1 || result=1 ;;
        library:*) echo 'int main(void) { return 0; }' | gcc -x c -o /tmp/linked - -l"$plain" || result=1 ;;
        command:*) command -v "$plain" >/dev/null || result=1 ;;
    esac
    tell "$name" "$result"
done <names
"""
_HEAD = """\
# Names that package indexes answer

Modules of pkg-config, headers, libraries and commands that real projects need, asked of the real index of each release by
`ciforge packages --update`, and looked for in a container with the packages of `ciforge.lock`. `tools/package_index.py` writes
this page. **right**: the job found it there. **ambiguous**: several packages have it, and the update said which.

"""


@attrs.define
class Asked:
    """The answers for one release."""

    release: str
    packages: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    ambiguous: dict[str, str] = attrs.field(factory=dict)
    unknown: dict[str, str] = attrs.field(factory=dict)
    right: set[str] = attrs.field(factory=set)
    failed: str = ""

    def word(self, name: str) -> str:
        """`right: PACKAGE`, `ambiguous: PACKAGES`, or what is wrong."""
        if name in self.ambiguous:
            return f"ambiguous: {self.ambiguous[name]}"
        if name in self.unknown:
            return f"unknown: {self.unknown[name]}"
        packages = ", ".join(self.packages.get(name, ()))
        return f"{'right' if name in self.right else '**wrong**'}: {packages}"

    @property
    def wrong(self) -> list[str]:
        """Names whose answer the job did not confirm."""
        return [name for name in self.packages if name not in self.right]


def all_names() -> dict[str, str]:
    """Each name to the project that needs it."""
    return {
        f"{kind}:{name}": project
        for kind, projects in NAMES.items()
        for project, names in projects.items()
        for name in names.split()
    }


def project_text(release: str, names: Sequence[str]) -> str:
    """A project whose job looks for each name."""
    repo = {
        "path": ".",
        "recipe": "make",
        "dependencies": list(names),
        "steps": {"build": {"run": _CHECK}, "install": False},
    }
    return yaml.safe_dump({"project": "index", "repos": {"tree": repo}, "jobs": [release]})


def sorted_problems(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The names that several packages have, with these, and those that none has, by the lines of an update."""
    ambiguous = re.findall(r"several packages of \S+ have '([^']+)': ([^;]+);", text)
    unknown = re.findall(r"no package of \S+ has '([^']+)'( ?.*)", text)
    return dict(ambiguous), {name: near.strip() for name, near in unknown}


def ciforge(folder: Path, state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the program in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "ciforge", *words, "--state-dir", str(state)],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def ask(release: str, folder: Path, state: Path) -> Asked:
    """Asks one release for all names, and installs the answers."""
    found, names = Asked(release), list(all_names())
    for _ in range(2):
        (folder / "ciforge.yml").write_text(project_text(release, names))
        updated = ciforge(folder, state, "packages", "--update")
        if updated.returncode in (0, 3):
            break
        found.ambiguous, found.unknown = sorted_problems(updated.stderr)
        names = [name for name in names if name not in {**found.ambiguous, **found.unknown}]
    if updated.returncode:
        found.failed = without_hosts(updated.stderr.strip())
        return found
    lock = yaml.safe_load((folder / "ciforge.lock").read_text())["packages"][release]
    found.packages = {name: tuple(packages) for name, packages in lock.items()}
    (folder / "names").write_text("".join(f"{name}\n" for name in names))
    done = ciforge(folder, state, "run", f"tree/{release}/default")
    (log,) = sorted(state.rglob("log.txt"), key=lambda file: file.stat().st_mtime)[-1:] or (None,)
    text = log.read_text(errors="replace") if log else ""
    found.right = set(re.findall(r"^index-check (\S+) right$", text, re.MULTILINE))
    if not found.right:
        found.failed = without_hosts((done.stdout + done.stderr).strip()[-500:])
    return found


def page(answers: Sequence[Asked]) -> str:
    """The whole page."""
    today = datetime.datetime.now(datetime.UTC).date()
    lines = [f"- date: {today}"]
    for one in answers:
        counts = f"{len(one.packages) - len(one.wrong)} right, {len(one.ambiguous)} ambiguous"
        counts += f", {len(one.unknown)} unknown, {len(one.wrong)} wrong"
        lines.append(f"- {one.release}: {one.failed or counts}")
    lines += ["", table_row(("name", "project", *(one.release for one in answers)))]
    lines.append("|---|---|" + "---|" * len(answers))
    for name, project in all_names().items():
        lines.append(table_row((f"`{name}`", project, *(one.word(name) for one in answers))))
    return _HEAD + "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Asks the releases, and writes the page."""
    parser = argparse.ArgumentParser(description="Ask real package indexes for names.")
    parser.add_argument("--release", action="append", default=[], metavar="RELEASE")
    parser.add_argument("--state", type=Path, metavar="DIR")
    options = parser.parse_args(arguments)
    scratch = Path(tempfile.mkdtemp(prefix="ciforge-index-"))
    answers = []
    try:
        for release in options.release or RELEASES:
            folder = scratch / release
            folder.mkdir()
            answers.append(ask(release, folder, options.state or scratch / f"state-{release}"))
            print(f"{release}: {answers[-1].failed or f'wrong: {answers[-1].wrong}'}", flush=True)
    finally:
        shutil.rmtree(scratch)
    PAGE.write_text(page(answers), encoding="utf-8")
    if any(one.failed for one in answers):
        return 3
    return 1 if any(one.wrong or one.unknown for one in answers) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
