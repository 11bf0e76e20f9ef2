"""Rules for generators in Perl and awk: versions, functions and syntax that the program of this system lacks.

Wordings: pod/perldiag.pod of Perl/perl5, lib.c and run.c of onetrueawk/awk, scan.c and parse.y of mawk 1.3.4, editors/awk.c of
busybox 1.37, awkgram.y of gawk 5.3.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_GNU = "{subject} is of gawk alone: call gawk by name and add it to `dependencies`, or write what POSIX awk has."

RULES = (
    Rule(FindingKind.OTHER, "required--this is only", r"^(?P<subject>Perl|[\w:]+)(?: version)? v?(?P<wanted>[\d._]+) required--this is only (?:version )?v?(?P<here>[\d._]+)", "{subject} is {here} here, and {wanted} is required: lower the version in the script if it can, or leave this release out.",
         example="Perl v5.36.0 required--this is only v5.32.1, stopped at gen.pl line 3.",
         counterexample="Perl v5.36.0 is required"),
    Rule(FindingKind.INSTALL_ERROR, "Errno::", r"(?:^|\s)Errno::(?:ENOENT|EACCES|ENOTDIR|EROFS): [A-Z][\w -]*?(?: @ \w+)? - (?P<subject>\S+)$", "A Ruby program of the build ended with this error: {subject} is not there or may not be used; see the step that should make it.", weight=Weight.WEAK, words=("Errno",),
         example="Errno::ENOENT: No such file or directory @ rb_sysopen - build/frob.conf",
         counterexample="rescue Errno::ENOENT"),
    Rule(FindingKind.MISSING_TOOL, "ENOENT", r"Error: spawn (?P<subject>\S+) ENOENT", "A program of Node.js cannot start {subject}: it is not there, or its loader is not (a program for glibc on musl): add its package, or set PATH.",
         example="Error: spawn /opt/python/bin/pip ENOENT",
         counterexample="Error: ENOENT: no such file or directory, open 'x'"),
    Rule(FindingKind.INSTALL_ERROR, "error ", r"(?:^|\s)error (?:renaming|copying|deleting|creating directory|setting \w+ of) \"(?P<subject>[^\"]+)\"(?: to \"[^\"]+\")?: (?:no such file or directory|permission denied|file already exists|not owner|file exists|directory not empty)", "A Tcl program of the build (a Portfile of MacPorts) ended with this error: see what should make {subject}, and who owns its folder.", weight=Weight.WEAK, words=("renaming", "copying", "deleting", "creating", "setting"),
         example='Error: Failed to destroot frob: error renaming "/opt/work/destroot/tests": no such file or directory',
         counterexample="error copying the tree"),
    Rule(FindingKind.OTHER, "BEGIN failed--compilation aborted", r"^(?P<subject>BEGIN failed--compilation aborted)", "See the line above.", weight=Weight.VAGUE,
         example="BEGIN failed--compilation aborted at gen.pl line 3.",
         counterexample="compilation aborted"),
    Rule(FindingKind.SYNTAX_ERROR, "requires explicit package name", r"^Global symbol \"(?P<subject>[^\"]+)\" requires explicit package name .*at (?P<file>\S+) line (?P<line>\d+)", "Declare {subject} with my at {file}:{line}.",
         example='Global symbol "$x" requires explicit package name (did you forget to declare "my $x"?) at gen.pl line 4.',
         counterexample="requires explicit package name"),
    Rule(FindingKind.OTHER, "Undefined subroutine", r"^Undefined subroutine &?(?P<subject>\S+) called at (?P<file>\S+) line (?P<line>\d+)", "This Perl or its module has no {subject}: see which version has it.",
         example="Undefined subroutine &main::frob called at gen.pl line 4.",
         counterexample="Undefined subroutine"),
    Rule(FindingKind.OTHER, "locate object method", r"^Can't locate object method \"(?P<subject>[^\"]+)\" via package \"[^\"]+\".* at (?P<file>\S+) line (?P<line>\d+)", "This version of the Perl module has no {subject}: see which version has it.",
         example='Can\'t locate object method "frob" via package "Frob" at gen.pl line 4.',
         counterexample="locate object method"),
    Rule(FindingKind.OTHER, " never defined", r"^(?:\S*/)?[mnog]?awk: (?:\S+: )*(?:line \d+: )?function (?P<subject>\w+) never defined", _GNU, weight=Weight.WEAK,
         example="mawk: line 2: function gensub never defined",
         counterexample="function never defined"),
    Rule(FindingKind.OTHER, "Call to undefined function", r"^awk: .*(?P<subject>Call to undefined function)", "The script calls a function of gawk: call gawk by name and add it to `dependencies`, or write what POSIX awk has.", weight=Weight.WEAK,
         example="awk: cmd. line:1: Call to undefined function",
         counterexample="awk: calling undefined function my_own"),
    Rule(FindingKind.MISSING_PACKAGE, "not found", r"^(?:\S*/)?(?:lua|luac|luajit|texlua)[\d.-]*: (?P<file>[^\s:]+):(?P<line>\d+): module '(?P<subject>[^']+)' not found", "Add the package with the module {subject} of Lua to `dependencies`: each version of Lua has its own.",
         example="lua5.4: gen.lua:1: module 'lpeg' not found:",
         counterexample="lua5.4: cannot open gen.lua"),
    Rule(FindingKind.SYNTAX_ERROR, " near ", r"^(?:\S*/)?(?:lua|luac|luajit|texlua)[\d.-]*: (?P<file>[^\s:]+):(?P<line>\d+): .* near '?(?P<subject>[^']+?)'?$", "Fix {file}:{line}: this version of Lua does not read it.", weight=Weight.WEAK, words=("near",),
         example="lua5.4: gen.lua:3: '}' expected (to close '{' at line 1) near 'print'",
         counterexample="lua5.4: gen.lua:3: attempt to call a nil value (global 'frob')"),
    Rule(FindingKind.UNDECLARED, "no such variable", r"^can't read \"(?P<subject>[^\"]+)\": no such variable$", "The script reads {subject}, which is not set there: see the lines below for its place.", weight=Weight.WEAK, then=r"^\s+\(file \"(?P<file>[^\"]+)\" line (?P<line>\d+)\)", within=12,
         example='can\'t read "nope": no such variable',
         counterexample="no such variable"),
    Rule(FindingKind.OTHER, "invalid command name", r"^invalid command name \"(?P<subject>[^\"]+)\"$", "This Tcl has no command {subject}: load the package that has it, or see which version does.", weight=Weight.WEAK, then=r"^\s+\(file \"(?P<file>[^\"]+)\" line (?P<line>\d+)\)", within=12,
         example='invalid command name "frob"',
         counterexample="invalid command name"),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error", r"^(?:(?P<file>[\w./-]+)|\(standard_in\)) (?P<line>\d+): (?P<subject>syntax error)", "This bc does not read the program: keep to what POSIX says about bc.", weight=Weight.WEAK,
         example="calc.bc 1: syntax error",
         counterexample="calc.bc: syntax error"),
)  # fmt: skip
