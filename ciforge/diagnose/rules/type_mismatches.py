"""Types that do not fit: warnings until gcc 14 and clang 16.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.rule import ERROR, WARNING, Rule
from ciforge.model.finding import FindingKind, Severity

_PROTOTYPE = "Declare the parameters of the function that {file}:{line} calls: in C23, the default of newer compilers, () means that there are none."
_TYPE_WARNINGS = ("Wint", "Wincompatible", "Wreturn", "Wimplicit", "Wdeclaration")
_TYPES = "Make the types agree: newer compilers refuse what older ones warned about."

RULES = (
    Rule(FindingKind.TYPE_CONFLICT, "[-Wimplicit-int]", ERROR + r".*\[-W(?P<subject>implicit-int)\]$", "Write the type at {file}:{line}: since C99 `int` is not assumed, and newer compilers refuse what leaves it out.",
         example="x.c:1:8: error: type defaults to 'int' in declaration of 'x' [-Wimplicit-int]",
         counterexample="x.c:1:8: warning: type defaults to 'int' in declaration of 'x' [-Wimplicit-int]"),
    Rule(FindingKind.TYPE_CONFLICT, "[-W", ERROR + r".*\[-W(?P<subject>int-conversion|incompatible-pointer-types|incompatible-function-pointer-types|return-mismatch|return-type|implicit-int|declaration-missing-parameter-type)\]$", _TYPES, words=_TYPE_WARNINGS,
         example="nomem.c:1:60: error: incompatible integer to pointer conversion initializing 'int *' with an expression of type 'int' [-Wint-conversion]",
         counterexample="tree.c:1111:23: warning: implicit conversion loses integer precision: 'int' to 'char' [-Wimplicit-int-conversion]"),
    Rule(FindingKind.TYPE_CONFLICT, " of '", ERROR + r"(?:passing argument \d+ of|too (?:few|many) arguments (?:to|for) (?:function|method)|incompatible type for argument \d+ of) '(?P<subject>[^']+)'", _TYPES, words=("argument",),
         example="x.c:1:1: error: incompatible type for argument 1 of 'f'",
         counterexample="color.c:178:10: warning: padding size of 'struct (unnamed at color.c:178:10)' with 7 bytes to alignment boundary [-Wpadded]"),
    Rule(FindingKind.TYPE_CONFLICT, "arguments to function '", ERROR + r"too many arguments to function '(?P<subject>[^'(]+)'; expected 0, have ", _PROTOTYPE,
         example="a.c:2:25: error: too many arguments to function 'helper'; expected 0, have 2",
         counterexample="x.c:1:1: error: too few arguments to function call, expected 3, have 2"),
    Rule(FindingKind.TYPE_CONFLICT, "arguments to function '", ERROR + r"too (?:few|many) arguments to function '(?P<subject>[^'(]+)", _TYPES,
         example="x.c:1:1: error: too few arguments to function 'EVP_foo'; expected 3, have 2",
         counterexample="x.c:1:1: error: too few arguments to function call, expected 3, have 2"),
    Rule(FindingKind.TYPE_CONFLICT, "arguments to function call, expected 0", ERROR + r"(?P<subject>too many arguments to function call), expected 0, have ", "Declare the parameters of the function that {file}:{line} calls: in C23, the default of newer compilers, () means that there are none.", then=r"note: '(?P<subject>[^']+)' declared here",
         example="a.c:2:25: error: too many arguments to function call, expected 0, have 2",
         counterexample="a.c:2:25: error: too many arguments to function call, expected 1, have 2"),
    Rule(FindingKind.TYPE_CONFLICT, "arguments to function call", ERROR + r"(?P<subject>too (?:few|many) arguments to function call)", _TYPES, then=r"note: '(?P<subject>[^']+)' declared here",
         example="x.c:1:1: error: too few arguments to function call, expected 3, have 2",
         counterexample="a.c:2:25: error: too many arguments to function 'helper'; expected 0, have 2"),
    Rule(FindingKind.TYPE_CONFLICT, "[-W", WARNING + r".*\[-W(?P<subject>int-conversion|incompatible-pointer-types|incompatible-function-pointer-types|return-mismatch|implicit-int|declaration-missing-parameter-type)\]$", _TYPES,
         severity=Severity.WARNING, words=_TYPE_WARNINGS,
         example="nomem.c:1:64: warning: initialization of 'int *' from 'int' makes pointer from integer without a cast [-Wint-conversion]",
         counterexample="tree.c:1165:38: warning: implicit conversion loses integer precision: 'int' to 'char' [-Wimplicit-int-conversion]"),
    Rule(FindingKind.TYPE_CONFLICT, "no matching ", ERROR + r"no matching (?:member )?(?:function|constructor) for (?:call to|initialization of) '(?P<subject>[^'(]+)", _TYPES,
         example="b.h:4:5: error: no matching function for call to 'bar(int)'",
         counterexample="error: no matching package named `nope-x` found"),
    Rule(FindingKind.TYPE_CONFLICT, "invalid conversion from", ERROR + r"invalid conversion from '(?P<subject>[^']+)'", _TYPES,
         example="x.cc:1:1: error: invalid conversion from 'void*' to 'int'",
         counterexample="  284 | int RSA_private_encrypt(int flen, const unsigned char *from, unsigned char *to,"),
    Rule(FindingKind.TYPE_CONFLICT, "cannot convert", ERROR + r".*cannot convert '(?P<subject>[^']+)'", _TYPES,
         example="x.cc:1:1: error: cannot convert 'foo' to 'bar' in assignment",
         counterexample="checking how to convert x86_64-pc-linux-gnu file names to x86_64-pc-linux-gnu format... func_convert_file_noop"),
    Rule(FindingKind.TYPE_CONFLICT, "incompatible", ERROR + r".*incompatible (?:types?|pointer|integer).*?'(?P<subject>[^']+)'", _TYPES,
         example="x.c:1:1: error: assigning to 'int *' from incompatible type 'struct s'",
         counterexample="/usr/bin/ld: skipping incompatible /usr/lib/libz.so when searching for -lz"),
    Rule(FindingKind.TYPE_CONFLICT, "invalid operands to", ERROR + r"(?P<subject>invalid operands to binary \S+)", _TYPES,
         example="nomem.c:1:93: error: invalid operands to binary + (have 'char *' and 'struct s')",
         counterexample="x.cc:1:1: error: invalid conversion from 'void*' to 'int'"),
)  # fmt: skip
