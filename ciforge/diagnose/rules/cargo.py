"""Rust's cargo, which some C projects call.

Wordings: real output of cargo 1.85 in Debian 13.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_PLACE = r"^\s*--> (?P<file>[^\s:]+):(?P<line>\d+):\d+"

SECTIONS: tuple[Section, ...] = ()

RULES = (
    Rule(FindingKind.MISSING_TOOL, "linker '", r"^error: linker '(?P<subject>[^']+)' not found", "Rust links with {subject}: add the package that ships it to `dependencies`.",
         example="error: linker `cc` not found",
         counterexample="error: linking with `cc` failed: exit status: 1"),
    Rule(FindingKind.UNDECLARED, "error[E04", r"^error\[E04\d\d\]: cannot find \S+(?: \S+)? '(?P<subject>[^']+)'", "Bring {subject} into scope, or check which version of the crate has it.", then=_PLACE, words=("error",),
         example="error[E0425]: cannot find function `foo` in this scope",
         counterexample="error[E0432]: unresolved import `foo::bar`"),
    Rule(FindingKind.UNDECLARED, "error[E0", r"^error\[E0(?:432|433|405|412|599)\]: .*?'(?P<subject>[^']+)'", "Bring {subject} into scope, or check which version of the crate has it.", then=_PLACE, words=("error",),
         example="error[E0432]: unresolved import `foo::bar`",
         counterexample="error[E0308]: mismatched types"),
    Rule(FindingKind.TYPE_CONFLICT, "error[E0308]", r"^error\[E0308\]: (?P<subject>mismatched types)", "Make the types agree.", then=_PLACE,
         example="error[E0308]: mismatched types",
         counterexample="./configure[3125]: syntax error: `E,libevent' unexpected"),
    Rule(FindingKind.OTHER, "error[E", r"^error\[(?P<subject>E\d+)\]: ", "Run rustc --explain {subject}.", then=_PLACE, words=("error",),
         example="error[E0502]: cannot borrow `x` as mutable",
         counterexample='yacc: e - line 4 of "grammar.y", syntax error'),
    Rule(FindingKind.DEPS_NOT_FOUND, "no matching package named", r"^error: no matching package named '(?P<subject>[^']+)' found", "{subject} is not in the index or the vendored crates.",
         example="error: no matching package named `nope-x` found",
         counterexample="No matching package to install: 'libnope-devel >= 2'"),
    Rule(FindingKind.DEPS_NETWORK, "failed to get '", r"^error: failed to get '(?P<subject>[^']+)' as a dependency", "Fetch {subject} in a step with network access, or vendor it.",
         example="error: failed to get `nope-x` as a dependency of package `x v0.1.0 (/w/gc/c)`",
         counterexample="Need to get 163 MB of archives."),
    Rule(FindingKind.DEPS_NETWORK, "failed to download from '", r"failed to download from '\w+://(?P<subject>[^/']+)", "A mirror or the network failed: run the job again.", weight=Weight.WEAK,
         example="  failed to download from `https://index.crates.example/config.json`",
         counterexample="W: Some index files failed to download. They have been ignored, or old ones used instead."),
    Rule(FindingKind.OTHER, "is not supported by the following package", r"^error: (?P<subject>rustc) \S+ is not supported", "Use a release with a newer Rust.",
         example="error: rustc 1.85.1 is not supported by the following package:",
         counterexample="Package 'gdb' is not installed, so not removed"),
    Rule(FindingKind.OTHER, "could not compile '", r"^error: could not compile '(?P<subject>[^']+)'", weight=Weight.VAGUE,
         example='error: could not compile `x` (bin "x") due to 2 previous errors',
         counterexample="libtool: compile:  gcc -c not_found.c -fPIC -DPIC -o .libs/not_found.o"),
)  # fmt: skip
