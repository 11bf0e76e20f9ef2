"""Rust's cargo, which some C projects call.

Wordings: real output of cargo 1.85 in Debian 13.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_PLACE = r"^\s*--> (?P<file>[^\s:]+):(?P<line>\d+):\d+"

SECTIONS: tuple[Section, ...] = ()

RULES = (
    Rule(FindingKind.UNDECLARED, "error[E04", r"^error\[E04\d\d\]: cannot find \S+(?: \S+)? '(?P<subject>[^']+)'", "Bring {subject} into scope, or look which version of the crate has it.", then=_PLACE, words=("error",)),
    Rule(FindingKind.UNDECLARED, "error[E0", r"^error\[E0(?:432|433|405|412|599)\]: .*?'(?P<subject>[^']+)'", "Bring {subject} into scope, or look which version of the crate has it.", then=_PLACE, words=("error",)),
    Rule(FindingKind.TYPE_CONFLICT, "error[E0308]", r"^error\[E0308\]: (?P<subject>mismatched types)", "Make the types agree.", then=_PLACE),
    Rule(FindingKind.OTHER, "error[E", r"^error\[(?P<subject>E\d+)\]: ", "Run rustc --explain {subject}.", then=_PLACE, words=("error",)),
    Rule(FindingKind.DEPS_NOT_FOUND, "no matching package named", r"^error: no matching package named '(?P<subject>[^']+)' found", "{subject} is not in the index or the vendored crates."),
    Rule(FindingKind.DEPS_NETWORK, "failed to get '", r"^error: failed to get '(?P<subject>[^']+)' as a dependency", "Fetch {subject} in a step that has the network, or vendor it."),
    Rule(FindingKind.DEPS_NETWORK, "failed to download from '", r"failed to download from '\w+://(?P<subject>[^/']+)", "A mirror or the network failed: run it once more.", weight=Weight.WEAK),
    Rule(FindingKind.OTHER, "is not supported by the following package", r"^error: (?P<subject>rustc) \S+ is not supported", "Take a release with a newer Rust."),
    Rule(FindingKind.OTHER, "could not compile '", r"^error: could not compile '(?P<subject>[^']+)'", weight=Weight.VAGUE),
)  # fmt: skip
