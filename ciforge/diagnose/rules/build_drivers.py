"""Rules for build drivers that are no make: samurai, waf, GN and qmake.

Wordings: build.c and graph.c of michaelforney/samurai, waflib/Configure.py of waf-project/waf, src/gn/err.cc and
input_file_manager.cc of GN, mkspecs/features (resolve_config.prf, link_pkgconfig.prf) of qt/qtbase.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_PACKAGE = "Add the package that ships {subject} to `dependencies`, or configure without it."

RULES = (
    Rule(FindingKind.MAKE_RULE, "not created by any action", r"^samu: file is missing and not created by any action: '(?P<subject>[^']+)'", "{subject} is not in the tree and no rule creates it: look for a file that moved, or for another spelling of its name.",
         example="samu: file is missing and not created by any action: 'src/tables.h'",
         counterexample="samu: subcommand failed"),
    Rule(FindingKind.MISSING_TOOL, ": not found", r"^Checking for program '?(?P<subject>[\w.+/-]+)'?(?: or [\w.+/-]+)* *: not found$", "Add the package that ships the program {subject} to `dependencies`, or configure without it.", weight=Weight.WEAK,
         example="Checking for program 'rst2man'           : not found",
         counterexample="Checking for 'frob'                      : not found"),
    Rule(FindingKind.OTHER, "ERROR at //", r"^ERROR at //(?P<file>[^\s:]+):(?P<line>\d+):\d+: (?:Unable to load \"(?P<subject>[^\"]+)\"|(?P<other>\S.{0,160}))", "See {file}:{line}: GN cannot go on with what is there, or a file that it reads is missing.", subject="{other}",
         example='ERROR at //src/BUILD.gn:3:1: Unable to load "/src/frob/build/config.gni".',
         counterexample="ERROR: error at //src"),
    Rule(FindingKind.MISSING_PACKAGE, "Project ERROR: ", r"^Project ERROR: Unknown module\(s\) in QT: (?P<subject>\S+)", "Add the package with the module {subject} of Qt to `dependencies`, or do without it in the project file.",
         example="Project ERROR: Unknown module(s) in QT: svg",
         counterexample="Project WARNING: Unknown module(s) in QT: svg"),
    Rule(FindingKind.MISSING_PACKAGE, "Project ERROR: ", r"^Project ERROR: (?P<subject>[\w.+-]+)(?: [<>=]+ [\d.]+)? development package not found", _PACKAGE,
         example="Project ERROR: libevent development package not found",
         counterexample="Project ERROR: the development package was not found"),
    Rule(FindingKind.CONFIGURE_CHECK, "Project ERROR: ", r"^Project ERROR: (?P<subject>\S.{0,160})", "The project file ends qmake with this message: see what it requires.",
         example="Project ERROR: You need at least Qt 6.2 to build Frob.",
         counterexample="Project MESSAGE: You need at least Qt 6.2 to build Frob."),
    Rule(FindingKind.MAKE_SYNTAX, "ninja: error: ", r"^ninja: error: (?P<file>[^\s:]+):(?P<line>\d+): multiple rules generate (?P<subject>[^\s\[]+)", "Fix {file}:{line}, or what generates it: one rule may make {subject}.",
         example="ninja: error: build.ninja:5: multiple rules generate a.o",
         counterexample="ninja: error: 'a.c', needed by 'a.o', missing and no known rule to make it"),
    Rule(FindingKind.CMAKE_ERROR, "Could not create named generator", r"^CMake Error: Could not create named generator (?P<subject>\S.*)", "This CMake has no generator {subject}: the names that it has are listed below, and are spelled so.",
         example="CMake Error: Could not create named generator Frob",
         counterexample="CMake Error: CMake was unable to find a build program corresponding to 'Ninja'"),
)  # fmt: skip
