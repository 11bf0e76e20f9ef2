"""Errors of compilers and assemblers that no other table knows.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.compiler_advice import HEADER, UNDECLARED
from ciforge.diagnose.rules.rule import AT, ERROR, PCC, Rule, Weight
from ciforge.model.finding import FindingKind

_FEATURE = "{subject} needs a feature of the processor that the command does not name: compile this file with its option (-msse4.2, -mavx2, -march=...), and test for it in configure."

RULES = (
    Rule(FindingKind.UNDECLARED, " is undefined", ERROR + r"identifier \"(?P<subject>[^\"]+)\" is undefined", UNDECLARED,
         example='foo.c:12: error: identifier "MSG_NOSIGNAL" is undefined',
         counterexample='"foo.c", line 12: error: identifier "MSG_NOSIGNAL" is undefined'),
    Rule(FindingKind.IMPLICIT_DECLARATION, "declared implicitly", ERROR + r"function \"(?P<subject>[^\"]+)\" (?:was )?declared implicitly", "Include the header that declares {subject}, or check for it in configure and ship a replacement.",
         example='foo.c:4: error: function "pledge" declared implicitly',
         counterexample="impl.c:1:17: error: implicit declaration of function 'foo'"),
    Rule(FindingKind.MISSING_HEADER, "error: ", ERROR + r"(?:cannot|can't|unable to|could not|failed to) (?:open|find|read) (?:source |include |header )*(?:file )?[<\"']?(?P<subject>[\w./+-]+\.(?:h|hh|hpp|hxx|inc))[>\"']?", HEADER,
         example='foo.c:12:10: error: cannot open source file "paths.h"',
         counterexample="foo.c:1:10: fatal error: 'nope/missing.h' file not found"),
    Rule(FindingKind.UNDECLARED, "error: ", ERROR + r"(?:use of )?(?:undeclared|undefined|unknown) (?:identifier|variable|name|symbol):? [\"']?(?P<subject>[A-Za-z_]\w*)[\"']?$", UNDECLARED,
         example="net.c:41:9: error: undeclared identifier: O_EXLOCK",
         counterexample="net.c:41:9: error: undeclared identifier in a place"),
    Rule(FindingKind.UNKNOWN_TYPE, "error: ", ERROR + r"(?:undeclared|undefined|unknown) type(?: name)?:? [\"']?(?P<subject>[A-Za-z_]\w*)[\"']?$", "Include the header that defines {subject} before {file} uses it.",
         example="net.c:41:9: error: undefined type: u_quad_t",
         counterexample="net.c:41:9: error: undefined type of thing"),
    Rule(FindingKind.OTHER, "#error", ERROR + r"#error (?P<subject>.*)", "{file} refuses this system on purpose: see what it requires.",
         example='x.c:3:2: error: #error "This system is not supported"',
         counterexample="[3/9] Compiling C object src/error.c.o"),
    Rule(FindingKind.OTHER, "target specific option mismatch", ERROR + r"inlining failed in call to '?always_inline'? '(?P<subject>\w+)[^']*': target specific option mismatch", _FEATURE,
         example="/usr/lib/gcc/x86_64-linux-gnu/15/include/tmmintrin.h:138:1: error: inlining failed in call to 'always_inline' '_mm_shuffle_epi8': target specific option mismatch",
         counterexample="x.c:3:2: error: inlining failed in call to 'always_inline' 'f': function not inlinable"),
    Rule(FindingKind.OTHER, "target feature", ERROR + r"(?:always_inline function )?'(?P<subject>\w+)' (?:requires|needs) target feature", _FEATURE,
         example="hash.c:30:13: error: always_inline function '_mm_shuffle_epi8' requires target feature 'ssse3', but would be inlined into function 'f' that is compiled without support for 'ssse3'",
         counterexample="x.c:3:2: error: unknown target feature"),
    Rule(FindingKind.REDEFINITION, "duplicate case value", ERROR + r"duplicate case value(?: '(?P<subject>\w+)'|: '\w+' and '(?P<other>\w+)' both equal .*)?$", "Two names have one value on this system: put `#if A != B` around the second case.", subject="{other}", then=r"^\s*\d* ?\|?\s+case (?P<subject>\w+)\s*:", within=1,
         example="net.c:140:17: error: duplicate case value: 'EAGAIN' and 'EWOULDBLOCK' both equal '35'",
         counterexample="net.c:140:17: error: case label does not reduce to an integer constant"),
    Rule(FindingKind.OTHER, "element is not ", ERROR + r"(?P<subject>initializer element is not (?:a compile-time |computable at load time|constant).*)", "C wants a constant at {file}:{line}: stdin, stdout and stderr are none in glibc and others. Set the variable in main().",
         example="log.c:22:20: error: initializer element is not constant",
         counterexample="log.c:22:20: error: element is not there"),
    Rule(FindingKind.OTHER, "are not supported on darwin", ERROR + r"(?P<subject>(?:only weak )?aliases are (?:not )?supported on darwin)", "macOS has no aliases of symbols: write a function that calls the other there.",
         example="compat.c:14:1: error: aliases are not supported on darwin",
         counterexample="compat.c:14:1: error: alias must point to a defined variable or function"),
    Rule(FindingKind.OTHER, "static assertion failed", ERROR + r"(?P<subject>static(?:_assert| assertion) failed.{0,160})", "{file}:{line} checks sizes or values that differ on this system: see which, and make the code right for both.", words=("static",),
         example='x.c:3:2: error: static assertion failed: "time_t has 64 bits"',
         counterexample="x.c:3:2: error: static declaration of 'f' follows non-static declaration"),
    Rule(FindingKind.OTHER, "error: ", ERROR + r"(?P<subject>fields must have a constant size)", "An array in a structure needs a size that is known when compiling: gcc alone takes others, clang does not.",
         example="settings.c:289:8: error: fields must have a constant size: 'variable length array in structure' extension will never be supported",
         counterexample="settings.c:289:8: error: fields must have a size"),
    Rule(FindingKind.OTHER, "error: unknown directive", ERROR + r"(?P<subject>unknown directive)", "The assembler source is written for another format of objects: .type, .size and .hidden are of ELF, so leave them out where __APPLE__ or _WIN32 is defined.", then=r"^\s*(?:\d+ \| *)?(?P<subject>\.[a-z_]+)\b", within=1,
         example="ctx.S:7:1: error: unknown directive",
         counterexample="ctx.S:7:1: error: unknown token in expression"),
    Rule(FindingKind.UNDECLARED, "unrecognized opcode", r"(?:" + AT + r"|\{standard input\}:\d+: )Error: unrecognized opcode:? '(?P<subject>[^\s']+)", "The assembler does not know {subject}: it is for another processor, or for an extension that -march of this command does not name (RISC-V: zicsr, zifencei, a, v).",
         example="sbi_tlb.c:175: Error: unrecognized opcode `fence.i'",
         counterexample="x.s:12: Error: no such instruction: `vfmadd213pd'"),
    Rule(FindingKind.UNDECLARED, "no such instruction", AT + r"Error: no such instruction: '(?P<subject>[^\s']+)", "The assembler does not know {subject}: it is for another processor, or the assembler is too old.",
         example="x.s:12: Error: no such instruction: `vfmadd213pd'",
         counterexample="Program no-such-tool found: NO"),
    Rule(FindingKind.UNDECLARED, "does not support '", AT + r"Error: selected (?:processor|CPU|FPU) does not support (?:\w+ mode )?'(?P<subject>[^\s']+)", "This processor, as -march or -mcpu names it, has no {subject}: name one that has it, and test for that in configure.",
         example="crc.s:71: Error: selected processor does not support `crc32cx w0,w0,x1'",
         counterexample="crc.s:71: Error: unknown mnemonic `foo' -- `foo x0'"),
    Rule(FindingKind.OTHER, "cannot recover from earlier errors", PCC + r"cannot recover from (?P<subject>earlier errors)", weight=Weight.VAGUE,
         example="x.c, line 3: cannot recover from earlier errors: goodbye!",
         counterexample="Leaving directory after 0 errors generated"),
    Rule(FindingKind.OTHER, "error: ISO C90 ", ERROR + r"ISO C90 (?:does not support|forbids|does not allow) (?:the )?(?:'(?P<subject>[^']+)'|(?P<other>[\w ]+?))(?: \[|$| for |,)", "-pedantic-errors or -Werror with -std=c89 refuses what C99 has: build with -std=c99 or newer, or write {file}:{line} as C90 has it.", subject="{other}",
         example="a.c:5:7: error: ISO C90 does not support 'long long' [-Wlong-long]",
         counterexample="a.c:5:19: error: C++ style comments are not allowed in ISO C90"),
)  # fmt: skip
