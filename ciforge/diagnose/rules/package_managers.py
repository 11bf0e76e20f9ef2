"""Package managers, and what fetches: apt, dnf, yum, zypper, pacman, apk, xbps, pkg, curl, git …

Wordings: real output of apt 3.0, dnf 4.23, zypper 1.14 and pacman 7.0 in Debian 13; the others as
their sources have them.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_ABSENT = "{subject} does not exist under this name in this release: correct the dependency for it."
_NET = "A mirror or the network failed: run it once more; nothing is wrong with the source."
_DEPENDS = (
    "{subject} cannot be installed with the rest: look for a package that is held back or gone."
)
_HOST = r"(?P<subject>[A-Za-z0-9.-]+\.[A-Za-z0-9-]+|\[[0-9a-f:]+\]|localhost)"
_URL = rf"\w+://(?:[^\s/@]*@)?{_HOST}(?::\d+)?"

SECTIONS = (
    Section(
        "apk", "select packages:", r"(?:unable to select packages|unsatisfiable constraints):$", 30
    ),
    Section("apk", "unsatisfiable constraints:", r"unsatisfiable constraints:$", 30),
    Section(
        "apt",
        "unmet dependencies",
        r"^The following packages have unmet dependencies:|^Unsatisfied dependencies:",
        30,
    ),
    Section("apt", "Unsatisfied dependencies:", r"^Unsatisfied dependencies:", 30),
)

RULES = (
    # apk
    Rule(FindingKind.DEPS_NOT_FOUND, "(no such package)", r"^\s*(?P<subject>\S+) \(no such package\):?", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "", r"^\s*(?P<subject>[a-z0-9][\w.+-]*?)-\d[\w.]*-r\d+:$", _DEPENDS, inside="apk"),
    Rule(FindingKind.DEPS_NOT_FOUND, "", r"^\s*(?P<subject>\S+) \(missing\):$", _ABSENT, inside="apk"),
    Rule(FindingKind.DEPS_NOT_FOUND, "-r", r"^\s+(?P<subject>[a-z0-9][\w.+-]*?)-\d[\w.]*-r\d+:$", _DEPENDS, weight=Weight.ALONE),
    Rule(FindingKind.DEPS_NOT_FOUND, "to select packages", r"^(?:ERROR: )?(?P<subject>unable to select packages)", _ABSENT, weight=Weight.VAGUE),
    Rule(FindingKind.DEPS_NETWORK, "transient error", r"(?:^|\s)(?:WARNING|ERROR): (?:fetching |updating and opening )?" + _URL + r".*(?:DNS|transient|temporary)", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "://", r"^(?:WARNING|ERROR|fetch)(?: |: )(?:fetching |updating and opening |opening |unable to fetch |Ignoring )*" + _URL + r"\S*: (?:DNS|network|[Tt]emporary|[Nn]o such file|could not connect|[Cc]onnection|TLS|HTTP|remote server|operation timed out|I/O|Permission denied|failed to)", _NET, weight=Weight.WEAK, words=("WARNING", "ERROR", "fetch")),
    Rule(FindingKind.DEPS_NETWORK, "BAD signature", r"(?:^|\s)(?P<subject>\S+): BAD signature", _NET),
    Rule(FindingKind.DEPS_NETWORK, "UNTRUSTED signature", r"(?:^|\s)" + _URL + r".*UNTRUSTED signature", _NET, weight=Weight.WEAK),

    # apt
    Rule(FindingKind.DEPS_NOT_FOUND, "Unable to locate package ", r"(?:^|\s)(?:E|Error): Unable to locate package (?P<subject>\S+)", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "has no installation candidate", r"(?:E|Error): Package '(?P<subject>[^']+)' has no installation candidate", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "Couldn't find any package by", r"(?:E|Error): Couldn't find any package by \w+ '(?P<subject>[^']+)'", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "' was not found", r"(?:E|Error): (?:Version|Release) '[^']*' for '(?P<subject>[^']+)' was not found", "This version of {subject} is not in the archive any more: do not name a version."),
    Rule(FindingKind.DEPS_NOT_FOUND, "Depends: ", r"^\s*\S+ : (?:Pre-)?(?:Build-)?Depends: (?P<subject>[a-z0-9][^\s,(]*)(?: \([^)]*\))? but ", _DEPENDS),
    Rule(FindingKind.DEPS_NOT_FOUND, "Depends: ", r"^\s*(?:builddeps:)?\S+(?: : (?:Pre-)?(?:Build-)?Depends: )(?P<subject>[a-z0-9][^\s,(]*)", _DEPENDS, inside="apt"),
    Rule(FindingKind.DEPS_NOT_FOUND, " but ", r"^\s+(?:(?:Pre-)?Depends: )?(?P<subject>[a-z0-9][^\s,(]*)(?: \([^)]*\))? but it is not (?:going to be installed|installable)", _DEPENDS, inside="apt"),
    Rule(FindingKind.DEPS_NOT_FOUND, "unmet build dependencies", r"nmet build dependencies: (?P<subject>[^\s(:,]+)", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "missing:", r"^(?:sbuild-build-depends\S*|E: \S+) .*missing: (?P<subject>\S+)", _ABSENT, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "Failed to fetch ", r"(?:^|\s)(?:E|Error): Failed to fetch \S+/(?P<subject>[^/_\s]+)_[^/\s]+\.deb\b", _NET),
    Rule(FindingKind.DEPS_NETWORK, "Failed to fetch ", r"(?:^|\s)(?:E|Err\S*|Error): Failed to fetch " + _URL, _NET),
    Rule(FindingKind.DEPS_NETWORK, "Failed to fetch ", r"(?:^|\s)(?:W|Warning): Failed to fetch " + _URL, _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "Some index files failed", r"(?P<subject>Some index files failed to download)", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "Unable to fetch some archives", r"(?:E|Error): (?P<subject>Unable to fetch some archives)", _NET, weight=Weight.VAGUE),
    Rule(FindingKind.DEPS_NETWORK, "Release file", r"(?:E|W|Error): The repository '" + _URL + r".*' (?:does not have|no longer has) a Release file", _NET),
    Rule(FindingKind.DEPS_NETWORK, "release file for ", r"Release file for " + _URL + r"\S* is (?:not valid yet|expired)", _NET),
    Rule(FindingKind.DEPS_NETWORK, "Hash Sum mismatch", r"(?P<subject>Hash Sum mismatch)", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "could not resolve '", r"^\s*(?:Could not resolve|Temporary failure resolving|Something wicked happened resolving) '" + _HOST, _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "resolving '", r"^\s*(?:Temporary failure|Something wicked happened) resolving '" + _HOST, _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "could not connect to ", r"(?:Could|could) not connect to " + _HOST, _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "to connect to ", r"^\s*(?:Unable|Failed) to connect to " + _HOST, _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, " [IP: ", r"(?:^|\s)(?:4\d\d|5\d\d) +[A-Z][\w ]+ \[IP: (?P<subject>[^\s\]]+)", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "Err:", r"^Err:\d+ " + _URL, _NET, weight=Weight.VAGUE),

    # dnf, yum, zypper
    Rule(FindingKind.DEPS_NOT_FOUND, "to find a match: ", r"Unable to find a match: (?P<subject>\S+)", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "No match for argument: ", r"No match for argument: (?P<subject>\S+)", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "No matching package to install: ", r"No matching package to install: '(?P<subject>[^'\s]+)", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "nothing provides ", r"nothing provides '?(?P<subject>[^\s']+)", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "No package ", r"^(?:Error: |error: )?No package (?P<subject>\S+) available", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "is needed by ", r"^\s+(?P<subject>[^\s]+)(?: [<>=]+ \S+)? is needed by \S+", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "cannot be provided", r"Problem: (?:\d+: )?(?:the to be installed |the installed )?\S+ requires '(?P<subject>[^\s']+)[^']*', but this requirement cannot be provided", _DEPENDS),
    Rule(FindingKind.DEPS_NETWORK, "synchronize cache for repo", r"Failed to synchronize cache for repo '(?P<subject>[^']+)'", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NOT_FOUND, "No provider of '", r"No provider of '(?P<subject>[^'\s]+)[^']*' found", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "not found in package names", r"^'(?P<subject>[^']+)' not found in package names", _ABSENT, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "to download metadata for repo", r"(?:Failed to download metadata for repo|Cannot download repomd.xml for repository) '(?P<subject>[^']+)'", _NET),
    Rule(FindingKind.DEPS_NETWORK, "metadata for repo", r"rror(?:s)? during downloading metadata for repository '(?P<subject>[^']+)'", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "Curl error (", r"Curl error \(\d+\): .* for " + _URL, _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "Usable URL not found", r"(?P<subject>Usable URL not found)", _NET, weight=Weight.VAGUE),
    Rule(FindingKind.DEPS_NETWORK, " mirrors were ", r"(?P<subject>[^\s:]+): .*[Aa]ll mirrors were (?:already )?tried", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "cannot retrieve repository metadata", r"Cannot retrieve repository metadata .* for repository: (?P<subject>\S+?)\.?(?: |$)", _NET),
    Rule(FindingKind.DEPS_NETWORK, "a valid baseurl for repo", r"Cannot find a valid baseurl for repo: (?P<subject>\S+)", _NET),
    Rule(FindingKind.DEPS_NETWORK, "no enabled repositories", r"(?P<subject>There are no enabled repositories)", "Give the machine a repository: none is enabled."),
    Rule(FindingKind.DEPS_NETWORK, "metadata", r"^\[(?P<subject>[^|\]]+)\|?[^\]]*\] (?:Failed to retrieve new repository metadata|Valid metadata not found)", _NET),
    Rule(FindingKind.DEPS_NETWORK, "because of the above error", r"Skipping repository '(?P<subject>[^']+)' because of the above error", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "Download (curl) error for", r"Download \(curl\) error for '" + _URL, _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "digest verification failed", r"Digest verification failed for file '(?P<subject>[^']+)'", _NET),

    # pacman, xbps, emerge, the BSDs, brew, nix, opkg
    Rule(FindingKind.DEPS_NOT_FOUND, "target not found: ", r"^error: target not found: (?P<subject>\S+)", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "could not find all required packages", r"^error: (?P<subject>could not find all required packages)", _ABSENT, weight=Weight.VAGUE),
    Rule(FindingKind.DEPS_NOT_FOUND, "unable to satisfy dependency", r"unable to satisfy dependency '(?P<subject>[^']+)'", _ABSENT),
    Rule(FindingKind.DEPS_NETWORK, "failed retrieving file '", r"failed retrieving file '[^']+' from " + _HOST, _NET),
    Rule(FindingKind.DEPS_NETWORK, "failed to synchronize all databases", r"^error: (?P<subject>failed to synchronize all databases)", _NET, weight=Weight.VAGUE),
    Rule(FindingKind.DEPS_NETWORK, ": signature from ", r"^error: (?P<subject>\S+): signature from \".*\" is (?:marginal|unknown|never|invalid)", "The keys of the machine are older than the package: renew the keyring first.", weight=Weight.WEAK),
    Rule(FindingKind.INSTALL_ERROR, "(conflicting files)", r"^error: failed to commit transaction \((?P<subject>conflicting files)\)", "Files of a package are there already, and belong to none: remove them first.", then=r"^\S+: (?P<subject>/\S+) exists in filesystem"),
    Rule(FindingKind.INSTALL_ERROR, "could not create directory", r"^error: could not create directory (?P<subject>[^\s:]+): ", "{subject} is there already, or cannot be written.", weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "failed to fetch file", r"^ERROR: \[reposync\] failed to fetch file '" + _URL, _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "invalid or corrupted package", r"^error: (?:(?P<subject>\S+): signature|failed to commit transaction \((?P<other>invalid or corrupted package))", _NET, subject="{other}", weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NOT_FOUND, "not found in repository pool", r"Package '(?P<subject>[^']+)' not found in repository pool", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "No packages available to install matching", r"No packages available to install matching '(?P<subject>[^']+)'", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "is not available in the repository", r"(?:^|\s)(?P<subject>\S+) is not available in the repository", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "Can't find ", r"^Can't find (?P<subject>[\w.+-]+)$", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "no ebuilds to satisfy", r"there are no ebuilds to satisfy \"(?P<subject>[^\"]+)\"", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "No available formula", r"No available formula (?:or cask )?with the name \"(?P<subject>[^\"]+)\"", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "Unknown package '", r"Unknown package '(?P<subject>[^']+)'", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "undefined variable '", r"error: undefined variable '(?P<subject>[^']+)'", "{subject} does not exist under this name in nixpkgs."),
    Rule(FindingKind.DEPS_NOT_FOUND, "Nothing PROVIDES '", r"Nothing (?:R)?PROVIDES '(?P<subject>[^']+)'", _ABSENT),
    Rule(FindingKind.DEPS_NOT_FOUND, "resolve all dependencies", r"==> ERROR: (?P<subject>Could not resolve all dependencies)", _ABSENT, weight=Weight.VAGUE),
    Rule(FindingKind.DEPS_NETWORK, "Could not fetch", r"^(?:pkgin: )?Could not fetch " + _URL, _NET),
    Rule(FindingKind.DEPS_NETWORK, "repository ", r"^(?:pkg: )?(?:Repository (?P<subject>\S+) (?:cannot be opened|has no meta file)|Unable to update repository (?P<other>\S+))", _NET, subject="{other}", weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "repository catalogue", r"(?:Error|pkg: )\S* ?(?:updating|fetching) (?P<subject>\S+) ?repositor", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "HTTP Error ", r"(?:^|[\s.])(?:HTTPError|URLError)?:? ?(?P<subject>HTTP Error [45]\d\d): ", "The address is wrong, or what was there is gone: correct it.", weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "urlopen error", r"<(?P<subject>urlopen error) .*>", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "gaierror", r"(?P<subject>gaierror)", _NET, weight=Weight.WEAK),

    # What fetches sources
    Rule(FindingKind.DEPS_NETWORK, "could not resolve host", r"[Cc]ould not resolve host:? '?" + _HOST, _NET),
    Rule(FindingKind.DEPS_NETWORK, "Could not resolve hostname", r"Could not resolve hostname " + _HOST, _NET),
    Rule(FindingKind.DEPS_NETWORK, "name resolution", r"(?:'?" + _HOST + r"'?.*)?(?:[Tt]emporary failure in name resolution)", _NET, subject="name resolution", weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "unable to access '", r"fatal: unable to access '" + _URL, _NET),
    Rule(FindingKind.DEPS_NETWORK, "unable to resolve host address", r"unable to resolve host address '" + _HOST, _NET),
    Rule(FindingKind.DEPS_NETWORK, "curl: (", r"curl: \(\d+\) .*?(?:" + _URL + r"|(?:to|host:?|from) " + _HOST.replace("subject", "other") + r")", _NET, subject="{other}"),
    Rule(FindingKind.DEPS_NETWORK, "curl: (", r"curl: \(\d+\) (?P<subject>.*)", _NET),
    Rule(FindingKind.DEPS_NETWORK, "ERROR 4", r"ERROR (?P<subject>4\d\d: .*)", "The address is wrong, or what was there is gone: correct it.", weight=Weight.WEAK, words=("ERROR",)),
    Rule(FindingKind.DEPS_NETWORK, "ERROR 5", r"ERROR (?P<subject>5\d\d: .*)", _NET, weight=Weight.WEAK, words=("ERROR",)),
    Rule(FindingKind.DEPS_NETWORK, "fetch: ", r"^fetch: " + _URL + r"\S*: ", _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "connection ", r"[Cc]onnection (?:timed out|refused|reset by peer).*\b" + _URL, _NET, weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "Could not read from remote repository", r"fatal: (?P<subject>Could not read from remote repository)", _NET),
    Rule(FindingKind.DEPS_NETWORK, "The requested URL returned error", r"(?P<subject>The requested URL returned error: \d+)", "The address is wrong, or what was there is gone: correct it.", weight=Weight.WEAK),
    Rule(FindingKind.DEPS_NETWORK, "Couldn't fetch any of these files", r"make.*Couldn't fetch.*(?P<subject>\S+)", _NET, weight=Weight.WEAK),
    Rule(FindingKind.OTHER, "checksum", r"(?i)(?:checksum|sha\d+|hash) (?:mismatch|verification failed|does not match|did not match)\w*(?: for (?:file )?'?(?P<subject>[^\s':]+))?", "What was fetched is not what was expected: the file changed, or the transfer broke.", subject="checksum", weight=Weight.WEAK),
    Rule(FindingKind.OTHER, "FAILED", r"^(?:(?:sha\w*sum|md5sum): )?(?P<subject>[^\s:]+\.(?:tar|tgz|tar\.\w+|t[gbx]z|zip|gz|xz|bz2|zst|deb|rpm|crate|whl|patch|diff)): FAILED", "What was fetched is not what was expected.", weight=Weight.WEAK),
)  # fmt: skip
