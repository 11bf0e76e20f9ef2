"""install, cp, ln, mkdir, chown and the like: weak words, for scripts say them in passing.

Wordings: real output of coreutils 9.7 in Debian 13, busybox and BSD as their sources have them.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_DO = r"(?:^|[\s/])(?:g?install|cp|ln|mv|mkdir|rm|rmdir|chmod|chown|chgrp|touch|strip|tar|cpio|mkfifo|mknod|setcap|ginstall|bsdinstall|install-sh|rsync|depmod|dirname|cat|tee|sed|awk|patch|ldconfig|msgfmt|gzip|bzip2|xz|unlink|readlink|realpath|stat): "
_WHY = r": (?:Permission denied|No such file or directory|Read-only file system|Operation not permitted|Not a directory|Is a directory|File exists|Directory not empty|Invalid cross-device link|Too many levels of symbolic links|File name too long|Text file busy|Not owner|Device or resource busy|are the same file)"
_WHY_WORDS = (
    "such", "denied", "only", "permitted", "directory", "exists", "empty", "link", "links", "long", "busy",
    "owner", "same", "omitting", "overwrite", "target",
)  # fmt: skip
"""Words of which a line with such a reason has one."""
_USER = "Create {subject} before the installation: name it in `users`."
_RIGHTS = "Install into $(DESTDIR), or as root: {subject} cannot be written."

SECTIONS = (Section("patch", "patching file ", r"^patching file '?(?P<file>[^\s']+)", 40),)

RULES = (
    Rule(FindingKind.OTHER, "", r"^Hunk #\d+ FAILED at ", "The patch was made for another version of the file: make it anew.", inside="patch", weight=Weight.WEAK),
    Rule(FindingKind.OTHER, "", r"^can't find file to patch", "The patch was made for another tree: look at its -p.", inside="patch", weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "invalid ", r"(?:^|[\s/])(?:install|chown|chgrp): invalid (?:user|group|spec): ?'(?P<subject>[^']+)'", _USER, weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "invalid ", r"(?:^|[\s/])(?:install|chown|chgrp): invalid (?:user|group) '(?P<subject>[^']+)'", _USER, weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "unknown ", r"(?:^|[\s/])(?:install|chown|chgrp): (?:unknown (?:user|group)(?:/group)?:? '?)(?P<subject>[\w.:-]+)", _USER, weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, ": illegal ", r"(?:^|[\s/])(?:install|chown|chgrp): (?P<subject>[\w.:-]+): (?:illegal|invalid) (?:user|group) name", _USER, weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "Permission denied", _DO + r"(?:[\w ,-]+?)'(?P<subject>[^']+)'(?: [\w ]+'[^']+')?" + _WHY, _RIGHTS, weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, ": ", _DO + r"(?:can't |couldn't )?[\w ,-]*?'(?P<subject>[^']+)'(?:.*)?" + _WHY, "{subject} is not there, or cannot be written: look at the step that should have made it.", weight=Weight.WEAK, words=_WHY_WORDS),
    Rule(FindingKind.INSTALL_ERROR, ": ", _DO + r"(?:can't|cannot|could not) (?:\w+ ){0,3}'?(?P<subject>[^\s':]+)'?" + _WHY, "{subject} is not there, or cannot be written: look at the step that should have made it.", weight=Weight.WEAK, words=_WHY_WORDS),
    Rule(FindingKind.INSTALL_ERROR, ": ", _DO + r"(?P<subject>[^\s':]+)(?:: ch(?:own|grp|mod|flags)(?:/chgrp)?)?" + _WHY, "{subject} is not there, or cannot be written: look at the step that should have made it.", weight=Weight.WEAK, words=_WHY_WORDS),
    Rule(FindingKind.INSTALL_ERROR, ": ", _DO + r"'(?P<subject>[^']+)' (?:and '[^']+' )?(?:is not a directory|are the same file|is a directory)", "{subject} is something else than the install rule expects.", weight=Weight.WEAK, words=_WHY_WORDS),
    Rule(FindingKind.INSTALL_ERROR, ": ", _DO + r"(?:target|omitting directory|cannot overwrite \S+|will not overwrite just-created)[\w ,-]* ?:? ?'(?P<subject>[^']+)'", "{subject} is something else than the install rule expects.", weight=Weight.WEAK, words=_WHY_WORDS),
    Rule(FindingKind.INSTALL_ERROR, "cannot install '", r"libtool: +(?:install: )?error: cannot install '(?P<subject>[^']+)' to", "Configure with the --prefix that is installed to: libtool has it built in."),
    Rule(FindingKind.INSTALL_ERROR, "does not exist", r"(?:^|/)install-sh: (?P<subject>\S+) does not exist", "{subject} was not built: look at the step that should have made it.", weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "file INSTALL cannot ", r"file INSTALL cannot (?:find|copy file|make directory|set permissions on|create symlink|duplicate)[^\"]*\"(?P<subject>[^\"]+)\"", "{subject} is not there, or cannot be written: look at the step that should have made it."),
    Rule(FindingKind.INSTALL_ERROR, "the format of", r"strip: [Uu]nable to recogni[sz]e the format of (?:the )?(?:input )?file '(?P<subject>[^']+)'", "{subject} is for another machine: use the strip of its toolchain, or install without -s.", weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "format not recognized", r"strip: (?P<subject>[^\s:]+): [Ff]ile format not recognized", "{subject} is no program of this machine: install it without -s.", weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "cannot create ", r"sh: (?:(?:line )?\d+: )?cannot create (?P<subject>[^\s:]+): ", _RIGHTS, weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "no such user", r"(?:^|[\s/])id: '?(?P<subject>[\w.-]+)'?: no such user", _USER, weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "already exists", r"(?:^|[\s/])(?:user|group)add: (?:user|group) '(?P<subject>[^']+)' already exists", "{subject} is there already: ask for it before it is made.", weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "PermissionError: ", r"^PermissionError: \[Errno \d+\] [\w ]+: '(?P<subject>[^']+)'", _RIGHTS, weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "installed (but unpackaged) file", r"^(?:error: )?(?P<subject>Installed \(but unpackaged\) file\(s\) found)", "List the files in the package's description.", weight=Weight.FATAL),
    Rule(FindingKind.INSTALL_ERROR, "missing files", r"^dh_install: error: (?P<subject>missing files), aborting", "List what is installed in debian/*.install as it is now.", weight=Weight.FATAL),
    Rule(FindingKind.INSTALL_ERROR, "but is not installed to anywhere", r"^dh_missing: (?:warning: |error: )?(?P<subject>\S+) exists in \S+ but is not installed to anywhere", "List {subject} in debian/*.install, or in debian/not-installed.", weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "link destination ", r"^dh_link: (?:error: )?link destination (?P<subject>\S+) is a directory", "{subject} is something else than the install rule expects."),
    Rule(FindingKind.EXPECTATION, "symbols or patterns disappeared", r"^dpkg-gensymbols: (?:warning|error): some (?P<subject>symbols or patterns disappeared)", "The library lost symbols that debian/*.symbols promises: look at the difference below.", weight=Weight.WEAK),
    Rule(FindingKind.OTHER, "unable to load addon", r"^dh: (?:error: )?unable to load addon (?P<subject>[^\s:]+)", "Add the package of the debhelper addon {subject} to `dependencies`, or do not ask for it."),
    Rule(FindingKind.OTHER, "dpkg-source: error: ", r"^dpkg-source: error: (?P<subject>\S.{0,160})", "See what dpkg-source says of the tree."),
    Rule(FindingKind.OTHER, ": error: ", r"^dh_\w+: error: (?P<subject>(?!missing files|.* returned exit code)\S.{0,160})", "See what debhelper says.", weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "Cannot find (any matches for)", r"dh_\w+: (?:(?:warning|error): )?Cannot find \(any matches for\) \"(?P<subject>[^\"]+)\"", "{subject} was not installed: the package's list is out of date.", weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "File not found", r"^error: File not found(?: by glob)?: (?P<subject>\S+)", "{subject} was not installed: the package's list is out of date."),
    Rule(FindingKind.INSTALL_ERROR, "File not found", r"^\s+File not found(?: by glob)?: (?P<subject>\S+)", "{subject} was not installed: the package's list is out of date.", weight=Weight.WEAK),
)  # fmt: skip
