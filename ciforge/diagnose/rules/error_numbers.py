"""Rules for any program that ends with an error of the system: `program: path: Permission denied`.

They stand near the end of the tables: rules of the program itself, which know more, come first. They are weak words, for
scripts say them in passing. Wordings: strerror() of glibc 2.41, musl 1.2.5 (src/errno/__strerror.h of bminor/musl),
freebsd/freebsd-src (lib/libc/gen/errlst.c), openbsd/src, NetBSD/src and illumos/illumos-gate (lib/libc/port/gen/errlst.c).
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_PROGRAM = r"^(?!ninja: error: Could not initialize jobserver)(?:/\S*/|\./)?[A-Za-z_][\w.+-]*(?:\[\d+\])?: (?:(?:line )?\d+: |error: |fatal: |fatal error: )*"
_DOES = r"(?:[A-Za-z][\w ()-]*?(?: |: ?|\())?"
_PATH = r"['\"<]?(?P<subject>[^\s:'\"()<>]*[^\s:'\"()<>.,])['\">]?\)?"
_END = r"(?=$|[.,; (])"

_REASONS = (
    (FindingKind.INSTALL_ERROR, "Permission denied", "The user of this step may not write or run {subject}: see who owns it and its folder, and which step or user made it."),
    (FindingKind.INSTALL_ERROR, "Read-only file system", "{subject} is on a file system that cannot be written here: build in a copy, or write into the build folder."),
    (FindingKind.OTHER, "Text file busy", "{subject} is still open for writing, by a parallel job or a program that was just copied: let the rule that runs it depend on the rule that makes it."),
    (FindingKind.OTHER, "Operation not permitted", "A step lacks the right for {subject}, as containers give few: skip it there, or see which capability it needs."),
    (FindingKind.OTHER, "No such file or directory", "{subject} is not there: it is not in the tree, or what should make it did not run before."),
    (FindingKind.OTHER, "Not a directory", "A part of {subject} is a file, not a folder: see which step made it."),
    (FindingKind.OTHER, "Is a directory", "{subject} is a folder where a file is expected: see which step made it."),
    (FindingKind.OTHER, "File exists", "{subject} is already there, from a run before or from another rule: remove it first, or make it only once."),
    (FindingKind.OTHER, "Too many open files", "The limit of open files is too low for this program: close files, or raise the limit with ulimit -n."),
    (FindingKind.OTHER, "File name too long", "The path {subject} is longer than this file system or system call allows: build in a shorter folder. Sockets allow about 100 bytes."),
    (FindingKind.OTHER, "Invalid cross-device link", "{subject} is on another file system than what it is linked to or renamed from: copy it instead."),
    (FindingKind.OTHER, "Address already in use", "Another program, or a test that runs at the same time, has the address {subject}: use a free port for each test."),
    (FindingKind.OTHER, "Function not implemented", "The kernel or emulator that runs this has no such system call: test for it while running, and do without it."),
    (FindingKind.OTHER, "Operation not supported", "This file system or system does not support what is done with {subject}: test for it, and do without it."),
    (FindingKind.OTHER, "Input/output error", "The disk or file system under {subject} failed: run the job on another machine."),
    (FindingKind.OTHER, "Value too large for defined data type", "{subject} has a size or time that 32 bits cannot hold: build with -D_FILE_OFFSET_BITS=64 and -D_TIME_BITS=64."),
)  # fmt: skip

REASONS = {reason: advice for _, reason, advice in _REASONS}
"""What to do about each reason of the system, with `{subject}` for the path."""

RULES = (
    *(
        Rule(kind, reason, _PROGRAM + _DOES + _PATH + ": " + reason + _END, advice, weight=Weight.WEAK,
             example=f"frobgen: cannot open out/table.c: {reason}",
             counterexample=f"# {reason} is what the manual says")
        for kind, reason, advice in _REASONS
    ),
    Rule(FindingKind.OTHER, "Argument list too long", r"^\S+: (?:(?:line )?\d+: )?(?:execvp: |exec: )?\S+: (?P<subject>Argument list too long)$", "A command of the build is longer than this system allows: pass the names through xargs or a file, or in several calls.", weight=Weight.WEAK, lasting=True,
         example="make[1]: execvp: /bin/sh: Argument list too long",
         counterexample="checking whether the argument list is too long... no"),
    Rule(FindingKind.OTHER, "Argument list too long", r"^\S+: \S*: (?P<subject>Argument list too long) ?", "A command of the build is longer than this system allows: pass the names through xargs or a file, or in several calls.", weight=Weight.WEAK, lasting=True,
         example="gmake: exec(/bin/sh): Argument list too long (E2BIG)",
         counterexample="checking whether the argument list is too long... no"),
)  # fmt: skip
