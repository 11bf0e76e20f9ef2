"""GNU ld, gold, lld, mold, tcc's own, and those of macOS and Solaris.

Wordings: real output of binutils 2.44, lld 19, mold 2.37 and tcc in Debian 13; macOS and Solaris
as quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_LD = r"(?:^|(?<=\s))(?:\S*\bld(?:\.\w+|64)?(?:\.exe)?|\S*\bmold|\S*-ld\.\w+): "
_OBJECT = r"(?:\S+?(?:\.l?o|\.a|\.so[\d.]*)(?:\([^)]*\))?: ?|in function \S+ )*"
_PLACE = r"(?P<file>[^\s:()<>]+\.(?:c|cc|cpp|cxx|C|h|hpp|hh|m|s|S|y|l|go|f|f90)):(?P<line>\d+)?"

_UNDEFINED = (
    "Link the library that defines {subject}, or check for it in configure and ship a replacement."
)
_LIBRARY = "Add the package that ships {subject} to `dependencies`, or do not link it here."
_TWICE = "Define {subject} once, and declare it `extern` in the header: compilers no longer merge such variables."
_DSO = "Name the library that defines {subject} on the command line: this linker does not look behind others."
_PIC = "Compile what is linked here with -fPIC (or -fPIE for a program)."
_SCRIPT = "The version or linker script {file} is not understood by this linker."

SECTIONS = (
    Section("solaris-undefined", "first referenced", r"^Undefined\s+first referenced", 400),
    Section("macos-library", "Undefined symbols for architecture", r"^Undefined symbols for", 400),
)

RULES = (
    Rule(FindingKind.OTHER, "lto-wrapper failed", r"(?:error: |ld: )(?P<subject>lto-wrapper failed)", "Read what the compiler says above: it was called again to link.", weight=Weight.VAGUE),
    Rule(FindingKind.MISSING_DSO, "undefined reference to symbol '",
         r"(?:^|\s)(?P<file>[^\s:]+\.c\w*)?.*undefined reference to symbol '(?P<subject>[^'@]+)[^']*'", _DSO),
    Rule(FindingKind.MISSING_DSO, "DSO missing from command line",
         _LD + r"(?:[^\s:]*/)?(?P<subject>[^\s/:]+): error adding symbols: DSO missing from command line",
         "Name {subject} on the command line: this linker does not look behind others.", weight=Weight.VAGUE),
    Rule(FindingKind.YACC_LEX, "undefined reference to 'yywrap'", r"undefined reference to '(?P<subject>yywrap)'",
         "Link -lfl, or put `%option noyywrap` into the lexer."),
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined reference to ",
         rf"(?:^|\s|:){_PLACE}(?:function \S+:)?.*undefined reference to '(?P<subject>[^']+?)(?:@@?\w[^']*)?'", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined reference to ",
         r"undefined reference to '(?P<subject>[^']+?)(?:@@?\w[^']*)?'", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined symbol: ",
         _LD + r"(?:error: )?undefined symbol: \S+(?:\.l?o|\.a|\.so[\d.]*|\.a\(\S+\)): (?P<subject>\S.*)$", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined symbol: ",
         _LD + r"(?:error: )?undefined symbol: (?P<subject>\S.*)$", _UNDEFINED,
         then=r"^>>> referenced by (?P<file>[^\s:()]+\.\w+):(?P<line>\d+)", within=1),
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined symbol: ",
         r"^(?:\S+: )?error: undefined symbol: (?P<subject>[^\s(]+)", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined symbol: ", r"^ld: \d+-\d+ ERROR: Undefined symbol: \.?(?P<subject>\S+)", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "unresolved symbol", r"(?:^|\s)ld: (?:.*?)[Uu]nresolved symbols?:? '?(?P<subject>\w+)?", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "Unsatisfied symbol", r"(?:^|\s)ld: Unsatisfied symbol \"(?P<subject>[^\"]+)\"", _UNDEFINED),
    Rule(FindingKind.MISSING_LIBRARY, ": not found", r"^ld: fatal: library -l(?P<subject>\S+): not found", _LIBRARY),
    Rule(FindingKind.MULTIPLE_DEFINITION, "multiply-defined", r"symbol '(?P<subject>[^']+)' is multiply[ -]defined", _TWICE),
    Rule(FindingKind.MULTIPLE_DEFINITION, "duplicate symbol _", r"^(?:ld: )?duplicate symbol (?P<subject>_\S+) in:?", _TWICE),
    Rule(FindingKind.UNDEFINED_SYMBOL, "version script assignment of", _LD + r"error: version script assignment of '[^']+' to symbol '(?P<subject>[^']+)' failed: symbol not defined", "The version script names {subject}, which is not built here: lld refuses that since 17. Take it out, or link with -Wl,--undefined-version."),
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined hidden symbol", _LD + r"error: undefined hidden symbol: (?P<subject>\S+)", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined symbol '",
         r"^(?:tcc: |(?P<file>[^\s:]+): )?(?:error: )?undefined symbol '(?P<subject>[^']+)'", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "\", referenced from:",
         r"^\s*\"(?P<subject>[^\"]+)\", referenced from:$", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "", r"^(?P<subject>[A-Za-z_]\S*)\s+\S+\.(?:l?o|so[\d.]*|a\(\S+\))(?:  ?\(.*\))?$", _UNDEFINED,
         inside="solaris-undefined"),
    Rule(FindingKind.UNDEFINED_SYMBOL, ".o", r"^(?P<subject>(?!(?:CC|LD|AS|AR|CXX|CCLD|GEN|rm|cc|ld|ar|nm|as|cp|mv|a|r|x|strip|ranlib|touch)\b)[A-Za-z_]\w*)\s+[^\s-]\S*\.(?:l?o|a\(\S+\.o\))$", _UNDEFINED,
         weight=Weight.ALONE),
    Rule(FindingKind.UNDEFINED_SYMBOL, ": symbol not found", r"Error relocating (?P<file>[^\s:]+): (?P<subject>\S+): symbol not found", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "symbol lookup error", r"symbol lookup error: \S+: undefined symbol: (?P<subject>[^\s,]+)", _UNDEFINED),
    Rule(FindingKind.UNDEFINED_SYMBOL, "relocation target ", r"(?:^|\s)\S+: relocation target (?P<subject>\S+) not defined", _UNDEFINED),

    Rule(FindingKind.MISSING_LIBRARY, "cannot find -l", r"cannot find -l(?P<subject>[^\s:]+)", _LIBRARY),
    Rule(FindingKind.MISSING_LIBRARY, "unable to find library -l", r"unable to find library -l(?P<subject>\S+)", _LIBRARY),
    Rule(FindingKind.MISSING_LIBRARY, "library not found", r"library not found(?: for)?:? (?:-l)?(?P<subject>[^\s:]+)", _LIBRARY),
    Rule(FindingKind.MISSING_LIBRARY, "' not found", r"^(?:ld|tcc|clang|collect2|mold)\S*: (?:fatal |error: )*(?:library|framework) '(?P<subject>[^']+)' not found", _LIBRARY),
    Rule(FindingKind.MISSING_LIBRARY, "framework not found", r"^ld: framework not found (?P<subject>\S+)", _LIBRARY),
    Rule(FindingKind.MISSING_LIBRARY, "cannot find ", _LD + r"(?:error: )?cannot find (?P<subject>[^\s:]+)(?:: No such file or directory|$)", "{subject} is not there: the package of the C library or the rule that makes it is missing."),
    Rule(FindingKind.MISSING_LIBRARY, "cannot open ", _LD + r"(?:error: |fatal: )?cannot open (?P<subject>[^\s:]+): No such file or directory", "{subject} is not there: the package of the C library or the rule that makes it is missing."),
    Rule(FindingKind.MISSING_LIBRARY, "cannot open output file", _LD + r"(?:error: |fatal: )?cannot open output file (?P<subject>[^\s:]+): ", "The linker cannot write {subject}: look at its folder and rights."),
    Rule(FindingKind.MISSING_LIBRARY, "open output file for writing", _LD + r"can't open output file for writing: (?P<subject>[^\s,]+), errno", "The linker cannot write {subject}: look at its folder and rights."),
    Rule(FindingKind.MISSING_LIBRARY, "' not found", r"^tcc: (?:error: )?file '(?P<subject>[^']+)' not found", "{subject} is not there: the package of the C library or of tcc is missing, or the rule that makes it."),
    Rule(FindingKind.MISSING_LIBRARY, "cannot open linker script", _LD + r"(?:error: )?cannot open linker script file (?P<subject>[^\s:]+)", "{subject} is not in the tree, or lies elsewhere."),
    Rule(FindingKind.MISSING_LIBRARY, "error while loading shared libraries", r"error while loading shared libraries: (?P<subject>[^\s:]+): cannot open shared object file", "Add the package that ships {subject} to `dependencies`, or set the path of libraries."),
    Rule(FindingKind.MISSING_LIBRARY, "error loading shared library", r"Error loading shared library (?P<subject>[^\s:]+):", "Add the package that ships {subject} to `dependencies`, or set the path of libraries."),
    Rule(FindingKind.MISSING_LIBRARY, "Shared object \"", r"Shared object \"(?P<subject>[^\"]+)\" not found", "Add the package that ships {subject} to `dependencies`, or set the path of libraries."),
    Rule(FindingKind.MISSING_LIBRARY, "Library not loaded: ", r"Library not loaded: (?P<subject>\S+)", "Add the package that ships {subject} to `dependencies`, or set the path of libraries."),
    Rule(FindingKind.MISSING_LIBRARY, "is not a valid libtool", r"'(?P<subject>[^']+)' is not a valid libtool (?:object|archive)", "{subject} was not made, or not by libtool: look for the rule that makes it."),
    Rule(FindingKind.MISSING_LIBRARY, "cannot find the library '", r"cannot find the library '(?P<subject>[^']+)'", "{subject} was not made, or lies elsewhere."),
    Rule(FindingKind.MISSING_LIBRARY, "file not recognized", _LD + r"(?P<subject>[^\s:]+): (?:file not recognized|file format not recognized)", "{subject} is no object of this system: remove what an earlier build left."),
    Rule(FindingKind.MISSING_LIBRARY, "skipping incompatible", _LD + r"skipping incompatible \S+ when searching for -l(?P<subject>\S+)", _LIBRARY, weight=Weight.VAGUE),

    Rule(FindingKind.MULTIPLE_DEFINITION, "multiple definition of '",
         rf"(?:^|\s|:){_PLACE}.*?multiple definition of '(?P<subject>[^']+)'", _TWICE),
    Rule(FindingKind.MULTIPLE_DEFINITION, "multiple definition of '", r"multiple definition of '(?P<subject>[^']+)'", _TWICE),
    Rule(FindingKind.MULTIPLE_DEFINITION, "duplicate symbol", r"duplicate symbol: (?:\S+: \S+: )?(?P<subject>\S.*)$", _TWICE,
         then=r"^>>> defined at (?P<file>[^\s:()]+\.\w+)(?::(?P<line>\d+))?"),
    Rule(FindingKind.MULTIPLE_DEFINITION, "duplicate symbol '", r"duplicate symbol '(?P<subject>[^']+)'", _TWICE),
    Rule(FindingKind.MULTIPLE_DEFINITION, "' defined twice", r"^(?:(?P<file>[^\s:]+): )?error: '(?P<subject>[^']+)' defined twice", _TWICE),

    Rule(FindingKind.RELOCATION, "recompile with -f", r"(?:(?P<file>[^\s:()<>]+\.(?:c|cc|cpp|s|S)):)?.*(?:relocation |reloc |\): )(?P<subject>R_\w+|\d+)\b.*recompile with -f", _PIC),
    Rule(FindingKind.RELOCATION, "recompile with -f", r"relocation (?P<subject>[\w()]+) .*recompile with -f", _PIC),
    Rule(FindingKind.RELOCATION, "recompile with -f", r"requires (?:unsupported )?dynamic (?P<subject>\S+)? ?reloc (?P<number>\S+)", _PIC, subject="{number}"),
    Rule(FindingKind.RELOCATION, "relocation truncated to fit", r"(?:(?P<file>[^\s:()<>]+\.(?:c|cc|cpp|s|S)):)?.*relocation truncated to fit: (?P<subject>R_\w+)", "Too far a jump or too large a table: compile with another code model (-mcmodel=medium, -mxgot)."),
    Rule(FindingKind.RELOCATION, "relocation R_", r"relocation (?P<subject>R_\w+) (?:out of range|cannot be used|can not be used|against|in)", _PIC),
    Rule(FindingKind.RELOCATION, "dangerous relocation", r"(?P<subject>dangerous relocation)", _PIC),

    Rule(FindingKind.SYNTAX_ERROR, "in VERSION script", r"(?:^|:|\s)(?P<file>[^\s:]+):(?P<line>\d+): (?P<subject>syntax error in VERSION script)", _SCRIPT),
    Rule(FindingKind.SYNTAX_ERROR, "expected, but got", _LD + r"error: (?P<file>[^\s:]+):(?P<line>\d+): \S+ expected, but got (?P<subject>\S+)", _SCRIPT),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error, unexpected", _LD + r"error: (?P<file>[^\s:]+):(?P<line>\d+)(?::\d+)?: (?P<subject>syntax error), unexpected", _SCRIPT),
    Rule(FindingKind.SYNTAX_ERROR, "mold: fatal: ", r"mold: fatal: (?P<file>[^\s:]+):(?P<line>\d+): (?P<subject>\S.*)$", _SCRIPT),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error", _LD + r"(?P<file>[^\s:]+):(?P<line>\d+): (?P<subject>syntax error)", _SCRIPT),
    Rule(FindingKind.CONFIGURE_CHECK, "unrecognized option '", _LD + r"unrecognized option '(?P<subject>[^']+)'", "This linker does not know {subject}: test for it in configure before using it."),
    Rule(FindingKind.CONFIGURE_CHECK, "unknown argument", _LD + r"error: unknown argument:? '(?P<subject>[^']+)'", "This linker does not know {subject}: test for it in configure before using it."),
    Rule(FindingKind.CONFIGURE_CHECK, "unknown option", r"^(?:ld|mold): (?:fatal: |error: )?unknown (?:command line )?options?: (?P<subject>\S+)", "This linker does not know {subject}: test for it in configure before using it."),
    Rule(FindingKind.OTHER, "symbol referencing errors", r"ld: fatal: (?P<subject>[Ss]ymbol referencing errors)", weight=Weight.VAGUE),
    Rule(FindingKind.OTHER, ": file processing errors", r"ld: fatal: (?P<subject>file processing errors)", weight=Weight.VAGUE),
    Rule(FindingKind.OTHER, "error: ", _LD + r"(?:fatal error|error): (?P<subject>(?!ld returned|linker command)\S.{0,200})"),
    Rule(FindingKind.OTHER, "fatal: ", _LD + r"fatal: (?P<subject>\S.{0,200})"),
    Rule(FindingKind.OTHER, "final link failed", r"(?P<subject>final link failed): ", weight=Weight.VAGUE),
)  # fmt: skip
