"""The contents of a `ciforge.yml`, as written; `plan` makes jobs of it."""

import enum
from collections.abc import Mapping

import attrs

from ciforge.model.value import Value


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ArgumentChange(Value):
    """`configure:`: a list adds words; `{add: […], remove: […]}` also takes away."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Need(Value):
    """A dependency by its canonical name, or one spelled out in place, per distribution or release."""

    name: str
    packages: Mapping[str, tuple[str, ...]] | None = None
    """`{debian: [libfoo-dev], alpine-3.22: [foo-dev]}`; elsewhere, or if None, what the catalogue knows by the name."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Needs(Value):
    """`dependencies:`: a list adds; `{add: […], remove: […]}` also takes away."""

    add: tuple[Need, ...] = ()
    remove: tuple[str, ...] = ()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class StepChange(Value):
    """`NAME: {run, after, as, env, network, timeout, tty, locale, privileges, backtrace}`; what is None stays as the recipe has it."""

    run: str | None = None
    after: str | None = None
    user: str | None = None
    """`as:` in the file: `root`, or one of `users`; else the unprivileged user."""
    env: Mapping[str, str] = attrs.field(factory=dict)
    network: bool | None = None
    timeout: int | None = None
    """Seconds; written `90`, `90s`, `10m` or `2h`."""
    tty: bool | None = None
    """Whether the step has a terminal."""
    locale: str = ""
    """`de_DE.UTF-8`; empty for the C locale."""
    privileges: str = ""
    """`setuid`: its programs may gain rights by the bits setuid and setgid."""
    backtrace: bool | None = None
    """Whether gdb is asked about programs that a signal ended in the step."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Service(Value):
    """A server that runs in a container of its own beside the steps of a job."""

    healthy: str
    """The command that tells, by its exit status 0 in the container of the service, that it answers."""
    run: str = ""
    """The command that is the server; empty: that of `image`."""
    dependencies: tuple[Need, ...] = ()
    """What its container has, from the release of the job."""
    image: str = ""
    """An image by its digest, in place of dependencies."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Overlay(Value):
    """Settings of a repository, and the changes by `where` and variants."""

    dependencies: Needs = Needs()
    replace: Mapping[str, str] = attrs.field(factory=dict)
    """A dependency to another one, or to `sources/NAME`, which is built in its place."""
    configure: ArgumentChange = ArgumentChange()
    env: Mapping[str, str] = attrs.field(factory=dict)
    compiler: str = ""
    """The compiler that the build has to use: `gcc-14`; empty: whichever it finds."""
    builddir: str | None = None
    """A folder inside the source; None is the source itself."""
    steps: Mapping[str, StepChange | bool] = attrs.field(factory=dict)
    """False drops a step, True switches on one that the recipe has off."""
    expect: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    """`installed` to lines `PATH [mode=… gname=… uname=… type=…]`; a file to the macros it defines."""
    keep: tuple[str, ...] = ()
    """Patterns of files of the source to keep when the job ends; `*` matches `/`, too."""
    users: Mapping[str, str] = attrs.field(factory=dict)
    """Users to make, each with a group of its name, to their homes."""
    services: Mapping[str, Service] = attrs.field(factory=dict)
    """Servers that run beside the steps, and are reached at 127.0.0.1."""
    flaky: Mapping[str, int] = attrs.field(factory=dict)
    """Steps that may fail by chance, to how often each is tried."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Repo(Overlay):
    """One source tree and how it is built."""

    recipe: str
    git: str = ""
    path: str = ""
    """A folder, relative to `ciforge.yml`."""
    carry_git: bool = False
    """Whether steps have a `.git` with HEAD and the tags; `git: true` in the file where there is no address."""
    folder: str = ""
    """`in:` in the file: the folder of the tree in which the steps run; empty for its top."""
    branches: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Repositories whose install is put into the machine first."""
    where: Mapping[str, Overlay] = attrs.field(factory=dict)
    """By selector, a leading `!` for all others; applied in this order."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Variant(Overlay):
    """A way to build."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Patch(Value):
    """A file of the project that changes a source, as `patch -p1` applies it."""

    file: str
    """Its path below the folder of `ciforge.yml`."""
    data: str = ""
    """Its content in base64."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Source(Value):
    """A library that is built into a prefix of its own before the job's steps: from a tarball (`url`, `sha256`), or from
    a commit (`git`, `revision`)."""

    url: str = ""
    sha256: str = ""
    git: str = ""
    revision: str = ""
    """The full hash of the commit."""
    prefix: str
    needs: tuple[str, ...] = ()
    """Other sources, which are built first."""
    patches: tuple[Patch, ...] = ()
    """Applied in this order before it is built."""
    recipe: str = "autotools"
    """How it is built: a key of `SOURCE_RECIPES`."""
    configure: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    """Commands in place of those of the recipe."""
    dependencies: tuple[Need, ...] = ()
    """What its build needs, besides a compiler and make."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class JobEntry(Value):
    """One line of `jobs:`; of several that name the same job the last one's settings hold."""

    job: str
    schedule: str = ""
    """`daily`, `weekly`, `monthly` or five cron fields; empty: with every commit."""
    allow_failure: bool = False
    timeout: int | None = None
    """Seconds for the whole job; None: JOB_TIMEOUT."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Route(Value):
    """The recipients of a mail; the first matching route wins."""

    job: str
    to: tuple[str, ...]
    when: tuple[str, ...] = ()
    """States of incidents (INCIDENT_STATES); empty: all."""
    kind: tuple[str, ...] = ()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Mail(Value):
    """`mail:`."""

    sender: str
    """`from:` in the file."""
    reply_to: str = ""
    list_id: str = ""
    tag: str = ""
    format: str = "text"
    stale: int | None = None
    """Seconds that a job without a schedule may be without a result; 0: for ever; None: 14 days."""
    routes: tuple[Route, ...] = ()


class CacheStore(enum.Enum):
    """The place where hosted runners keep data for later runs."""

    NONE = "false"
    SERVICE = "true"
    """In the cache of the service."""
    REGISTRY = "registry"
    """Dependency images in the registry of the service, results of compilers in its cache."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Ciforge(Value):
    """`ciforge:`: settings of ciforge itself and of the files that it generates."""

    minimum: str = ""
    """The oldest version of ciforge that reads this file: `1.2`."""
    install: str = ""
    """The command that installs a fixed version of ciforge on a hosted runner, if one needs it."""
    workflows: str = "repository"
    """One generated workflow for a `repository`, or one for each `distribution` of it."""
    ignore: tuple[str, ...] = ()
    """Patterns of files; a pull request that changes no others builds nothing."""
    cache: CacheStore = CacheStore.SERVICE
    """Where hosted runners keep images and results of compilers for later runs."""


PRIVILEGES = ("setuid",)
MOST_TRIES = 10
"""How often a step can be tried."""

INCIDENT_STATES = (
    "broken", "still-broken", "spread", "changed", "partial", "fixed",
    "returned", "flaky", "infrastructure", "stale", "retired",
)  # fmt: skip


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Project(Value):
    """One `ciforge.yml`."""

    project: str
    repos: Mapping[str, Repo]
    variants: Mapping[str, Variant] = attrs.field(factory=dict)
    """`default` is always there and changes nothing unless it is named here."""
    sources: Mapping[str, Source] = attrs.field(factory=dict)
    jobs: tuple[JobEntry, ...] = ()
    mail: Mail | None = None
    ciforge: Ciforge = Ciforge()
