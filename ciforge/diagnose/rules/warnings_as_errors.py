"""Warnings that an option made errors.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.rule import AT, ERROR, Rule
from ciforge.model.finding import FindingKind

_WERROR = "Fix what -W{subject} reports, or do not build with -Werror here."

RULES = (
    Rule(FindingKind.WERROR, "redefined [-Werror",
         AT + r"error: \"(?P<subject>\w+)\" redefined \[-Werror\]$",
         "{subject} is already defined before {file}: guard it with #ifndef.",
         example='redef.c:1:9: error: "_FILE_OFFSET_BITS" redefined [-Werror]',
         counterexample="cc -Wall -Werror -c error.c -o error.o"),
    Rule(FindingKind.WERROR, "[-Werror", ERROR + r".*\[-Werror,-W(?P<subject>[^\s\],=]+)=?\]$", _WERROR,
         example="werr.c:2:21: error: unused variable 'x' [-Werror,-Wunused-variable]",
         counterexample="werr.c:2:21: error: something odd [-Werror]"),
    Rule(FindingKind.WERROR, "[-Werror", ERROR + r".*\[-Werror=(?P<subject>[^\s\],=]+)=?[^\s\]]*\]$", _WERROR,
         followed=True,
         example="rpc_tblout.c:91:26: error: '%s' directive writing likely 1 or more bytes into a region of size between 0 and 99 [-Werror=format-overflow=]",
         counterexample="werr.c:2:21: error: unused variable 'x' [-Werror,-Wunused-variable]"),
    Rule(FindingKind.WERROR, "[-Werror", ERROR + r"(?P<subject>.+?) \[-Werror\]$", "Fix what the compiler warns of at {file}:{line}, or do not build with -Werror here.",
         example="werr.c:2:21: error: something odd [-Werror]",
         counterexample="werr.c:2:21: error: unused variable 'x' [-Werror,-Wunused-variable]"),
    Rule(FindingKind.WERROR, "[-Werror", r"(?:^|/)(?:cc1\w*|[\w+.-]+): (?:all |some )?(?:error|warnings?): .*\[-Werror=(?P<subject>[^\s\],=]+)=?\]$",
         _WERROR,
         example="cc1: error: command-line option '-fno-rtti' is valid for C++ but not for C [-Werror=foo]",
         counterexample="clang: error: argument unused during compilation: '-pie' [-Werror,-Wunused-command-line-argument]"),
    Rule(FindingKind.WERROR, "[-Werror", r"(?:^|/)(?:cc1\w*|[\w+.-]+): error: .*\[-Werror,-W(?P<subject>[^\s\],=]+)=?\]$",
         _WERROR,
         example="clang: error: argument unused during compilation: '-pie' [-Werror,-Wunused-command-line-argument]",
         counterexample='redef.c:1:9: error: "_FILE_OFFSET_BITS" redefined [-Werror]'),
    Rule(FindingKind.WERROR, "warnings being treated as errors", r"^cc1\w*: warnings being treated as errors$", "Fix what {file}:{line} warns of, or do not build with -Werror here.", subject="-Werror", then=r"^(?P<file>[^\s:]+):(?P<line>\d+):(?:\d+:)? warning: (?P<subject>.{1,120})$", within=4,
         example="cc1: warnings being treated as errors",
         counterexample="cc1: all warnings being treated as errors"),
)  # fmt: skip
