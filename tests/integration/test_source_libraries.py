"""`sources`: a library from its tarball takes a package's place, checked and in its own prefix."""

import functools
import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import Document, Ended, Person, commit, git, trial

LIBRARY = {
    "configure": """\
#!/bin/sh
prefix=/usr/local words=
for word; do
    case $word in
    --prefix=*) prefix=${word#--prefix=} ;;
    *) words="$words $word" ;;
    esac
done
sed -e "s|@prefix@|$prefix|g" -e "s|@words@|$words|" Makefile.in >Makefile
sed "s|@prefix@|$prefix|g" greet.pc.in >greet.pc
""",
    "Makefile.in": """\
libgreet.so: greet.c
\tcc -shared -fPIC -DWORDS='"@words@"' -o libgreet.so greet.c
install: libgreet.so
\tmkdir -p @prefix@/lib/pkgconfig @prefix@/include
\tcp libgreet.so @prefix@/lib
\tcp greet.pc @prefix@/lib/pkgconfig
\tcp greet.h @prefix@/include
""",
    "greet.pc.in": """\
Name: greet
Description: greets
Version: 1.2.3
Cflags: -I@prefix@/include
Libs: -L@prefix@/lib -lgreet
""",
    "greet.h": "const char *greeting(void);\n",
    "greet.c": 'const char *greeting(void) { return "configured with" WORDS; }\n',
}
PATCHES = {
    "louder.diff": """\
--- a/greet.c
+++ b/greet.c
@@ -1 +1 @@
-const char *greeting(void) { return "configured with" WORDS; }
+const char *greeting(void) { return "patched and configured with" WORDS; }
""",
    "unfit.diff": """\
--- a/greet.h
+++ b/greet.h
@@ -1 +1 @@
-int greeting(void);
+long greeting(void);
""",
    # The source has `outside` as a link to /etc.
    "outside.diff": """\
--- a/outside/group
+++ b/outside/group
@@ -1 +1,2 @@
 root:x:0:
+intruder:x:0:
""",
}
PROGRAM = {
    "configure": """\
#!/bin/sh
echo "greet $(pkg-config --modversion greet)" || exit 1
libs=$(pkg-config --libs greet)
if [ -n "$LOST" ]; then
    cp /opt/greet/lib/libgreet.so /ciforge/home
    libs="-L/ciforge/home -Wl,-rpath,/ciforge/home -lgreet"
fi
cat >Makefile <<END
program: program.c
\tcc $(pkg-config --cflags greet) -o program program.c $libs
check: program
\t./program
install: program
\tinstall -m 755 program /usr/local/bin
END
""",
    "program.c": """\
#include <stdio.h>
#include <greet.h>
int main(void) { return puts(greeting()) < 0; }
""",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("libraries")


@pytest.fixture(scope="module")
def tarball(home: Path) -> Path:
    """A library as upstream publishes it."""
    file = home / "served" / "greet-1.2.3.tar.gz"
    file.parent.mkdir()
    with tarfile.open(file, "w:gz") as tar:
        for name, text in LIBRARY.items():
            entry = tarfile.TarInfo(f"greet-1.2.3/{name}")
            entry.size, entry.mode = len(text), 0o755
            tar.addfile(entry, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("greet-1.2.3/outside")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(link)
    return file


@pytest.fixture(scope="module")
def address(tarball: Path, engine: Any) -> Iterator[str]:
    """Where the engine, which is on this machine, and its containers fetch it."""
    own = engine.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    handler = functools.partial(_Quiet, directory=str(tarball.parent))
    with http.server.ThreadingHTTPServer((own, 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://{own}:{server.server_port}/{tarball.name}"
        server.shutdown()


@pytest.fixture(scope="module")
def revision(home: Path, tarball: Path) -> str:
    """The library in a repository beside the tarball, as a plain web server has it; its first commit."""
    tree = home / "greet"
    tree.mkdir()
    for name, text in LIBRARY.items():
        (tree / name).write_text(text)
        (tree / name).chmod(0o755)
    git(tree, "init", "--quiet")
    first = commit(tree, "The library")
    (tree / "greet.c").write_text("this does not compile\n")
    commit(tree, "Break it")
    git(home, "clone", "--quiet", "--bare", str(tree), str(tarball.parent / "greet.git"))
    git(tarball.parent / "greet.git", "update-server-info")
    return first


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def run(home: Path, tarball: Path, address: str, revision: str, engine: Any) -> Iterator[Ended]:
    """Its own library, one with a wrong checksum, one that is not there."""
    right = hashlib.sha256(tarball.read_bytes()).hexdigest()
    source = {"url": address, "sha256": right, "prefix": "/opt/greet", "configure": ["--loud"]}
    sources: Document = {
        "greet": source,
        "forged": source | {"sha256": "0" * 64},
        "vanished": source | {"url": f"{address}.old"},
    }
    sources["committed"] = {
        "git": f"{address.rpartition('/')[0]}/greet.git", "revision": revision,
        "prefix": "/opt/committed", "configure": ["--from-git"], "needs": ["greet"],
    }  # fmt: skip
    sources |= {
        "patched": source | {"patches": ["louder.diff"]},
        "unfit": source | {"patches": ["louder.diff", "unfit.diff"]},
        "linked-out": source | {"patches": ["outside.diff"]},
    }
    variants: Document = {name: {"replace": {"zlib": f"sources/{name}"}} for name in sources}
    variants["lost"] = variants["greet"] | {"env": {"LOST": "yes"}}
    folder = trial(
        home / "here", {}, variants=variants, sources=sources, jobs=["tree/debian-13/*"],
        repo={
            "recipe": "autotools",
            "dependencies": ["autoconf", "automake", "zlib"],
            "steps": {"check": True, "install": True, "build": True},
        },
    )  # fmt: skip
    for name, text in PROGRAM.items():
        (folder / "tree" / name).write_text(text)
        (folder / "tree" / name).chmod(0o755)
    for name, text in PATCHES.items():
        (folder / name).write_text(text)
    ended = Person(folder, home).runs("debian-13/*")
    yield ended
    # The port is in its Dockerfile: nothing will ever find this image again.
    for job in (JOB, COMMITTED, PATCHED):
        if image := ended.results[job]["image"]:
            engine.images.remove(image, force=True)


JOB = "tree/debian-13/greet"
COMMITTED = "tree/debian-13/committed"
PATCHED = "tree/debian-13/patched"
LOST = "tree/debian-13/lost"


def test_job_finds_a_library_built_from_source_in_its_prefix(run: Ended) -> None:
    assert run.results[JOB]["status"] == "passed", run.told
    assert run.step(JOB, "configure") == ["greet 1.2.3"]
    build = run.step(JOB, "build")[0]
    assert "-I/opt/greet/include" in build
    assert "-L/opt/greet/lib -lgreet" in build


def test_programs_find_a_library_built_from_source_at_run_time(run: Ended) -> None:
    assert "configured with --loud" in run.step(JOB, "check")


def test_installed_program_loads_the_library_built_from_source(run: Ended) -> None:
    loaded = "/usr/local/bin/program: /opt/greet/lib/libgreet.so"
    assert run.step(JOB, "linked") == [f"linked: {loaded}"]
    assert run.results[JOB]["built_with"] == [loaded]


def test_program_that_loads_another_library_than_that_of_its_variant_fails(run: Ended) -> None:
    result = run.results[LOST]
    assert (result["status"], result["failed_step"]) == ("failed", "linked")
    said = "loads /ciforge/home/libgreet.so, not the library of sources/greet in /opt/greet"
    assert f"linked: /usr/local/bin/program {said}" in run.log(LOST)


def test_library_is_built_from_a_commit_after_the_one_that_it_needs(run: Ended) -> None:
    assert run.results[COMMITTED]["status"] == "passed", run.told
    assert "configured with --from-git" in run.step(COMMITTED, "check")
    assert "linked: /usr/local/bin/program: /opt/committed/lib/libgreet.so" in run.step(
        COMMITTED, "linked"
    )


def test_library_is_patched_before_it_is_built(run: Ended) -> None:
    assert run.results[PATCHED]["status"] == "passed", run.told
    assert "patched and configured with --loud" in run.step(PATCHED, "check")


def test_patch_that_does_not_apply_fails_in_prepare_and_is_named(run: Ended) -> None:
    result = run.results["tree/debian-13/unfit"]
    assert (result["status"], result["failed_step"]) == ("failed", "prepare")
    assert result["reason"] == "sources/unfit: the patch unfit.diff does not apply"


def test_patch_of_a_library_writes_nothing_outside_of_it(run: Ended) -> None:
    result = run.results["tree/debian-13/linked-out"]
    assert result["reason"] == "sources/linked-out: the patch outside.diff does not apply"
    assert any("outside/group" in line for line in result["tail"]), result["tail"]


def test_package_replaced_by_a_source_is_not_installed(run: Ended) -> None:
    assert "zlib1g-dev" not in run.results[JOB]["packages"]


def test_source_with_a_wrong_checksum_fails_in_prepare(run: Ended) -> None:
    result = run.results["tree/debian-13/forged"]
    assert (result["status"], result["failed_step"]) == ("failed", "prepare")
    assert any("greet" in line or "FAILED" in line for line in result["tail"]), result["tail"]
    assert any("checksum did NOT match" in line for line in result["tail"])


def test_missing_source_tarball_does_not_pass(run: Ended) -> None:
    result = run.results["tree/debian-13/vanished"]
    assert (result["status"], result["failed_step"]) == ("infrastructure", "prepare")
    assert "404" in result["reason"]
