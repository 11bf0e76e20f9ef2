"""apk, the package manager of Alpine.

Wordings: real output of apt 3.0, dnf 4.23, zypper 1.14 and pacman 7.0 in Debian 13; the others as
their sources have them.
"""

from ciforge.diagnose.rules.package_patterns import ABSENT, DEPENDS, NET, SCRIPTLET, URL
from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_HOLE = "A package of the index needs {subject}, which no package of it has: the repositories are between two states (edge), or of different releases. Try later, or name repositories of one release."

SECTIONS = (
    Section(
        "apk", "select packages:", r"(?:unable to select packages|unsatisfiable constraints):$", 30
    ),
    Section("apk", "unsatisfiable constraints:", r"unsatisfiable constraints:$", 30),
)

RULES = (
    Rule(FindingKind.DEPS_NOT_FOUND, "exited with error", r"^ERROR: (?:lib/apk/exec/)?(?P<subject>[a-z0-9][\w.+-]*?)-\d[\w.]*-r\d+\.(?:pre|post)-\w+: (?:script )?exited with error", SCRIPTLET,
         example="ERROR: lib/apk/exec/frob-1-r0.post-install: exited with error 7",
         counterexample="  Executing frob-1-r0.post-install"),
    Rule(FindingKind.DEPS_NOT_FOUND, "(no such package)", r"^\s*(?P<subject>(?:so|cmd|pc|py[\d.]*):\S+) \(no such package\):?", _HOLE,
         example="  so:libfrob.so.17 (no such package):",
         counterexample="  mercurial (no such package):"),
    Rule(FindingKind.DEPS_NOT_FOUND, "(no such package)", r"^\s*(?P<subject>\S+) \(no such package\):?", ABSENT,
         example="  mercurial (no such package):",
         counterexample="cc -c no-such-file.c"),
    Rule(FindingKind.DEPS_NOT_FOUND, "", r"^\s*(?P<subject>[a-z0-9][\w.+-]*?)-\d[\w.]*-r\d+:$", DEPENDS, inside="apk",
         example="  libfoo-1.2.3-r0:",
         counterexample="ERROR: libfoo-1.2-r0: BAD signature"),
    Rule(FindingKind.DEPS_NOT_FOUND, "", r"^\s*(?P<subject>\S+) \(missing\):$", ABSENT, inside="apk",
         example="  frob (missing):",
         counterexample="--- missing_library.o ---"),
    Rule(FindingKind.DEPS_NOT_FOUND, "-r", r"^\s+(?P<subject>[a-z0-9][\w.+-]*?)-\d[\w.]*-r\d+:$", DEPENDS, weight=Weight.ALONE,
         example="  libfoo-1.2.3-r0:",
         counterexample="ERROR: libfoo-1.2-r0: BAD signature"),
    Rule(FindingKind.DEPS_NOT_FOUND, "to select packages", r"^(?:ERROR: )?(?P<subject>unable to select packages)", ABSENT, weight=Weight.VAGUE,
         example="ERROR: unable to select packages:",
         counterexample="  Unable to connect to 127.0.0.1:9:"),
    Rule(FindingKind.DEPS_NETWORK, "transient error", r"(?:^|\s)(?:WARNING|ERROR): (?:fetching |updating and opening )?" + URL + r".*(?:DNS|transient|temporary)", NET, weight=Weight.WEAK,
         example="ERROR: https://dl-cdn.example.org/alpine/v3.20/main: DNS: transient error (try again later)",
         counterexample="ERROR: https://dl-cdn.example.org/alpine/v3.20/main: UNTRUSTED signature"),
    Rule(FindingKind.DEPS_NETWORK, "://", r"^(?:WARNING|ERROR|fetch)(?: |: )(?:fetching |updating and opening |opening |unable to fetch |Ignoring )*" + URL + r"\S*: (?:DNS|network|[Tt]emporary|[Nn]o such file|could not connect|[Cc]onnection|TLS|HTTP|remote server|operation timed out|I/O|Permission denied|failed to)", NET, weight=Weight.WEAK, words=("WARNING", "ERROR", "fetch"),
         example="WARNING: updating and opening https://dl-cdn.example.org/alpine/v3.20/main: temporary error (try again later)",
         counterexample="ERROR: [reposync] failed to fetch file `https://repo.example.org/current/x86_64-repodata': Not Found"),
    Rule(FindingKind.DEPS_NETWORK, "BAD signature", r"(?:^|\s)(?P<subject>\S+): BAD signature", NET,
         example="ERROR: libfoo-1.2-r0: BAD signature",
         counterexample="[1/6] Compiling C object bad.p/bad.c.o"),
    Rule(FindingKind.DEPS_NETWORK, "UNTRUSTED signature", r"(?:^|\s)" + URL + r".*UNTRUSTED signature", NET, weight=Weight.WEAK,
         example="ERROR: https://dl-cdn.example.org/alpine/v3.20/main: UNTRUSTED signature",
         counterexample='error: frob-utils: signature from "Frob Packager <frob@example.org>" is marginal trust'),
)  # fmt: skip
