"""What a machine or a person denies: memory, disk, time, network, rights, and compilers that break."""

from ciforge.diagnose.messages.message_rule import MessageRule
from ciforge.model.finding import FindingKind

_MEMORY = "Give the build more memory, or fewer parallel processes."
_DISK = "Free disk space, or give the build more: other failures of this job may be consequences."
_BROKEN = "The compiler itself broke: try another version of it, or less optimization."
_NETWORK = "{subject} cannot be reached, or does not have what is asked for: check the address, then run it again."
_TIME = "Find out what {subject} waits for, or raise the limit."
_RIGHTS = (
    "The user of this step may not do this with {subject}: see who owns it, and which step made it."
)
# Each begins where a word begins and gives nothing back, so that a line full of them takes no longer than others.
_ADDRESS = r"(?<![\w/])(?P<subject>(?:https?|ftp|git|ssh|rsync|file|oci|s3)://(?>[^\s'\"<>),;]*[^\s'\"<>),;:.]))"
_HOST = r"(?<![\w.-])(?P<subject>(?>(?:[\w-]+\.(?=[\w-]))+)(?!(?:so|py|pl|sh|mk|ac|md|rs|go|js|ts|cc|in|am|la|el|gz|xz|tgz|zip|tar|txt|cpp|hpp|toml|json|ya?ml|lock|build|mod|sum|exe|dll|lib|obj|conf|log|file|git)\b)[A-Za-z]{2,}\b(?!/\S*@)|\d{1,3}(?:\.\d{1,3}){3}|localhost)\b"
_PATH = r"(?<![^\s:'\"()<>])(?P<subject>[^\s:'\"()<>/]*+/[^\s:'\"()<>]*+)"
_UNREACHED = (
    r"(?:could ?n[o']t resolve(?! symbol| reference| dep| path| module| import| type)|name or service not known|nodename nor servname|temporary failure in name|no address associated|unknown host|no such host|"
    r"name resolution|connection (?:timed out|refused|reset|closed|aborted|failed)|network is (?:unreachable|down)|no route to host|failed to connect|"
    r"(?:unable|failed) to (?:download|fetch|retrieve|clone|reach|connect)|(?:could ?n[o']t|cannot) (?:download|fetch|retrieve|clone|reach|connect)|download (?:failed|error)|fetch(?:ing)? .*failed|"
    r"(?:http|status|error|code|server)[ :/\w.]* [45]\d\d\b|\b[45]\d\d (?:client|server) error|404 (?:file )?not found|certificate (?:verif|has expired|is not|problem|error)|\b(?:tls|ssl) (?:error|connect|handshake)|handshake fail)"
)

RULES = (
    MessageRule(FindingKind.DISK_FULL, r"(?P<subject>no space left on (?:the )?(?:device|disk|drive)|disk quota exceeded|(?:not enough|insufficient|out of) (?:free )?(?:disk )?space\b|(?:disk|file ?system|volume) (?:is )?full)", _DISK),
    MessageRule(FindingKind.OUT_OF_MEMORY, r"(?P<subject>(?:virtual )?memory (?:is )?exhausted|out of (?:heap |virtual )?memory|cannot allocate memory|(?:not enough|insufficient) memory|(?:java )?heap (?:space|exhausted|overflow)|std::bad_alloc|oom[- ]kill\w*)", _MEMORY),
    MessageRule(FindingKind.INTERNAL_COMPILER_ERROR, r"(?:internal (?:compiler |linker |assembler )?error|compiler (?:itself )?(?:bug|crash(?:ed)?|(?:unexpectedly )?panicked)|^(?:error: )?please (?:report|submit) (?:this as )?(?:a )?(?:full )?bug|(?:front|back) ?end (?:command )?(?:failed|crashed))(?:.*terminated program (?P<subject>[\w.+-]+))?", _BROKEN, subject="{origin}"),
    MessageRule(FindingKind.OUT_OF_MEMORY, r"(?:killed|sigkill|signal 9)\b.*?(?:program|process|command)(?: \d+)?:? ['\"(]*(?P<subject>[A-Za-z][\w.+-]*)", _MEMORY),
    MessageRule(FindingKind.OUT_OF_MEMORY, r"(?:^|[\s/'\"])(?P<subject>[A-Za-z][\w.+-]*)['\"]?:? (?:was |got |has been )?(?:killed|terminated|exited|ended|died)(?: (?:by|with|on|due to))?:? (?:signal:? ?(?:9|kill(?:ed)?|sigkill)|sigkill)\b", _MEMORY),
    MessageRule(FindingKind.OUT_OF_MEMORY, r"\bkilled(?:: 9)?$", _MEMORY, subject="{origin}"),
    MessageRule(FindingKind.DEPS_NETWORK, rf"(?:resolv(?:e|ing)|lookup|unknown|no such|bad|look up) (?:host(?:name)?|address|domain|server)?(?: address)?:? ?{_HOST}", _NETWORK),
    MessageRule(FindingKind.DEPS_NETWORK, rf"{_UNREACHED}.*?{_ADDRESS}", _NETWORK),
    MessageRule(FindingKind.DEPS_NETWORK, rf"{_ADDRESS}.*?(?:{_UNREACHED}|not found|no such|denied|forbidden|timed? ?out|failed|gone)", _NETWORK),
    MessageRule(FindingKind.DEPS_NETWORK, rf"{_UNREACHED}.*?{_HOST}", _NETWORK),
    MessageRule(FindingKind.DEPS_NETWORK, rf"{_HOST}.*{_UNREACHED}", _NETWORK),
    MessageRule(FindingKind.OTHER, r"(?:checksum|sha\d*(?:sum)?|digest|hash|size)(?: \w+)? (?:mismatch(?:es)?|verification failed|(?:does|did|do) not match|differs?|is (?:wrong|invalid)|failed)(?:.*? (?:for|of|in|on) (?:file )?['\"]?(?P<subject>[^\s'\":,]+))?", "The download does not match its checksum: the file changed, or the transfer was interrupted.", subject="checksum"),
    MessageRule(FindingKind.INSTALL_ERROR, rf"{_PATH}['\"]?:? .*?(?:denied|not permitted|read-only|not writable)", _RIGHTS),
    MessageRule(FindingKind.INSTALL_ERROR, r"(?P<subject>[^\s:'\"()<>]+)['\"]?(?:: | \(|, )?(?:access |permission )(?:is )?denied", _RIGHTS),
    MessageRule(FindingKind.INSTALL_ERROR, r"(?:permission denied|not writable|access (?:is )?denied|read-only file ?system|not permitted|(?:unknown|invalid|illegal|no such) (?:user|group)(?: name)?)(?:[:,]? ['\"]?(?P<subject>[\w./-]+))?", _RIGHTS),
    MessageRule(FindingKind.OTHER, r"(?P<subject>[\w./+-]+): (?:cannot execute(?: binary file)?|exec format error)", "{subject} is a program for another processor or system, or damaged: build it for this one, or do not run it."),
    MessageRule(FindingKind.TIMEOUT, r"'(?P<subject>[^']+)'(?: has| was)? (?:timed[ -]out|exceeded (?:the |its )?(?:time|timeout))", _TIME),
    MessageRule(FindingKind.TIMEOUT, r"(?P<subject>[\w./:-]+) (?:has |was )?(?:timed[ -]out|exceeded (?:the |its )?(?:time|timeout))", _TIME),
    MessageRule(FindingKind.TIMEOUT, r"(?:timed[ -]out|time ?limit (?:of \S+ )?exceeded|timeout (?:of \S+ )?(?:exceeded|expired|reached))", _TIME),
)  # fmt: skip
