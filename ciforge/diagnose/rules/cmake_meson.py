"""CMake, Meson and ninja.

Wordings: real output of CMake 3.31, Meson 1.7 and ninja 1.12 in Debian 13; older ones as quoted in
commit messages of public projects.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_FIND = "Add the package that ships {subject} to `dependencies`, or switch what needs it off."
_MESON = (
    r"(?:^|\s)(?P<file>[^\s:]*meson(?:\.build|_options\.txt|\.options)):(?P<line>\d+):\d+: ERROR: "
)
_PREAMBLE = r"By not providing|.*asked CMake|.*CMake did not find|find a package configuration file|\s*Running$"
"""What `find_package` says before it says what it did not find."""
_SEE = "See {file}:{line}."

SECTIONS = (
    Section(
        "cmake",
        "CMake Error",
        r"^(?:\s*-- )?CMake Error at (?P<file>[^:]+):(?P<line>\d+) \(\w+\):$",
        12,
        True,
        True,
    ),
    Section(
        "meson",
        "Meson encountered an error",
        r"^Meson encountered an error in file (?P<file>[^\s,]+), line (?P<line>\d+), column \d+:$",
        2,
        False,
        True,
    ),
    Section("cmake", "CMake Error", r"^CMake Error in (?P<file>\S+):$", 12, True, True),
    Section("cmake", "CMake Error", r"^CMake Error:?$", 12, True, True),
)

RULES = (
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+Could NOT find (?P<subject>[\w+.-]+)", _FIND, inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+Could not find (?:a package configuration file provided by )?\"(?P<subject>[^\"]+)\"", _FIND, inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+Could not find a package configuration file provided by$", _FIND, inside="cmake", subject="package", then=r"^\s+\"(?P<subject>[^\"]+)\"", within=2),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+Could not find a configuration file for package \"(?P<subject>[^\"]+)\"", _FIND, inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+Could not find (?P<variable>\S+) using the following (?:names|files): (?P<subject>[^\s,]+)", _FIND, inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+(?P<subject>A required package) was not found", _FIND, inside="cmake", weight=Weight.VAGUE),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+The following required packages were not found:", _FIND, inside="cmake", subject="pkg-config", then=r"^\s+- (?P<subject>[^\s<>=]+)"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+(?P<subject>CMake \S+) or higher is required", "Build with a newer CMake, or lower cmake_minimum_required.", inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+(?:Compatibility with (?P<subject>CMake) <|(?P<other>CMake) )", "Raise the version that cmake_minimum_required names.", inside="cmake", subject="CMake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+Could not find compiler set in environment variable (?P<subject>\w+):", "The compiler that {subject} names is not there.", inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+(?:No (?P<subject>CMAKE_\w+) could be found|The (?P<other>CMAKE_\w+):)", "Add a compiler to `dependencies`, or set CC and CXX.", inside="cmake", subject="{other}"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+add_subdirectory given source \"(?P<subject>[^\"]+)\"", "{subject} is not in the tree: a submodule that was not fetched, or a folder that moved.", inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+'(?:\S*/)?(?P<subject>[^'/]+)' '--version'$", "CMake could not run {subject}: add its package to `dependencies`.", inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+Unknown CMake command \"(?P<subject>[^\"]+)\"", "Include the module that defines {subject}, or add its package.", inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+(?:Cannot find source file|include could not find (?:load|requested) file|The source directory|The dependency target|Target|The file|The target name|Imported target|Could not find toolchain file|No SOURCES given to target|add_subdirectory given source|The C\+?\+? compiler|The CXX compiler):?\s*(?:\"(?P<subject>[^\"]+)\"|(?P<other>\S+)|$)", _SEE, inside="cmake", subject="{other}", then=r"^\s+\"?(?P<subject>[^\s\"]+)\"?$"),
    Rule(FindingKind.CMAKE_ERROR, "", rf"^\s+(?!{_PREAMBLE}).*[Cc]ould not find (?:library |package |program |header |the |required )*\"?(?P<subject>[\w+.-]+)\"?", _FIND, inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+(?P<subject>[A-Za-z][\w+.-]*) (?:library |headers? |package )?(?:was |were |is |are )?(?:not found|required|missing)", _FIND, inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+(?P<subject>[A-Z][A-Z0-9_]{2,}) ", _SEE, inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, "", rf"^\s+(?!{_PREAMBLE})(?P<subject>\S.{{0,160}})", _SEE, inside="cmake"),
    Rule(FindingKind.CMAKE_ERROR, " conflicts with ", r"^\s+(?P<subject>[A-Z][A-Z0-9_]+) conflicts with [A-Z][A-Z0-9_]+\.", "Choose one of the two.", weight=Weight.WEAK),
    Rule(FindingKind.CMAKE_ERROR, "or higher is required", r"^\s+(?P<subject>CMake \S+) or higher is required", "Build with a newer CMake, or lower cmake_minimum_required.", weight=Weight.ALONE),
    Rule(FindingKind.CMAKE_ERROR, "configuration file", r"^\s+Could not find a (?:package configuration file provided by|configuration file for package) \"(?P<subject>[^\"]+)\"", _FIND, weight=Weight.ALONE),
    Rule(FindingKind.CMAKE_ERROR, "Could NOT find ", r"^\s*Could NOT find (?P<subject>[\w+.-]+) ?\(missing: ", _FIND, weight=Weight.ALONE),
    Rule(FindingKind.CMAKE_ERROR, "CMake Error: ", r"^CMake Error: (?P<subject>try_run\(\)) invoked in cross-compiling", "Set the variables that it names when cross compiling.", then=r"^\s+(?P<subject>[A-Z]\w+) \("),
    Rule(FindingKind.CMAKE_ERROR, "CMake Error: ", r"^CMake Error: The source (?:directory )?\"?(?P<subject>[^\"]+?)\"? (?:does not|is a)", "Name the folder that has CMakeLists.txt."),
    Rule(FindingKind.CMAKE_ERROR, "CMake Error: ", r"^CMake Error: (?P<subject>CMAKE_\w+) not set", "Add a compiler to `dependencies`.", weight=Weight.WEAK),
    Rule(FindingKind.CMAKE_ERROR, "CMake Error: ", r"^CMake Error: (?:The following variables are used in this project, but they are set to NOTFOUND)", "Add the package of the library that was not found.", subject="NOTFOUND", then=r"^(?P<subject>[A-Z]\w+)"),
    Rule(FindingKind.CMAKE_ERROR, "CMake Error: ", r"^CMake Error: (?:CMake was unable to find a build program corresponding to \"(?P<subject>[^\"]+)\"|(?P<other>.+))", "See what CMake says.", subject="{other}"),
    Rule(FindingKind.CMAKE_ERROR, "CMake Error at ", r"^CMake Error at (?P<file>[^:]+):(?P<line>\d+) \(\w+\): (?P<subject>.+)", _SEE),

    Rule(FindingKind.MESON_ERROR, "", r"^(?:.*?)[\"'](?P<subject>[^\s\"']+)[\"']", _SEE, inside="meson"),
    Rule(FindingKind.MESON_ERROR, "", r"^(?P<subject>\S.{0,160})", _SEE, inside="meson"),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"Unknown compiler\(s\): \[+'(?P<subject>[^']+)'", "Add a compiler to `dependencies`."),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"(?:Subproject \S+ is buildable: \w+, )?(?:Dependency|Dependency lookup for) [\"']?(?P<subject>[^\s\"',]+)[\"']?", _FIND),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"Invalid version of dependency, need '(?P<subject>[^']+)'", _FIND),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"(?:\S+ )?(?:shared |static |or )*library '(?P<subject>[^']+)' not found", _FIND),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"Program[s(s)]* \[?'(?P<subject>[^'\s]+)[^']*'.* not found", "Add the package of {subject} to `dependencies`."),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"(?P<subject>\S+) program not found", "Add the package of {subject} to `dependencies`."),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"File (?P<subject>\S+) does not exist", "{subject} is not in the tree: look for a file that moved, or is only made for a release."),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"Meson version is \S+ but project requires (?P<version>\S.*?)\.?$", "Build with Meson {version}, or lower meson_version.", subject="Meson {version}"),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"Command '(?P<subject>.+)' failed with status", "Run {subject} where the build runs, and see what it says."),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"(?:.*?)[\"'](?P<subject>[^\s\"']+)[\"'].*", _SEE),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", _MESON + r"(?P<subject>\S.{0,160})", _SEE),
    Rule(FindingKind.MESON_ERROR, "ERROR: ", r"^ERROR: (?P<subject>Neither directory contains a build file|Unknown options?:.*|Option .*|Value .* for option.*|Tried to .*|Could not (?:detect|find) Ninja.*|Cross file not found.*|Compiler .* (?:cannot|can not) compile programs)", "See what Meson says.", weight=Weight.WEAK),
)  # fmt: skip
