"""autoconf, automake, libtool, pkg-config, and what `configure` says.

Wordings: real output of autoconf 2.72, automake 1.17, libtool 2.5 and pkgconf 1.8 in Debian 13,
and lines quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.rule import AT, ERROR, Rule, Section, Weight
from ciforge.model.finding import FindingKind

_CONFIGURE = r"(?:^|\s)(?:\S*/)?configure(?:\.\w+)?:(?:\d+:)? (?:error|ERROR): (?:\*+ )?[\"']?"
_MACRO = "Install the package whose m4 files define {subject} (pkg-config for PKG_, autoconf-archive for AX_, libtool for LT_ and AC_DISABLE_STATIC)."
_VERSION = (
    "Run autoreconf -fi with the tools that are installed, or require the version that is there."
)
_GETTEXT = "Name in configure.ac a version of gettext that the one which is installed knows: AM_GNU_GETTEXT_REQUIRE_VERSION."
_PACKAGE = "Add {subject} to `dependencies`, or configure without it."
_TOOL = "Add the package of {subject} to `dependencies`."
_PROGRAM = (
    r"(?:(?:GNU )?(?:make|m4|sed|awk|gawk|perl|python3?|bison|byacc|yacc|flex|lex|gperf|help2man|"
    r"makeinfo|texinfo|asciidoc(?:tor)?|xmlto|xsltproc|docbook2\w+|doxygen|pandoc|groff|nroff|mandoc|"
    r"pkg-config|pkgconf|libtool|autoconf|automake|aclocal|autoreconf|gettext|msgfmt|xgettext|"
    r"intltool|ruby|tclsh|swig|cmake|ninja|meson|nasm|yasm|ar|ranlib|ld|nm|strip|git|curl|wget|"
    r"unzip|tar|gzip|xz|file|patch|diff|rpcgen|protoc(?:-c)?|re2c|ragel|vala(?:c)?|"
    r"glib-\w+|gdbus-codegen|cargo|rustc|go|java|javac|node|npm|sendmail|ps2pdf|rst2man|sphinx-build|"
    r"txt2man|pod2man|a2x|gtkdoc-\w+|itstool|desktop-file-validate|update-mime-database))"
)
_WORD = r"(?:lib)?[\w.+/-]*\w[\w+]*"

SECTIONS = (
    Section(
        "pkg-config", "package requirements (", _CONFIGURE + r"Package requirements \(", 14, True
    ),
)

RULES = (
    # Macros that nobody defined
    Rule(FindingKind.MISSING_MACRO, "undefined macro: ", AT + r"(?:error|warning): possibly undefined macro: (?P<subject>\w+)", _MACRO),
    Rule(FindingKind.MISSING_MACRO, "overquoted macro: ", AT + r"error: undefined or overquoted macro: (?P<subject>\w+)", _MACRO),
    Rule(FindingKind.MISSING_MACRO, "is undefined", ERROR + r"Libtool library used but '(?P<subject>\w+)' is undefined", "Add LT_INIT to configure.ac, and libtool to `dependencies`."),
    Rule(FindingKind.MISSING_MACRO, "does not appear in AM_CONDITIONAL", ERROR + r"(?P<subject>\w+) does not appear in AM_CONDITIONAL", "Define {subject} by AM_CONDITIONAL in configure.ac."),
    Rule(FindingKind.MISSING_MACRO, "is a m4 file missing?", ERROR + r"macro (?P<subject>\w+) is not defined; is a m4 file missing\?", _MACRO),
    Rule(FindingKind.MISSING_MACRO, "or later before running", AT + r"error: must install (?P<subject>[\w.+-]+) .*or later before running", _MACRO),
    Rule(FindingKind.MISSING_MACRO, "is undefined", ERROR + r".*'(?P<subject>[A-Z]\w+)' is undefined", _MACRO),
    Rule(FindingKind.MISSING_MACRO, "not found in library", r"(?:warning|error): macro '(?P<subject>\w+)' not found in library", _MACRO, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_MACRO, "command not found", r"(?:^|\s)(?P<file>\S*configure(?:\.\w+)?): line (?P<line>\d+): (?P<subject>[A-Z][A-Z0-9]+_\w+): command not found", _MACRO),
    Rule(FindingKind.MISSING_MACRO, ": not found", r"(?:^|\s)(?P<file>\S*configure(?:\.\w+)?): (?:line )?(?P<line>\d+): (?P<subject>[A-Z][A-Z0-9]+_\w+): not found", _MACRO),
    Rule(FindingKind.MISSING_MACRO, "syntax error near unexpected token", r"(?:^|\s)(?P<file>\S*configure(?:\.\w+)?): line (?P<line>\d+): syntax error near unexpected token '(?P<token>[^']*)'", _MACRO,
         subject="{token}", then=r"configure(?:\.\w+)?: line \d+: ?['`]\s*(?P<subject>[A-Z][A-Z0-9]*_\w+)"),
    Rule(FindingKind.MISSING_MACRO, "word unexpected", r"(?:^|\s)(?P<file>\S*configure(?:\.\w+)?): (?P<line>\d+): Syntax error: word unexpected", _MACRO, subject="macro"),
    Rule(FindingKind.MISSING_MACRO, "unexpected", r"(?:^|\s)(?P<file>\S*configure(?:\.\w+)?)(?:\[|: )(?P<line>\d+)\]?: [Ss]yntax error: '?(?P<subject>[^'\s]+)'? unexpected", _MACRO),

    # Versions
    Rule(FindingKind.AUTOTOOLS_VERSION, "version mismatch", r"(?:^|\s)(?:(?P<file>[^\s:]+\.\w+):(?P<line>\d+): error: |\S*libtool: )[Vv]ersion mismatch(?: error)?\.  This is (?P<subject>\w+ [\w.]*\w)", _VERSION),
    Rule(FindingKind.AUTOTOOLS_VERSION, "or higher is required", AT + r"(?:error: )?Autoconf version (?P<version>\S+) or higher is required", "Build with autoconf {version} or newer, or lower AC_PREREQ.", subject="Autoconf {version}"),
    Rule(FindingKind.AUTOTOOLS_VERSION, "require Automake ", AT + r"(?:error: )?require (?P<subject>Automake (?P<version>[^\s,]+)), but have", "Build with automake {version} or newer, or lower what AM_INIT_AUTOMAKE asks for."),
    Rule(FindingKind.AUTOTOOLS_VERSION, "or newer is required", r"(?P<subject>(?i:libtool|gettext|autoconf|automake))\S* (?:version )?\S+ or newer is required", _VERSION),
    Rule(FindingKind.AUTOTOOLS_VERSION, ": command not found", r"(?:missing|[Mm]ake\w*): (?:line )?\d+: (?P<subject>(?:automake|aclocal|autoconf|autoheader)-\d[\d.]*): command not found", _VERSION),
    Rule(FindingKind.AUTOTOOLS_VERSION, "not found", r"(?:^|\s)\S*missing: (?:line )?\d+: (?P<subject>(?:automake|aclocal)-\d[\d.]*): not found", _VERSION),
    Rule(FindingKind.AUTOTOOLS_VERSION, "is missing on your system", r"WARNING: '(?P<subject>(?:automake|aclocal)-\d[\d.]*)' is missing on your system", _VERSION),
    Rule(FindingKind.AUTOTOOLS_VERSION, "is too old", r"(?:^|\s)(?:\w+: )?(?:error: )?(?:[Yy]our )?(?P<subject>[Aa]utoconf|[Aa]utomake|[Ll]ibtool)\S* (?:version )?(?:\S+ )?is too old", _VERSION),
    Rule(FindingKind.AUTOTOOLS_VERSION, "infrastructure files for version", r"^autopoint: \*\*\* (?P<subject>infrastructure files for version \S+ not found)", _GETTEXT),
    Rule(FindingKind.AUTOTOOLS_VERSION, "no longer supported in version", r"^autopoint: \*\*\* (?P<subject>\w+ without '\w+' argument)", _GETTEXT),
    Rule(FindingKind.OTHER, "autopoint: *** ", r"^autopoint: \*\*\* (?P<subject>(?!Stop)\S.{0,160})", "See what autopoint says of configure.ac."),
    Rule(FindingKind.AUTOTOOLS_VERSION, "gettext infrastructure mismatch", r"error: (?P<subject>gettext) infrastructure mismatch", _VERSION),

    # Files and tools of the bootstrap
    Rule(FindingKind.MISSING_TOOL, "nor glibtoolize not found", r"(?:^|[\s.])(?P<subject>libtoolize) nor glibtoolize not found", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "does not seem to be installed", r"(?:^|\s)(?P<subject>[\w.+-]+) does not seem to be installed", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "autoreconf: ", r"Can't exec \"(?P<subject>[^\"]+)\": No such file or directory", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "Can't exec ", r"^Can't exec \"(?P<subject>[^\"]+)\": No such file", _TOOL, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "is missing on your system", r"WARNING: '(?P<subject>[\w.+-]+)' is missing on your system", _TOOL, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "is needed", r"WARNING: '(?P<subject>[\w.+-]+)' is needed, and is missing", _TOOL, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "You must have ", r"(?i)you must have (?P<subject>[\w.+-]+) (?:\S+ )?installed", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "required auxiliary files", r"(?:error: )cannot find required auxiliary files: (?P<subject>\S+)", "Run automake --add-missing (or autoreconf -fi): {subject} is not in the tree."),
    Rule(FindingKind.MISSING_TOOL, "required file '", ERROR + r"required file '(?P<subject>[^']+)' not found", "Run autoreconf -fi, or add {subject} to the tree."),
    Rule(FindingKind.MISSING_TOOL, "cannot find install-sh", _CONFIGURE + r"cannot find (?P<subject>install-sh)", "Run autoreconf -fi: {subject} is not in the tree."),
    Rule(FindingKind.MISSING_TOOL, "no acceptable", _CONFIGURE + r"no acceptable (?P<subject>[\w+# ]+?)(?: could be)? found in", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "pkg-config", _CONFIGURE + r"(?:The )?(?P<subject>pkg-config)(?: script)? (?:could not be|was not|not) found", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "error: ", _CONFIGURE + rf"(?:[Cc]ould not find |[Cc]annot find |[Mm]issing |[Nn]o |[Tt]he |[Yy]ou need (?:to install )?)?[\"']?(?P<subject>{_PROGRAM})[\"']?,? (?:program |command |executable |utility |tool |\S+ or \w+ )*(?:is |are |was |could |must |be |which )*(?:not |needed|required|missing|found|installed|be |in )", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "error: ", _CONFIGURE + rf"(?:.*\b)?(?:[Cc]ould not|[Cc]annot|[Cc]an't|[Uu]nable to) (?:find|locate) (?:the |a )?(?:program |suitable |working )*[\"']?(?P<subject>{_PROGRAM})\b", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "error: ", _CONFIGURE + rf"(?:[Nn]o |[Mm]issing |[Pp]lease install |[Yy]ou need )(?:suitable |working |usable )?[\"']?(?P<subject>{_PROGRAM})[\"']?(?:$| (?:found|program|in ))", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "needed to build", _CONFIGURE + r"(?P<subject>[\w.+-]+) (?:is )?(?:needed|required) to (?:build|generate|make)", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "cannot locate", r"^(?:autoreconf|aclocal|automake): .*cannot locate (?P<subject>\S+)", _TOOL),
    Rule(FindingKind.OTHER, "no such file or directory", r"^(?:autoreconf|aclocal|autom4te|autoconf|automake|autoheader): error: (?P<subject>.*)", weight=Weight.VAGUE),
    Rule(FindingKind.SYNTAX_ERROR, "m4:", r"(?:^|/)m4:(?P<file>[^\s:]+):(?P<line>\d+): (?:ERROR: )?(?P<subject>(?:end of file|EOF|expecting|bad|excess) .*)", "Balance brackets and parentheses in {file}, from line {line} on."),
    Rule(FindingKind.OTHER, "error: ", r"^(?:autoreconf|aclocal|autom4te|autoconf|automake|autoheader|libtoolize): +error: (?!.*failed with exit status|No such file)(?P<subject>\S.{0,160})"),
    Rule(FindingKind.OTHER, "failed with exit status", r"^(?:autoreconf|aclocal|autom4te|autoconf|automake|autoheader): (?:error: )?(?P<subject>\S+ failed with exit status.*)", weight=Weight.VAGUE),

    # pkg-config
    Rule(FindingKind.MISSING_PACKAGE, "package requirements (", _CONFIGURE + r"Package requirements \((?P<subject>[^\s()=<>!,]+)(?:[^)]*\) were not met|[^)]*$)", _PACKAGE,
         then=r"^(?:No package|Package) '(?P<subject>[^']+)'(?:, required by '[^']+',)? (?:not )?found|^Requested '(?P<other>[^\s']+) .*' but version"),
    Rule(FindingKind.MISSING_PACKAGE, "", r"^Package '(?P<subject>[^']+)', required by '[^']+', not found", _PACKAGE, inside="pkg-config"),
    Rule(FindingKind.MISSING_PACKAGE, "", r"^No package '(?P<subject>[^']+)' found", _PACKAGE, inside="pkg-config"),
    Rule(FindingKind.MISSING_PACKAGE, "", r"^Requested '(?P<subject>[^\s']+) [^']*' but version of", _PACKAGE, inside="pkg-config"),
    Rule(FindingKind.MISSING_PACKAGE, "", r"^Package dependency requirement '(?P<subject>[^\s']+) [^']*' could not be satisfied", _PACKAGE, inside="pkg-config"),
    Rule(FindingKind.MISSING_PACKAGE, ", not found", r"^Package '(?P<subject>[^']+)', required by '[^']+', not found", _PACKAGE, weight=Weight.WEAK, lasting=True),
    Rule(FindingKind.MISSING_PACKAGE, ", not found", r"^-- +Package '(?P<subject>[^']+)', required by '[^']+', not found", _PACKAGE, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_PACKAGE, "No package '", r"^No package '(?P<subject>[^']+)' found", _PACKAGE, weight=Weight.WEAK, lasting=True),
    Rule(FindingKind.MISSING_PACKAGE, "No package '", r"^-- +No package '(?P<subject>[^']+)' found", _PACKAGE, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_PACKAGE, "was not found in the pkg-config", r"^Package (?P<subject>\S+) was not found in the pkg-config search path", _PACKAGE, weight=Weight.WEAK, lasting=True),
    Rule(FindingKind.MISSING_PACKAGE, "but version of", r"^Requested '(?P<subject>[^\s']+) [^']*' but version of", _PACKAGE, weight=Weight.WEAK),

    Rule(FindingKind.MISSING_PACKAGE, "pkg-config ", _CONFIGURE + r"\S*pkg-config (?P<subject>[\w.+-]+) couldn't be found", _PACKAGE),
    Rule(FindingKind.MISSING_TOOL, "without pkg", _CONFIGURE + r".*without (?P<subject>pkg-?conf(?:ig)?)[\"']?$", _TOOL),

    # What a project's own checks say
    Rule(FindingKind.CONFIGURE_CHECK, "cannot create executables", _CONFIGURE + r"(?P<subject>[\w+]+ compiler) cannot create executables", "config.log says why: look there for the last command that failed."),
    Rule(FindingKind.CONFIGURE_CHECK, "cannot run ", _CONFIGURE + r"cannot run (?P<subject>[\w+]+ compiled programs)", "config.log says why; when cross compiling, use --host."),
    Rule(FindingKind.CONFIGURE_CHECK, "fails sanity check", _CONFIGURE + r"(?P<subject>.*?preprocessor)\s*(?:\".*\" )?fails sanity check", "config.log says why: look there for the last command that failed."),
    Rule(FindingKind.CONFIGURE_CHECK, "was never defined", _CONFIGURE + r"conditional \"(?P<subject>\w+)\" was never defined", "Call AM_CONDITIONAL for {subject} on every path through configure.ac."),
    Rule(FindingKind.CONFIGURE_CHECK, "unrecognized option", _CONFIGURE + r"unrecognized options?: '?(?P<subject>[^\s']+)", "This configure does not know {subject}: remove it from `configure`."),
    Rule(FindingKind.CONFIGURE_CHECK, "invalid", _CONFIGURE + r"invalid (?:package name|feature name|value|variable name|host type|.*option):? ?'?(?P<subject>[^\s']+)", "Correct {subject} in `configure`."),
    Rule(FindingKind.CONFIGURE_CHECK, "select ", _CONFIGURE + r"select (?P<subject>[\w/ -]+?)\(s\)", "Choose one of the options that the message names."),
    Rule(FindingKind.OTHER, "failed for ", _CONFIGURE + r"\S*configure failed for (?P<subject>\S+)", weight=Weight.VAGUE),
    Rule(FindingKind.CONFIGURE_CHECK, "already configured", _CONFIGURE + r"(?P<subject>source directory already configured)", "Build from a clean tree: run make distclean first."),
    Rule(FindingKind.CONFIGURE_CHECK, "cannot guess build type", _CONFIGURE + r"cannot guess build type", "Renew config.guess and config.sub (autoreconf -fi).", subject="config.guess"),
    Rule(FindingKind.CONFIGURE_CHECK, "config.sub", r"configure: error: .*config\.sub.*failed", "Renew config.guess and config.sub (autoreconf -fi).", subject="config.sub"),
    # Some look for everything first, and end with a sentence that names nothing.
    Rule(FindingKind.MISSING_HEADER, "failed to find ", r"^\W*[Ff]ailed to find (?P<subject>[\w/.+-]+\.(?:h|hpp|hh))\b", "Add the package that ships {subject} to `dependencies`, or configure without it.", weight=Weight.WEAK),
    Rule(FindingKind.MISSING_PACKAGE, "configure: ERROR: ", r"^configure: ERROR: (?:[Nn]o|[Cc]annot find|[Mm]issing) (?:the )?(?P<subject>[\w.+-]+)(?: \w+){0,3} (?:found|library|libraries|headers?)\b", _PACKAGE, weight=Weight.WEAK),
    Rule(FindingKind.CONFIGURE_CHECK, "error: ", _CONFIGURE + r"(?P<subject>Aborting configure run|(?:[Rr]equired|[Ss]ome) (?:required )?(?:dependencies|libraries|packages|headers) (?:are|were) (?:missing|not found))", "Read what configure says in the lines above.", weight=Weight.VAGUE),
    Rule(FindingKind.MISSING_PACKAGE, "installation problem", _CONFIGURE + r"(?:[Cc]ould not|[Cc]annot) find (?P<subject>[^\s,]+), .*installation problem", _PACKAGE),
    Rule(FindingKind.MISSING_PACKAGE, "error: ", _CONFIGURE + r"(?=.*\b(?:install|package|librar(?:y|ies)|lib\w+|development|devel|dev)\b)(?:.*?[\s\"'<(])?(?P<subject>[\w/.+-]+\.(?:h|hpp|hh))\b", _PACKAGE),
    Rule(FindingKind.MISSING_HEADER, "error: ", _CONFIGURE + r"(?:.*?[\s\"'<(])?(?P<subject>[\w/.+-]+\.(?:h|hpp|hh))\b.*?(?:not found|missing|not available|required|needed|not usable|not exist|not present|no such|unavailable|is absent)", "Add the package that ships {subject} to `dependencies`, or configure without it."),
    Rule(FindingKind.MISSING_HEADER, "error: ", _CONFIGURE + r".*(?:[Nn]o|[Mm]issing|[Cc]annot find|[Cc]an't find|[Cc]ould not find|[Uu]nable to find|[Nn]eed|[Rr]equires?|[Uu]nable to locate|install) (?:the )?(?:header |file |headers? files? )*[\"'<]?(?P<subject>[\w/.+-]+\.(?:h|hpp|hh))\b", "Add the package that ships {subject} to `dependencies`, or configure without it."),
    Rule(FindingKind.MISSING_LIBRARY, "error: ", _CONFIGURE + r"(?:.*\s)?[\"']?-l(?P<subject>[\w.+-]+)[\"']? .*(?:not found|missing|required|needed|not usable)", "Add the package that ships lib{subject} to `dependencies`."),
    Rule(FindingKind.MISSING_PACKAGE, "error: ", _CONFIGURE + rf"(?:[Tt]he |[Rr]equired |[Ss]ystem )*[\"']?(?P<subject>{_WORD})[\"']?(?: >=? ?[\d.]+)?(?: (?:and|or|/) [\w.+-]+)?(?: development)?(?: (?:library|libraries|headers?|package|module|devel|development|files?|support|lib|version|installation|\S+))? (?:is (?:a must|required|needed) (?:but|and) )?(?:was |were |is |are |could |can |must |must be |has |does )?(?:not (?:be )?(?:found|available|installed|present|detected|usable|exist|located)|missing|required|needed|unavailable|too old|be installed)", _PACKAGE),
    Rule(FindingKind.MISSING_PACKAGE, "error: ", _CONFIGURE + rf".*?(?:[Cc]ould not|[Cc]ouldn't|[Cc]annot|[Cc]an't|[Cc]an not|[Uu]nable to|[Ff]ailed to) (?:find|locate|detect|link with|link against|link to|use) (?:the |a |any |suitable |usable |working |required |library |package |lib |version of |development )*[\"'<]?(?P<subject>{_WORD})", _PACKAGE),
    Rule(FindingKind.MISSING_PACKAGE, "error: ", _CONFIGURE + rf".*?(?:[Rr]equires?|[Yy]ou need|[Yy]ou must install|[Pp]lease install|[Nn]eeds?|[Mm]issing|[Nn]o) (?:the |a |an |to |have |install |installed |library |package |required |suitable |usable |working |development |dependency )*[\"'<]?(?P<subject>{_WORD})[\"'>]?", _PACKAGE),
    Rule(FindingKind.CONFIGURE_CHECK, "error: ", _CONFIGURE + r"(?P<subject>(?!in '|\./configure failed|exit \d)(?:\S.{0,160}?(?=[\"']?\.?$)|\S.{0,160}))", "Look at config.log for what this check tried."),
    Rule(FindingKind.CONFIGURE_CHECK, "config.status: error: ", r"config\.status: error: (?:cannot find input file: '?(?P<subject>[^\s']+)|.*)", "{subject} is not in the tree: run autoreconf -fi.", subject="config.status"),
    Rule(FindingKind.OTHER, "error: ", r"(?:^|\s)(?P<file>[^\s:]+\.(?:ac|in|am|m4)):(?:(?P<line>\d+):)? error: (?P<subject>\S.{0,160})"),
)  # fmt: skip
