"""gcc, clang, tcc and pcc.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.rule import AT, ERROR, WARNING, Rule, Weight
from ciforge.model.finding import FindingKind, Severity

_PCC = r"^(?P<file>[^\s,:\"]+), line (?P<line>\d+): "
_ANY = r"(?:^|(?<=[\s(]))(?:(?P<file>[^\s:()<>]+):(?P<line>\d+)(?::\d+)?|:\d+:\d+|<[\w -]+>(?::\d+(?::\d+)?)?|cc1\w*|[\w+.-]+): (?:fatal )?error: "
"""An error that may stand outside any file: `<command-line>`, `cc1`, `gcc`."""

_QUOTED = r"(?:^|(?<=\s))\"(?P<file>[^\"]+)\", line (?P<line>\d+)(?:\.\d+)?: "
_MSVC = r"(?:^|(?<=\s))(?P<file>[^\s(]+)\((?P<line>\d+)(?:,\d+)?\): "

_HEADER = (
    "Add the package that ships {subject} to `dependencies`, or include it only where it exists."
)
_IMPLICIT = "Include the header that declares {subject}, or check for it in configure and ship a replacement."
_CONFLICT = "The declaration of {subject} in {file} and the system's own differ: make them agree, or rename it."
_UNKNOWN = "Include the header that defines {subject} before {file} uses it."
_INCOMPLETE = "Include the header that defines {subject}; a forward declaration is not enough."
_UNDECLARED = "Include the header that defines {subject}, or define it where the system does not."
_REDEFINED = "{subject} is defined twice: guard the header, or the definition with #ifndef."
_KEYWORD = "{subject} is a keyword since C23, the default of gcc 15: include <stdbool.h> instead, or build with -std=gnu17."
_SYNTAX = (
    "Look at {file}:{line} and the lines above: a missing header or macro often reads like this."
)
_MARK = r"^\s*(?:\d+ \|)?\s*(?P<subject>[A-Z][A-Z0-9_]{3,}|__[a-z]\w*)\s+\w"
"""A word before a declaration that is a macro elsewhere, `__dead void f()`: what is unknown here."""
_KEYWORD = "{subject} is a keyword of C23, which newer compilers begin with: include <stdbool.h> and the like instead of defining it, or build with -std=gnu17."
_PROTOTYPE = "Declare the parameters of {subject}: since C23, which newer compilers begin with, () means that there are none."
_WERROR = "Mend what -W{subject} says, or do not build with -Werror here."
_TYPE_WARNINGS = ("Wint", "Wincompatible", "Wreturn", "Wimplicit", "Wdeclaration")
_OUTPUT = "The folder of {subject} is not there, or cannot be written: look at the rule that should make it."
_OPTION = "This compiler does not know {subject}: test for it in configure before using it."
_TYPES = "Make the types agree: newer compilers refuse what older ones warned about."

RULES = (
    # Headers
    Rule(FindingKind.MISSING_HEADER, "error: ",
         ERROR + r"'?(?P<subject>[^\s:']+)'?: No such file or directory", _HEADER),
    Rule(FindingKind.MISSING_HEADER, "' file not found", ERROR + r"'(?P<subject>[^']+)' file not found",
         _HEADER),
    Rule(FindingKind.MISSING_HEADER, "include file '",
         ERROR + r"include file '(?P<subject>[^']+)' not found", _HEADER),
    Rule(FindingKind.MISSING_HEADER, "cannot find '", ERROR + r"cannot find '(?P<subject>[^']+)'$", _HEADER),
    Rule(FindingKind.MISSING_HEADER, "fatal error: ",
         ERROR + r"(?P<subject>[\w./+-]+\.(?:h|hh|hpp|hxx|inc)): \S.*$", _HEADER),
    Rule(FindingKind.MISSING_HEADER, "cannot open include file",
         r"(?P<file>[^\s:(]+)\((?P<line>\d+)\): .*[Cc]annot open include file: '(?P<subject>[^']+)'",
         _HEADER),

    # Functions without a declaration
    Rule(FindingKind.IMPLICIT_DECLARATION, "implicit declaration of function '",
         ERROR + r"implicit declaration of function '(?P<subject>[^']+)'", _IMPLICIT),
    Rule(FindingKind.IMPLICIT_DECLARATION, "call to undeclared ",
         ERROR + r"call to undeclared (?:library )?function '(?P<subject>[^']+)'", _IMPLICIT),
    Rule(FindingKind.IMPLICIT_DECLARATION, "implicitly declaring library function",
         ERROR + r"implicitly declaring library function '(?P<subject>[^']+)'", _IMPLICIT),
    Rule(FindingKind.IMPLICIT_DECLARATION, "implicit declaration of function '",
         WARNING + r"implicit declaration of function '(?P<subject>[^']+)'", _IMPLICIT,
         severity=Severity.WARNING),
    Rule(FindingKind.IMPLICIT_DECLARATION, "implicitly declaring library function",
         WARNING + r"implicitly declaring library function '(?P<subject>[^']+)'", _IMPLICIT,
         severity=Severity.WARNING),
    Rule(FindingKind.IMPLICIT_DECLARATION, "call to undeclared ",
         WARNING + r"call to undeclared (?:library )?function '(?P<subject>[^']+)'", _IMPLICIT,
         severity=Severity.WARNING),

    # Warnings that were made errors
    Rule(FindingKind.WERROR, "redefined [-Werror",
         AT + r"error: \"(?P<subject>\w+)\" redefined \[-Werror\]$",
         "{subject} is defined before the compiler gets to {file}: guard it with #ifndef."),
    Rule(FindingKind.WERROR, "[-Werror", ERROR + r".*\[-Werror,-W(?P<subject>[^\s\],=]+)=?\]$", _WERROR),
    Rule(FindingKind.WERROR, "[-Werror", ERROR + r".*\[-Werror=(?P<subject>[^\s\],=]+)=?[^\s\]]*\]$", _WERROR),
    Rule(FindingKind.WERROR, "[-Werror", ERROR + r"(?P<subject>.+?) \[-Werror\]$", _WERROR),
    Rule(FindingKind.WERROR, "[-Werror", r"(?:^|/)(?:cc1\w*|[\w+.-]+): (?:all |some )?(?:error|warnings?): .*\[-Werror=(?P<subject>[^\s\],=]+)=?\]$",
         _WERROR),
    Rule(FindingKind.WERROR, "[-Werror", r"(?:^|/)(?:cc1\w*|[\w+.-]+): error: .*\[-Werror,-W(?P<subject>[^\s\],=]+)=?\]$",
         _WERROR),

    # Types
    Rule(FindingKind.TYPE_CONFLICT, "conflicting ",
         ERROR + r"conflicting (?:types|declaration|type qualifiers)(?: for| of)? '(?P<subject>[^';]+)'", _CONFLICT),
    Rule(FindingKind.TYPE_CONFLICT, "declaration of '",
         ERROR + r"(?:static|non-static) declaration of '(?P<subject>[^']+)' follows", _CONFLICT),
    Rule(FindingKind.TYPE_CONFLICT, "incompatible types for redefinition",
         ERROR + r"incompatible types for redefinition of '(?P<subject>[^']+)'", _CONFLICT),
    Rule(FindingKind.TYPE_CONFLICT, "redeclared as different kind",
         ERROR + r"'(?P<subject>[^']+)' redeclared as different kind of symbol", _CONFLICT),
    Rule(FindingKind.TYPE_CONFLICT, "redefinition of '",
         ERROR + r"(?:typedef )?redefinition of '(?P<subject>[^']+)' (?:as different kind|with a different type)", _CONFLICT),
    Rule(FindingKind.TYPE_CONFLICT, "redefinition with different types",
         ERROR + r"typedef redefinition with different types \('(?P<subject>[^']+)'", _CONFLICT),
    Rule(FindingKind.TYPE_CONFLICT, "redeclaration of ", _PCC + r"redeclaration of (?P<subject>\S+)$", _CONFLICT),
    Rule(FindingKind.UNKNOWN_TYPE, "unknown type name '",
         _ANY + r"unknown type name '(?P<subject>[^']+)'", _UNKNOWN),
    Rule(FindingKind.UNKNOWN_TYPE, "does not name a type",
         ERROR + r"'(?P<subject>[^']+)' (?:in \S+ \S+ )?does not name a type", _UNKNOWN),
    Rule(FindingKind.UNKNOWN_TYPE, "has not been declared",
         ERROR + r"'(?P<subject>[^']+)' has not been declared", _UNKNOWN),
    Rule(FindingKind.UNKNOWN_TYPE, "must use '",
         ERROR + r"must use '\w+' tag to refer to type '(?P<subject>[^']+)'", _UNKNOWN),
    Rule(FindingKind.INCOMPLETE_TYPE, "error: invalid use of ",
         ERROR + r"invalid use of (?:incomplete|undefined) (?:type|typedef) '(?:(?:const|volatile) )*(?P<subject>[^']+)'", _INCOMPLETE),
    Rule(FindingKind.INCOMPLETE_TYPE, "incomplete type",
         ERROR + r"(?:field|parameter(?: \d+)?|argument|array|variable|storage) '(?P<subject>[^']+)' has incomplete type", _INCOMPLETE),
    Rule(FindingKind.INCOMPLETE_TYPE, "incomplete type",
         ERROR + r"'(?P<subject>[^']+)' has (?:an )?incomplete type", _INCOMPLETE),
    Rule(FindingKind.INCOMPLETE_TYPE, "incomplete type", ERROR + r"invalid application of '[^']+' to (?:an )?incomplete type '(?P<subject>[^']+)'", _INCOMPLETE),
    Rule(FindingKind.INCOMPLETE_TYPE, "incomplete ",
         ERROR + r".*\bincomplete (?:definition of |element |result )?(?:type|typedef) '(?:(?:const|volatile) )*(?P<subject>[^']+)'", _INCOMPLETE),
    Rule(FindingKind.INCOMPLETE_TYPE, "storage size of '",
         ERROR + r"storage size of '(?P<subject>[^']+)' isn't", _INCOMPLETE),
    Rule(FindingKind.INCOMPLETE_TYPE, "tentative definition ",
         ERROR + r"tentative definition (?:of variable .* )?has type '(?P<subject>[^']+)' that is never completed", _INCOMPLETE),
    Rule(FindingKind.INCOMPLETE_TYPE, "undefined struct or union", _PCC + r"(?P<subject>undefined struct or union)",
         "Include the header that defines the structure."),

    # Names
    Rule(FindingKind.UNDECLARED, "undeclared", ERROR + r"'(?P<subject>[^']+)' undeclared", _UNDECLARED),
    Rule(FindingKind.UNDECLARED, "undeclared identifier '",
         ERROR + r"use of undeclared identifier '(?P<subject>[^']+)'", _UNDECLARED),
    Rule(FindingKind.UNDECLARED, "was not declared in this scope",
         ERROR + r"'(?P<subject>[^']+)' was not declared in this scope", _UNDECLARED),
    Rule(FindingKind.UNDECLARED, " undefined", _PCC + r"(?P<subject>\w+) undefined$", _UNDECLARED),
    Rule(FindingKind.UNDECLARED, "no member named '",
         ERROR + r".*no member named '(?P<subject>[^']+)'",
         "{subject} is not there in this version of the library: use its accessor, or test for it in configure."),
    Rule(FindingKind.UNDECLARED, "field not found: ", ERROR + r"field not found: (?P<subject>\w+)",
         "{subject} is not there in this version of the header: test for it in configure."),
    Rule(FindingKind.UNDECLARED, "' not declared", _PCC + r"member '(?P<subject>[^']+)' not declared",
         "{subject} is not there in this version of the header: test for it in configure."),
    Rule(FindingKind.UNDECLARED, "is not a member of '", ERROR + r"'(?P<subject>[^']+)' is not a member of '", _UNDECLARED),
    Rule(FindingKind.UNDECLARED, "use of undeclared label", ERROR + r"use of undeclared label '(?P<subject>[^']+)'", _UNDECLARED),
    Rule(FindingKind.UNDECLARED, "but not defined", ERROR + r"label '(?P<subject>[^']+)' used but not defined", _UNDECLARED),
    Rule(FindingKind.REDEFINITION, "cannot be defined via 'typedef'", ERROR + r"'(?P<subject>\w+)' cannot be defined via 'typedef'", _KEYWORD),
    Rule(FindingKind.REDEFINITION, "redeclaration of C++ built-in type", ERROR + r"redeclaration of C\+\+ built-in type '(?P<subject>\w+)'", _KEYWORD),
    Rule(FindingKind.REDEFINITION, "cannot use keyword '", ERROR + r"cannot use keyword '(?P<subject>\w+)' as ", _KEYWORD),
    Rule(FindingKind.REDEFINITION, "redefinition of", ERROR + r"redefinition of (?:parameter )?'(?P<subject>[^']+)'", _REDEFINED),
    Rule(FindingKind.REDEFINITION, "redeclaration", ERROR + r"(?:redeclaration|redefinition) of (?:enumerator )?'(?P<subject>[^']+)'", _REDEFINED),
    Rule(FindingKind.REDEFINITION, "redeclared", ERROR + r"'(?P<subject>[^']+)' redeclared", _REDEFINED),
    Rule(FindingKind.REDEFINITION, "already defined", ERROR + r"(?P<subject>\S+) already defined$", _REDEFINED),
    Rule(FindingKind.REDEFINITION, "duplicate ", ERROR + r"duplicate (?:member|case value|label) '?(?P<subject>\w+)'?", _REDEFINED),
    Rule(FindingKind.REDEFINITION, " redeclared", _PCC + r"(?P<subject>\w+) redeclared$", _REDEFINED),

    # gcc before 4, which does not say `error:`
    Rule(FindingKind.MISSING_HEADER, ": No such file or directory", AT + r"(?P<subject>[\w./+-]+\.(?:h|hh|hpp)): No such file or directory", _HEADER),
    Rule(FindingKind.UNDECLARED, "undeclared (first use", AT + r"'(?P<subject>[^']+)' undeclared \(first use", _UNDECLARED),
    Rule(FindingKind.TYPE_CONFLICT, "conflicting types for '", AT + r"conflicting types for '(?P<subject>[^']+)'", _CONFLICT),
    Rule(FindingKind.REDEFINITION, "redefinition of '", AT + r"redefinition of '(?P<subject>[^']+)'", _REDEFINED),
    Rule(FindingKind.INCOMPLETE_TYPE, "storage size of '", AT + r"storage size of '(?P<subject>[^']+)' isn't", _INCOMPLETE),
    Rule(FindingKind.INCOMPLETE_TYPE, "has incomplete type", AT + r"field '(?P<subject>[^']+)' has incomplete type", _INCOMPLETE),
    Rule(FindingKind.SYNTAX_ERROR, "error before ", AT + r"(?:error: )?(?:parse|syntax) error before '?(?P<subject>[^'\s]+)", _SYNTAX),
    Rule(FindingKind.INCOMPLETE_TYPE, "initializer but incomplete", ERROR + r"variable '(?P<subject>[^']+)' has initializer but incomplete type", _INCOMPLETE),
    Rule(FindingKind.INCOMPLETE_TYPE, "has incomplete type", ERROR + r"parameter \d+ \('(?P<subject>[^']+)'\) has incomplete type", _INCOMPLETE),
    Rule(FindingKind.INCOMPLETE_TYPE, "pointer to incomplete type", AT + r"(?:error: )?dereferencing (?P<subject>pointer to incomplete type)", _INCOMPLETE),
    Rule(FindingKind.TYPE_CONFLICT, "new declaration of '", ERROR + r"ambiguating new declaration of '(?P<subject>[^']+)'", _CONFLICT),

    # Types that do not fit: warnings until gcc 14 and clang 16
    Rule(FindingKind.TYPE_CONFLICT, "[-W", ERROR + r".*\[-W(?P<subject>int-conversion|incompatible-pointer-types|incompatible-function-pointer-types|return-mismatch|return-type|implicit-int|declaration-missing-parameter-type)\]$", _TYPES, words=_TYPE_WARNINGS),
    Rule(FindingKind.TYPE_CONFLICT, " of '", ERROR + r"(?:passing argument \d+ of|too (?:few|many) arguments (?:to|for) (?:function|method)|incompatible type for argument \d+ of) '(?P<subject>[^']+)'", _TYPES, words=("argument",)),
    Rule(FindingKind.TYPE_CONFLICT, "arguments to function '", ERROR + r"too many arguments to function '(?P<subject>[^'(]+)'; expected 0, have ", _PROTOTYPE),
    Rule(FindingKind.TYPE_CONFLICT, "arguments to function '", ERROR + r"too (?:few|many) arguments to function '(?P<subject>[^'(]+)", _TYPES),
    Rule(FindingKind.TYPE_CONFLICT, "arguments to function call", ERROR + r"(?P<subject>too (?:few|many) arguments to function call)", _TYPES, then=r"note: '(?P<subject>[^']+)' declared here"),
    Rule(FindingKind.TYPE_CONFLICT, "[-W", WARNING + r".*\[-W(?P<subject>int-conversion|incompatible-pointer-types|incompatible-function-pointer-types|return-mismatch|implicit-int|declaration-missing-parameter-type)\]$", _TYPES,
         severity=Severity.WARNING, words=_TYPE_WARNINGS),
    Rule(FindingKind.TYPE_CONFLICT, "no matching ", ERROR + r"no matching (?:member )?(?:function|constructor) for (?:call to|initialization of) '(?P<subject>[^'(]+)", _TYPES),
    Rule(FindingKind.TYPE_CONFLICT, "invalid conversion from", ERROR + r"invalid conversion from '(?P<subject>[^']+)'", _TYPES),
    Rule(FindingKind.TYPE_CONFLICT, "cannot convert", ERROR + r".*cannot convert '(?P<subject>[^']+)'", _TYPES),
    Rule(FindingKind.TYPE_CONFLICT, "incompatible", ERROR + r".*incompatible (?:types?|pointer|integer).*?'(?P<subject>[^']+)'", _TYPES),
    Rule(FindingKind.TYPE_CONFLICT, "invalid operands to", ERROR + r"(?P<subject>invalid operands to binary \S+)", _TYPES),

    # Syntax
    Rule(FindingKind.SYNTAX_ERROR, "version control conflict marker",
         ERROR + r"(?P<subject>version control conflict marker in file)",
         "Resolve the merge in {file}: conflict markers were left behind."),
    Rule(FindingKind.SYNTAX_ERROR, "at end of input", ERROR + r"expected .* at (?P<subject>end of input)", "A brace or parenthesis in {file} is not closed, or a conditional hides the one that closes it."),
    Rule(FindingKind.SYNTAX_ERROR, "error: expected",
         ERROR + r"expected .* (?:before|after|but got|near) '(?P<subject>[^']+)'", _SYNTAX, then=_MARK, within=3),
    Rule(FindingKind.SYNTAX_ERROR, "error: expected '", ERROR + r"expected '(?P<subject>[^']+)' (?:after|at end|in|to) ", _SYNTAX),
    Rule(FindingKind.SYNTAX_ERROR, "error: expected", ERROR + r"(?P<subject>expected .*)", _SYNTAX),
    Rule(FindingKind.SYNTAX_ERROR, "' expected (got", ERROR + r"'(?P<subject>[^']+)' expected \(got ", _SYNTAX),
    Rule(FindingKind.SYNTAX_ERROR, "unterminated ", ERROR + r"unterminated (?:function-like macro invocation|argument list invoking macro) ?[\"']?(?P<subject>\w+)?", _SYNTAX),
    Rule(FindingKind.SYNTAX_ERROR, "unterminated ", ERROR + r"unterminated (?P<subject>#\w+|conditional directive|comment|[^:]*)", "Close {subject} in {file}: a merge or an edit took its end away."),
    Rule(FindingKind.SYNTAX_ERROR, "error: ", ERROR + r"(?P<subject>#\w+ without #if|unterminated \S+|stray '[^']*' in program|extraneous [^(]*|missing terminating . character|unbalanced \S+|unknown start of token.*|invalid preprocessing directive #?\w*|invalid token.*|#\w+ with no expression|missing binary operator before token.*|token is not a valid binary operator.*|macro .* (?:requires|passed) .*|(?:a )?parameter list without types.*|data definition has no type.*|function definition is not allowed.*|invalid suffix.*|unexpected .*|parse error.*|syntax error.*|type specifier missing.*|type defaults to.*|function-like macro .* is not defined)", _SYNTAX),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error", _PCC + r"(?P<subject>syntax error)", _SYNTAX),
    Rule(FindingKind.SYNTAX_ERROR, "invalid function definition", _PCC + r"(?P<subject>invalid function definition)", _SYNTAX),

    # What the compiler was asked to do
    Rule(FindingKind.CONFIGURE_CHECK, "unrecognized command", r"(?:^|[/\s])[\w.+-]+: error: unrecognized command[ -]line option '(?P<subject>[^']+)'", _OPTION),
    Rule(FindingKind.CONFIGURE_CHECK, "unknown argument", r"(?:^|[/\s])[\w.+-]*(?:clang|cc|\+\+)[\w.+-]*: error: unknown argument:? '(?P<subject>[^']+)'", _OPTION),
    Rule(FindingKind.CONFIGURE_CHECK, "error: ", r"(?:^|[/\s])[\w.+-]*(?:clang|cc|g\+\+)[\w.+-]*: error: (?:unsupported (?:option|argument)|invalid (?:value|argument|linker name)|unknown target|unrecognized (?:argument|option)).*?'(?P<subject>[^']+)'", _OPTION),
    Rule(FindingKind.CONFIGURE_CHECK, "bad value", r"(?:^|[/\s])(?:cc1\w*|[\w.+-]+): error: bad value \(?'(?P<subject>[^']+)'\)? for '?-m", _OPTION),
    Rule(FindingKind.MISSING_TOOL, "cannot execute '", r"(?:^|[/\s])[\w.+-]+: (?:fatal )?error: cannot execute '(?P<subject>[^']+)'", "Install {subject}, or set PATH so that the compiler finds it."),
    Rule(FindingKind.MISSING_TOOL, "error: unable to execute command", r"error: unable to execute command: Executable \"(?P<subject>[^\"]+)\" doesn't exist", "Install {subject}, or set PATH so that the compiler finds it."),
    Rule(FindingKind.MAKE_RULE, ": No such file or directory", r"(?:^|[/\s])(?:cc1\w*|[\w.+-]*(?:clang|cc|\+\+)[\w.+-]*): (?:fatal )?error: (?:no such file or directory: ')?(?P<subject>[^\s:']+)'?: No such file or directory", "{subject} is not in the tree, or the rule that makes it did not run."),
    Rule(FindingKind.MAKE_RULE, "no such file or directory: '", r"(?:^|[/\s])[\w.+-]+: error: no such file or directory: '(?P<subject>[^']+)'", "{subject} is not in the tree, or the rule that makes it did not run."),
    # Other compilers: Sun, IBM, HP, SGI, Microsoft
    Rule(FindingKind.MISSING_HEADER, "cannot find include file", _QUOTED + r"(?:error: )?cannot find include file: [<\"](?P<subject>[^>\"]+)[>\"]", _HEADER),
    Rule(FindingKind.MISSING_HEADER, "#include file", _QUOTED + r"\S+ \(\w\) #include file [<\"](?P<subject>[^>\"]+)[>\"] not found", _HEADER),
    Rule(FindingKind.MISSING_HEADER, "cannot open source file", _QUOTED + r".*[Cc]annot open source file \"(?P<subject>[^\"]+)\"", _HEADER),
    Rule(FindingKind.UNDECLARED, "undefined symbol: ", _QUOTED + r"(?:error: )?undefined symbol: (?P<subject>\w+)", _UNDECLARED),
    Rule(FindingKind.UNDECLARED, "undeclared identifier ", _QUOTED + r"\S+ \(\w\) Undeclared identifier (?P<subject>\w+)", _UNDECLARED),
    Rule(FindingKind.UNDECLARED, " is undefined", _QUOTED + r".*[iI]dentifier \"(?P<subject>[^\"]+)\" is undefined", _UNDECLARED),
    Rule(FindingKind.UNDECLARED, " undefined.", r"^\S*cc: " + _QUOTED + r"error \d+: \"(?P<subject>[^\"]+)\" undefined", _UNDECLARED),
    Rule(FindingKind.REDEFINITION, "identifier redeclared: ", _QUOTED + r"(?:error: )?identifier redeclared: (?P<subject>\w+)", _REDEFINED),
    Rule(FindingKind.INCOMPLETE_TYPE, "incomplete struct/union", _QUOTED + r".*incomplete (?:struct/union/enum )?(?P<subject>[\w ]+)", _INCOMPLETE),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error", _QUOTED + r"(?:error: |\S+ \(\w\) |error \d+: )?(?P<subject>[Ss]yntax error.*)", _SYNTAX),
    Rule(FindingKind.OTHER, "line ", _QUOTED + r"(?:error: |\d+-\d+ \([SU]\) |error \d+: )(?P<subject>\S.{0,160})"),
    Rule(FindingKind.UNDEFINED_SYMBOL, "unresolved external symbol ", r"error LNK\d+: unresolved external symbol \"?(?P<subject>[^\s\"]+)", "Link the library that defines {subject}."),
    Rule(FindingKind.MISSING_LIBRARY, "cannot open input file '", r"LNK\d+: cannot open (?:input )?file '(?P<subject>[^']+)'", "Add the package that ships {subject}, or set the path of libraries."),
    Rule(FindingKind.UNDECLARED, "undeclared identifier", _MSVC + r"(?:error C\d+: )?'(?P<subject>[^']+)':? undeclared identifier", _UNDECLARED),
    Rule(FindingKind.OTHER, "error C", _MSVC + r"(?:fatal )?error C\d+: (?P<subject>\S.{0,160})", words=("error",)),
    Rule(FindingKind.CONFIGURE_CHECK, " option", r"(?:^|/|\s)(?:as|ar|strip|ranlib|nm|objcopy|\S+-as|\S+-ar): (?:unrecognized|invalid|illegal|unknown) option (?:-- )?'?(?P<subject>[^\s']+)'?", "This tool does not know {subject}: test for it in configure before using it."),

    Rule(FindingKind.CONFIGURE_CHECK, "invalid option -- ", r"^tcc: error: invalid option -- '(?P<subject>[^']+)'", _OPTION),
    Rule(FindingKind.OTHER, "unable to open output file", r"^error: unable to open output file '(?P<subject>[^']+)'", _OUTPUT),
    Rule(FindingKind.OTHER, "Fatal error: can't create ", r"^(?:\S+: )?Fatal error: can't create (?P<subject>[^\s:]+): ", _OUTPUT),
    Rule(FindingKind.OTHER, "no input files", r"^(?:\S*/)?[\w.+-]+: (?:fatal )?error: (?P<subject>no input files)", "The make that runs does not set what the Makefile expects: look for variables and functions of another make."),

    Rule(FindingKind.OTHER, "#error", ERROR + r"#error (?P<subject>.*)", "{file} refuses this system on purpose: see what it asks for."),
    Rule(FindingKind.OTHER, "error: ", ERROR + r"(?P<subject>\S.{0,200})"),
    Rule(FindingKind.UNDECLARED, "no such instruction", AT + r"Error: no such instruction: '(?P<subject>[^\s']+)", "The assembler does not know {subject}: it is for another processor, or the assembler is too old."),
    Rule(FindingKind.OTHER, "error: ", AT + r"Error: (?P<subject>\S.{0,200})"),
    Rule(FindingKind.OTHER, "cannot recover from earlier errors", _PCC + r"cannot recover from (?P<subject>earlier errors)", weight=Weight.VAGUE),
)  # fmt: skip
