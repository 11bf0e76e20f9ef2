"""The first stages of a cross check's Dockerfile: the compiler, its target, and libraries of the target."""

import posixpath
import shlex
from collections.abc import Iterator, Mapping

from ciforge.model.cross import STAGES, TOOLS, CrossCheck
from ciforge.model.distro import Manager
from ciforge.render.cross_scripts import CROSS_SCRIPTS

_CMAKE = f"""\
set(CMAKE_SYSTEM_NAME {{system}})
set(CMAKE_SYSTEM_PROCESSOR {{processor}})
set(CMAKE_C_COMPILER /usr/local/bin/cc)
set(CMAKE_CXX_COMPILER /usr/local/bin/c++)
set(CMAKE_AR /usr/local/bin/ar)
set(CMAKE_RANLIB /usr/local/bin/ranlib)
set(CMAKE_FIND_ROOT_PATH {TOOLS}/sysroot)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
"""

_LOGINS = "/var/log/wtmp /var/log/btmp /var/log/lastlog /run/utmp"
"""Records of logins of the machine: a configure that looks for such a file takes it for one of the target."""


def toolchain_stages(check: CrossCheck, manager: Manager, setup: tuple[str, ...]) -> Iterator[str]:
    """The stages before that of the job's own packages, each as text that ends in its commands."""
    compiler, target = STAGES
    yield f"FROM ${{BASE}} AS {compiler}"
    yield _command(_compiler(check, manager, setup), manager.env)
    yield f"FROM {compiler} AS {target}"
    yield _command(_target(check))
    yield f"FROM {target}"


def sysroot(check: CrossCheck, manager: Manager) -> str:
    """The command that gives the target its libraries; empty where the job needs none."""
    lines = list(_libraries(check))
    return _command(lines, manager.env) if lines else ""


def _compiler(check: CrossCheck, manager: Manager, setup: tuple[str, ...]) -> Iterator[str]:
    tools, wheel = check.toolchain, f"{TOOLS}/wheel"
    pin = f"{tools.name}=={tools.version} --hash=sha256:{check.machine.sha256}"
    yield from setup
    yield manager.refresh
    yield manager.install.replace("{packages}", " ".join((*tools.packages, *tools.downloader)))
    yield f"mkdir -p {TOOLS}/bin {TOOLS}/sysroot/include {TOOLS}/sysroot/lib"
    yield f"echo {shlex.quote(pin)} >{TOOLS}/pin"
    yield (
        f"pip3 download --no-deps --no-cache-dir --progress-bar raw --require-hashes"
        f" -d {wheel} -r {TOOLS}/pin"
    )
    yield f"python3 -m zipfile -e {wheel}/*.whl {wheel}"
    yield f"mv {wheel}/{tools.name} {TOOLS}/zig"
    yield f"chmod 755 {TOOLS}/zig/zig"
    yield f"rm -r {wheel}"
    yield tools.remove.replace("{packages}", " ".join(tools.downloader))
    yield manager.clean


def _target(check: CrossCheck) -> Iterator[str]:
    target, options = check.target, " ".join(f"-U{name}" for name in check.system.undefine)
    named = f"target={target.target}\nhost={target.host}\n"
    # Only where there are some: the file is part of the image's key.
    yield _file(f"{TOOLS}/target", f"{named}options={shlex.quote(options)}\n" if options else named)
    for name, text in CROSS_SCRIPTS.items():
        yield _file(f"{TOOLS}/bin/{name}", text)
    cmake = _CMAKE.format(system=check.system.uname, processor=target.target.partition("-")[0])
    yield _file(f"{TOOLS}/toolchain.cmake", cmake)
    yield f"chmod 755 {TOOLS}/bin/*"
    yield f"ln -s cc {TOOLS}/bin/c++"
    links = " ".join(f"{TOOLS}/bin/{name}" for name in ("cc", "c++", "ar", "ranlib"))
    yield f"ln -s {links} /usr/local/bin/"
    yield f"rm -f {_LOGINS}"
    yield f"{TOOLS}/bin/warm"


def _libraries(check: CrossCheck) -> Iterator[str]:
    for name, library in check.system.libraries.items():
        lines = "".join(f" 'function {function}'" for function in library.functions)
        yield f"printf '%s\\n'{lines} | {TOOLS}/bin/names {name}"
        if library.header:
            header = f"{TOOLS}/sysroot/include/{library.header}"
            yield f"mkdir -p {shlex.quote(posixpath.dirname(header))}"
            yield _file(shlex.quote(header), "\n".join(library.declarations))
    packages = sorted({name for dependency in check.dependencies for name in dependency.packages})
    if packages:
        tools = check.toolchain
        # What the packages bring along has headers too, but not those of the machine's own libc.
        foreign = "|".join(name for name in tools.own_libc if name not in packages)
        listed = f"$({tools.headers} | grep -vxE '{foreign}')"
        named = " ".join(packages)
        yield f"{tools.files.replace('{packages}', f'{named} {listed}')} | sort -u | {TOOLS}/bin/sysroot"
        yield from _additions(check)


def _additions(check: CrossCheck) -> Iterator[str]:
    """What libraries of the target have besides; only where the job has the machine's library."""
    for name, addition in check.system.additions.items():
        header = shlex.quote(f"{TOOLS}/sysroot/include/{addition.header}")
        declared = "".join(f" {shlex.quote(line)}" for line in addition.declarations)
        lines = "".join(f" 'function {function}'" for function in addition.functions)
        yield (
            f"if [ -f {header} ]; then printf '%s\\n'{declared} >>{header}"
            f" && printf '%s\\n'{lines} | {TOOLS}/bin/names {name}; fi"
        )


def _file(path: str, text: str) -> str:
    """A command that writes a file. Each line is a word of its own: the builder joins lines, and drops
    those that begin with a number sign."""
    arguments = "".join(f" \\\n      {shlex.quote(line)}" for line in text.splitlines())
    return f"printf '%s\\n'{arguments} >{path}"


def _command(lines: Iterator[str] | list[str], env: Mapping[str, str] | None = None) -> str:
    exports = [f"export {name}={shlex.quote(value)}" for name, value in (env or {}).items()]
    return "RUN " + " \\\n && ".join((*exports, *filter(None, lines)))
