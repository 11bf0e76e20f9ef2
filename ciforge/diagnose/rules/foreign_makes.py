"""Rules for makes that are neither GNU's nor a BSD's: of Plan 9, Open Watcom, Microsoft, and the builders xmake and Jam.

Wordings: src/cmd/mk of 9fans/plan9port, bld/wmake of open-watcom/open-watcom-v2, NMAKE's documentation (U1073), jam of boostorg/build.
"""

from ciforge.diagnose.rules.rule import Rule
from ciforge.model.finding import FindingKind

_TARGET = "{subject} is not in the tree and no rule creates it: look for a file that moved, or for another spelling of its name."

RULES = (
    Rule(FindingKind.MAKE_RULE, "don't know how to make '", r"^mk: don't know how to make '(?P<subject>[^']+)'", _TARGET,
         example="mk: don't know how to make 'cc.6' in directory /sys/src/ape/cmd",
         counterexample="make[2]: don't know how to make install/strip. Stop"),
    Rule(FindingKind.MAKE_RULE, "cannot be made from existing files", r"Error\(F38\): \((?P<subject>[^)]+)\) does not exist and cannot be made", _TARGET,
         example="Error(F38): (../../wres/wres.lib) does not exist and cannot be made from existing files",
         counterexample="Error(E02): Make execution terminated"),
    Rule(FindingKind.MAKE_RULE, "how to make", r"fatal error U1073: don't know how to make '(?P<subject>[^']+)'", _TARGET,
         example="NMAKE : fatal error U1073: don't know how to make 'config.h'",
         counterexample="NMAKE : fatal error U1077: 'cl' : return code '0x2'"),
    Rule(FindingKind.MAKE_RULE, "how to make", r"^don't know how to make (?:<[^\s'>]*>)?(?P<subject>[^\s'<>]+)$", _TARGET,
         example="don't know how to make <e>libfrob.a",
         counterexample="make[2]: don't know how to make install/strip. Stop"),
)  # fmt: skip
