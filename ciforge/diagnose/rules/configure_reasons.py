"""Rules for reasons that configure gives in sentences of a project's own.

Wordings: configure.ac of libimobiledevice, alpine, icecast and strongswan; mesonbuild/environment.py of Meson 1.7;
bin/isolated-functions.sh of Gentoo's portage 3.0; the shells dash 0.5.12, bash 5.2 and sh of FreeBSD 14.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_CONFIGURE = r"(?:^|\s)(?:\S*/)?configure(?:\.\w+)?:(?:\d+:)? (?:error|ERROR): (?:\*+ )?[\"']?"
_PACKAGE = "Add {subject} to `dependencies`, or configure without it."
_TOOL = "Add the package of {subject} to `dependencies`."
_NAME = r"(?P<subject>(?:lib)?[\w.+/-]*\w[\w+]*)"
_ABSENT = r"(?:(?:was|were|is|are|has|could|can) )?(?:not|n't|cannot|can't) (?:be )?(?:been )?(?:found|available|installed|detected|present|located)|(?:is|are) missing"

SECTIONS = (
    Section("portage", "failed (", r"^ ?\* ERROR: \S+ failed \(\w+ phase\):$", 1, False, True),
)

RULES = (
    Rule(FindingKind.SYNTAX_ERROR, "syntax error", r"(?:^|\s)(?P<file>\S*configure(?:\.\w+)?)(?:\[|: (?:line )?)(?P<line>\d+)\]?: [Ss]yntax error:? (?:near unexpected token )?['\"](?P<subject>then|fi|else|elif|do|done|esac|;;|\})['\"](?: unexpected|$)", "{file} is broken at line {line}: an `if` above it is empty, or a macro was left as it is. Generate it again (autoreconf -fi) with the packages of all macros that configure.ac calls.",
         example="./configure: line 17350: syntax error near unexpected token `then'",
         counterexample="./configure: line 3125: syntax error near unexpected token `E,libevent'"),
    Rule(FindingKind.SYNTAX_ERROR, "ad substitution", r"^(?P<file>[^\s:]+): \S*\$\{[^}]*\}?\S*: (?P<subject>[Bb]ad substitution)", "This substitution is not POSIX sh, and another shell than yours reads {file}: write it portably, or run it with bash by name.", weight=Weight.WEAK, words=("substitution",),
         example="./configure: ${result/...}: Bad substitution",
         counterexample="ver.sh: 3: Bad substitution"),
    Rule(FindingKind.OTHER, "", r"^ ?\*   (?P<subject>(?!emake failed|econf failed|\(no error message\)|.*\b(?:configure|make|ninja|compile|build|install) failed)\S.{0,160})$", "The ebuild itself stops there: {subject}.", inside="portage",
         example=" *   no configure script found",
         counterexample=" *   emake failed"),
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
    Rule(FindingKind.MISSING_PACKAGE, "library '", _CONFIGURE + r"(?:[Tt]he )?library '(?P<subject>[\w.+-]+)' (?:is |was |could )?(?:required|missing|needed|not (?:be )?(?:found|available))", _PACKAGE,
         example="configure: error: library 'frob' is required for TLS",
         counterexample="configure: error: readline library not found"),
    Rule(FindingKind.MISSING_LIBRARY, "libraries", _CONFIGURE + r" ?(?:[Cc]ould not|[Cc]annot|[Cc]an't|[Uu]nable to) find (?:the |any of the )?following [\w ]*libraries: +-l(?P<subject>[\w.+-]+)", "Add the package that ships lib{subject} to `dependencies`, and those of the others in this line.",
         example="configure: error: Could not find the following Z libraries:  -lfrob -lfrobext",
         counterexample="configure: error: Could not find the following programs: frob"),
    # A sentence that names nothing: a warning before it may.
    Rule(FindingKind.MISSING_PACKAGE, "configure: WARNING: ", r"configure: WARNING: \W*(?:[Cc]ould not|[Cc]annot|[Cc]an't|[Uu]nable to) find (?:a |an |the |any )*(?:linkable|usable|working|suitable|recent) " + _NAME, _PACKAGE, weight=Weight.VAGUE,
         example="configure: WARNING: Could not find a linkable frob.  If you have it installed somewhere unusual, you can specify it",
         counterexample="configure: WARNING: Could not find the manual"),
    Rule(FindingKind.MISSING_LIBRARY, "library containing ", _CONFIGURE + r"(?:[Cc]ould not|[Cc]annot|[Uu]nable to) find (?:a |the |any )?library containing '?(?P<subject>\w+)", "No library that configure tried has {subject}: add the package that has it to `dependencies`, or see config.log for why the test did not link.",
         example="configure: error: could not find library containing frob_new",
         counterexample="configure: error: could not find frob library"),
    Rule(FindingKind.MISSING_PACKAGE, "library not found", _CONFIGURE + r"(?P<subject>[A-Z][\w.+-]*\w) [a-z]\w+ (?:library|headers?) not found", _PACKAGE,
         example="configure: error: OpenSSL crypto library not found",
         counterexample="configure: error: some other library not found"),
    Rule(FindingKind.MISSING_PACKAGE, " install ", _CONFIGURE + r".*\b(?:or|to|and) install (?:the )?[\"'<]?(?P<subject>lib[\w.+-]*\w|[\w.+-]+-dev(?:el)?)\b", _PACKAGE,
         example="configure: error: You may want to use --disable-wide or install libfrobw.",
         counterexample="configure: error: run make distclean and install again"),
    Rule(FindingKind.MISSING_PACKAGE, "required ", _CONFIGURE + r"[\"']?(?:[Tt]he )?[Rr]equired (?:library|package|program|tool|module|dependency) [\"'<]?(?P<subject>[\w+.-]*\w)[\"'>]? (?:is |was |could |can|not |missing)", _PACKAGE,
         example='configure: error: "required library frob is missing"',
         counterexample="configure: error: required libraries are missing"),
    Rule(FindingKind.CONFIGURE_CHECK, "missing ", _CONFIGURE + r"(?P<subject>(?:[Mm]issing (?:some )?(?:libraries|dependencies|headers|packages|prerequisites)|Some \w+ (?:are|is) missing(?: dependencies)?)\b.{0,120})", "See what configure says above this line: it lists what it did not find.", weight=Weight.VAGUE,
         example="configure: error: Missing libraries; unable to proceed.",
         counterexample="configure: error: Required dependencies are missing."),
    Rule(FindingKind.MISSING_PACKAGE, " have ", _CONFIGURE + r".*\b(?:[Mm]ust|[Ss]hould|[Nn]eed to|[Hh]as to) have (?:the )?" + _NAME + r"(?: (?:library|headers?|package|development files))? (?:installed|available)", _PACKAGE, words=("configure",),
         example="configure: error: Must have frob-2.0 installed",
         counterexample="configure: error: you must have patience"),
    Rule(FindingKind.MISSING_PACKAGE, "install ", _CONFIGURE + r"[Ii]nstall (?:the )?" + _NAME + r",? (?:version )?(?:>=?|[\d.]+)", _PACKAGE, words=("configure",),
         example="configure: error: Install frobssl version >= 1.0.0c",
         counterexample="configure: error: Install the missing packages"),
    Rule(FindingKind.MISSING_TOOL, "could not detect ninja", r"(?:^|\s)ERROR: Could not (?:detect|find) (?P<subject>Ninja)\b", "Add `ninja` to `dependencies`: Meson writes files for it.", weight=Weight.WEAK,
         example="ERROR: Could not detect Ninja v1.8.2 or newer",
         counterexample="ERROR: Could not detect the compiler"),
    Rule(FindingKind.MISSING_TOOL, "requires GNU ", r"^(?:[\w.+-]+ )?(?:\w+ )?requires GNU (?P<subject>\w+)(?: [\d.]+)?(?: or (?:later|newer|above)| to )", _TOOL, weight=Weight.WEAK,
         example="Frobconf requires GNU m4 1.1 or later",
         counterexample="Frobconf requires GNU software"),
)  # fmt: skip
