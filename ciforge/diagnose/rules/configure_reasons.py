"""Rules for reasons that configure and other programs give in sentences of a project's own.

Wordings: configure.ac of libimobiledevice, alpine, icecast and strongswan; mesonbuild/environment.py of Meson 1.7;
docs of npm 10 (`npm error network`); downloading in rpmbuild 4.20 and makepkg 7.
"""

from ciforge.diagnose.rules.package_patterns import NET, URL
from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_CONFIGURE = r"(?:^|\s)(?:\S*/)?configure(?:\.\w+)?:(?:\d+:)? (?:error|ERROR): (?:\*+ )?[\"']?"
_PACKAGE = "Add {subject} to `dependencies`, or configure without it."
_TOOL = "Add the package of {subject} to `dependencies`."
_NAME = r"(?P<subject>(?:lib)?[\w.+/-]*\w[\w+]*)"
_ABSENT = r"(?:(?:was|were|is|are|has|could|can) )?(?:not|n't|cannot|can't) (?:be )?(?:been )?(?:found|available|installed|detected|present|located)|(?:is|are) missing"

RULES = (
    Rule(FindingKind.MISSING_TOOL, "error: ", _CONFIGURE + r"(?:[Cc](?:annot|ould not|an't) (?:find|locate) |[Mm]issing )?['\"]?(?:\S*/)?(?P<subject>[\w.+-]+[-_]config)['\"]?(?: (?:script|program|utility|tool))? *(?:!|$|\b(?:is |was |could |can)?(?:not|missing|required|needed))", _TOOL, words=("configure",),
         example="configure: error: frob_config not found!",
         counterexample="configure: error: frob not found in pkg-config"),
    Rule(FindingKind.MISSING_TOOL, "executable", _CONFIGURE + r"(?:\S*/)?(?P<subject>[\w.+-]+) (?:is not|isn't|not) executable", _TOOL,
         example="configure: error: /usr/bin/frobgen is not executable",
         counterexample="configure: error: C compiler cannot create executables"),
    Rule(FindingKind.MISSING_TOOL, "be executed", _CONFIGURE + r"(?:\S*/)?(?P<subject>[\w.+-]+) (?:cannot|can not|could not|can't) be executed", _TOOL,
         example="configure: error: /opt/x/bin/frobgen cannot be executed",
         counterexample="configure: error: the test program could not be executed"),
    Rule(FindingKind.MISSING_PACKAGE, "error: ", _CONFIGURE + r".*\b(?:requested|enabled|wanted|required|specified|given|selected),? but (?:the |a |no )?" + _NAME + rf"(?: (?:library|libraries|headers?|package|development files))? (?:{_ABSENT})", _PACKAGE, words=("configure",),
         example="configure: error: TLS support explicitly requested but libfrob could not be found",
         counterexample="configure: error: TLS support requested but the compiler is too old"),
    Rule(FindingKind.MISSING_PACKAGE, "install ", _CONFIGURE + r"[Ii]nstall (?:the )?" + _NAME + r",? (?:version )?(?:>=?|[\d.]+)", _PACKAGE, words=("configure",),
         example="configure: error: Install frobssl version >= 1.0.0c",
         counterexample="configure: error: Install the missing packages"),
    Rule(FindingKind.MISSING_TOOL, "could not detect ninja", r"(?:^|\s)ERROR: Could not (?:detect|find) (?P<subject>Ninja)\b", "Add `ninja` to `dependencies`: Meson writes files for it.", weight=Weight.WEAK,
         example="ERROR: Could not detect Ninja v1.8.2 or newer",
         counterexample="ERROR: Could not detect the compiler"),
    Rule(FindingKind.MISSING_TOOL, "requires GNU ", r"^(?:[\w.+-]+ )?(?:\w+ )?requires GNU (?P<subject>\w+)(?: [\d.]+)?(?: or (?:later|newer|above)| to )", _TOOL, weight=Weight.WEAK,
         example="Frobconf requires GNU m4 1.1 or later",
         counterexample="Frobconf requires GNU software"),
    Rule(FindingKind.DEPS_NETWORK, "network request to ", r"^npm (?:ERR!|error) network request to " + URL + r"\S* failed", NET,
         example="npm ERR! network request to https://registry.example.org/frob failed, reason: connect ETIMEDOUT 192.0.2.1:443",
         counterexample="npm ERR! network This is a problem related to network connectivity."),
    Rule(FindingKind.DEPS_NETWORK, "couldn't download ", r"^error: Couldn't download (?P<subject>\w+://\S+)", "The lines above say why {subject} cannot be loaded: correct its address, or put the file beside the description.", weight=Weight.WEAK,
         example="error: Couldn't download https://files.example.org/frob-1.2.tar.gz",
         counterexample="error: Couldn't exec frob"),
)  # fmt: skip
