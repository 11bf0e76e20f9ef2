"""Go: packages, modules and builds.

Wordings: real output of go 1.24 in Debian 13, older ones as quoted in commit messages of public
projects.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_GO = r"(?:^|\s)(?:vet: )?(?P<file>[^\s:]+\.go|/tmp/go\S+?):(?P<line>\d+):(?:\d+:)? (?:vet: )?"
_MISSING = "Run go mod tidy, or carry {subject} in vendor/: no module has it."
_OFFLINE = "Fetch {subject} in a step that has the network, or carry it in vendor/."
_VERSION = "go.mod asks for a newer Go than this release has: lower it, or take a newer release."
_BUILD = "Mend {file}:{line}."

SECTIONS = (Section("vendor", "inconsistent vendoring", r"inconsistent vendoring in ", 6),)

RULES = (
    Rule(FindingKind.GO_MODULE, "requires go ", r"(?:^|\s)(?:go: )?(?:module |errors parsing )?(?P<module>\S+?)(?:@\S+)? requires (?P<subject>go) >= ?(?P<version>\S+)", _VERSION),
    Rule(FindingKind.GO_MODULE, "note: module requires Go", r"note: module requires (?P<subject>Go) (?P<version>\S+)", _VERSION),
    Rule(FindingKind.GO_MODULE, "invalid go version", r"(?:^|\s)(?P<file>\S*go\.mod):(?P<line>\d+): (?P<subject>invalid go version) '", _VERSION),
    Rule(FindingKind.GO_MODULE, "unknown directive: ", r"(?:^|\s)(?P<file>\S*go\.(?:mod|work)):(?P<line>\d+): unknown directive: (?P<subject>\S+)", "This Go does not know {subject}: it is too old for this go.mod."),
    Rule(FindingKind.DEPS_NETWORK, "dial tcp", r"(?:^|\s)(?:\S+: )*(?P<subject>[\w.-]+\.[\w/.~-]+)@?\S*: (?:Get|reading|unrecognized import path|invalid version|git).*(?:dial tcp|i/o timeout|TLS handshake|no such host)", "Fetch {subject} in a step that has the network, or carry it in vendor/."),
    Rule(FindingKind.DEPS_NETWORK, "dial tcp", r"\"\w+://(?P<subject>[^/\":]+)\S*\": .*dial tcp", _OFFLINE),
    Rule(FindingKind.GO_MODULE, "parsing go.mod:", r"(?:^|\s)(?P<subject>[\w.-]+\.[\w/.~-]+)@\S+: parsing go\.mod:", "{subject} names itself otherwise in its go.mod: import it under that name, or replace it."),
    Rule(FindingKind.GO_MODULE, "inconsistent vendoring", r"(?P<subject>inconsistent vendoring) in ", "Run go mod vendor and commit what it changes.", then=r"^\s+(?P<subject>\S+?)@\S+: "),
    Rule(FindingKind.GO_MODULE, "cannot find module providing package", rf"{_GO}cannot find module providing package (?P<subject>[^\s:;]+)", _MISSING),
    Rule(FindingKind.GO_MODULE, "cannot find module providing package", r"cannot find module providing package (?P<subject>[^\s:;]+)", _MISSING),
    Rule(FindingKind.GO_MODULE, "no required module provides package", rf"(?:{_GO})?no required module provides package (?P<subject>[^\s:;]+)", _MISSING),
    Rule(FindingKind.GO_MODULE, "missing go.sum entry", r"(?:^|\s)(?P<subject>[\w.-]+\.[\w/.~-]+)@\S+: missing go\.sum entry", "Run go mod tidy and commit go.sum."),
    Rule(FindingKind.GO_MODULE, "missing go.sum entry", rf"(?:{_GO})?.*missing go\.sum entry (?:needed to verify contents of|for module providing package|for go\.mod file)?:? ?(?P<subject>[^\s;:]+)?", "Run go mod tidy and commit go.sum.", subject="go.sum"),
    Rule(FindingKind.GO_MODULE, "checksum mismatch", r"verifying (?P<subject>[^\s@]+)@?\S*: checksum mismatch", "What was fetched is not what go.sum says: clean the cache, or look who moved the tag."),
    Rule(FindingKind.GO_MODULE, "module lookup disabled", r"(?:^|\s)(?:go: )?(?P<subject>[^\s@:]+)@\S+: module lookup disabled", _OFFLINE),
    Rule(FindingKind.GO_MODULE, "updates to go.mod needed", r"(?P<subject>updates to go\.mod needed)", "Run go mod tidy and commit go.mod."),
    Rule(FindingKind.GO_MODULE, "go.mod file not found", r"go: (?P<subject>go\.mod) file not found", "Run go mod init, or build in the folder that has go.mod."),
    Rule(FindingKind.GO_MODULE, "cannot find main module", r"(?P<subject>cannot find main module)", "Run go mod init, or build in the folder that has go.mod."),
    Rule(FindingKind.GO_MODULE, "does not contain main module", r"(?P<subject>main module) or its selected dependencies", "Build in the folder that has go.mod.", weight=Weight.WEAK),
    Rule(FindingKind.GO_MODULE, "unknown revision", r"(?:^|\s)(?P<subject>[\w.-]+\.[\w/.~-]+)@\S+: .*unknown revision", "This version of {subject} does not exist: correct go.mod."),
    Rule(FindingKind.GO_MODULE, "declares its path as", r"(?:^|\s)(?P<subject>[\w.-]+\.[\w/.~-]+)@?\S*: .*declares its path as", "{subject} names itself otherwise in its go.mod."),
    Rule(FindingKind.GO_MODULE, "is not in ", rf"(?:{_GO})?package (?P<subject>\S+) is not in (?:std|GOROOT)", _VERSION),
    Rule(FindingKind.GO_MODULE, "unrecognized import path", r"unrecognized import path \"(?P<subject>[^\"]+)\"", _OFFLINE),
    Rule(FindingKind.GO_MODULE, "go: ", r"^go: (?P<file>\S*go\.mod):(?P<line>\d+): (?P<subject>.*)", "Mend {file}:{line}."),
    Rule(FindingKind.GO_MODULE, "go.", r"^(?:go: )?(?P<file>\S*go\.(?:mod|sum|work)):(?P<line>\d+)(?::\d+)?: (?P<subject>\S.*)", "Mend {file}:{line}."),
    Rule(FindingKind.GO_BUILD, "cannot find package \"", r"cannot find package \"(?P<subject>[^\"]+)\"", "Put the tree where Go looks for {subject}, or give it a go.mod."),
    Rule(FindingKind.GO_BUILD, "undefined: ", _GO + r"undefined: (?P<subject>[^\s(]+)", "{subject} is not defined for this system: look at the build constraints and the Go version."),
    Rule(FindingKind.GO_BUILD, " undefined (", _GO + r"(?P<subject>[^\s(]+) undefined \(", "{subject} is not there in this version of the package."),
    Rule(FindingKind.GO_BUILD, "imported and not used", _GO + r"\"(?P<subject>[^\"]+)\" imported (?:as \S+ )?and not used", "Remove the import of {subject}."),
    Rule(FindingKind.GO_BUILD, "declared and not used", _GO + r"(?:declared and not used: (?P<subject>\w+)|(?P<other>\w+) declared (?:and|but) not used)", "Use the variable, or remove it.", subject="{other}"),
    Rule(FindingKind.GO_BUILD, "declared but not used", _GO + r"(?P<subject>\w+) declared but not used", "Use {subject}, or remove it."),
    Rule(FindingKind.GO_BUILD, "cannot use ", _GO + r"cannot use (?P<subject>.+?) \((?:(?:untyped |type |variable |value |constant )|[^)]*(?:of type|constant|value))", "Convert it, or look which version of the package changed the type."),
    Rule(FindingKind.GO_BUILD, "cannot use ", _GO + r"cannot use (?P<subject>\S+) ", "Convert it, or look which version of the package changed the type."),
    Rule(FindingKind.GO_BUILD, "redeclared in this block", _GO + r"(?:\w+ )?(?P<subject>\S+) redeclared in this block", "Define {subject} once."),
    Rule(FindingKind.GO_BUILD, "build constraints exclude all Go files", r"package (?P<subject>[^\s:]+): build constraints exclude all Go files", "No file of {subject} is for this system."),
    Rule(FindingKind.GO_BUILD, "syntax error", _GO + r"syntax error: (?:unexpected )?(?P<subject>[^,]+?)(?:,| at end|$)", _BUILD),
    Rule(FindingKind.GO_BUILD, "no Go files in", r"no Go files in (?P<subject>\S+)", "Build the folder that has Go files."),
    Rule(FindingKind.GO_BUILD, "import cycle not allowed", r"(?P<subject>import cycle not allowed)", "Break the cycle of imports."),
    Rule(FindingKind.GO_BUILD, "missing return", _GO + r"(?P<subject>missing return)", _BUILD),
    Rule(FindingKind.GO_BUILD, "requires cgo", r"(?P<subject>\S+) requires cgo", "Set CGO_ENABLED=1 and add a C compiler."),
    Rule(FindingKind.GO_BUILD, "C compiler \"", r"cgo: C compiler \"(?P<subject>[^\"]+)\" not found", "Add {subject} to `dependencies`, or set CGO_ENABLED=0."),
    Rule(FindingKind.GO_BUILD, "is not used", _GO + r"(?P<subject>\S.*?) \(.*\) is not used", _BUILD),
    Rule(FindingKind.GO_BUILD, "too many arguments", _GO + r"(?:too many|not enough) arguments in call to (?P<subject>\S+)", "Look which version of the package changed {subject}."),
    Rule(FindingKind.GO_BUILD, "not enough arguments", _GO + r"not enough arguments in call to (?P<subject>\S+)", "Look which version of the package changed {subject}."),
    Rule(FindingKind.GO_BUILD, ".go:", r"^(?:vet: )?(?P<file>[^\s:]+\.go):(?P<line>\d+):\d+: (?!warning|fatal error|error: |undefined reference|multiple definition)(?P<subject>\S.{0,160})", _BUILD, weight=Weight.WEAK),
)  # fmt: skip
