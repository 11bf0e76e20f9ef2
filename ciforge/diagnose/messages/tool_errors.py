"""What a build misses or does not understand: tools, packages, targets, options, files; and tests that fail."""

from ciforge.diagnose.messages.message_rule import (
    CANNOT,
    DASHED,
    GONE,
    ITSELF,
    OPTION_WORD,
    PRODUCT,
    VERSION,
    MessageRule,
)
from ciforge.model.finding import FindingKind

_OPTION = "This tool does not know {subject}: test for it before using it."
_RULE = "{subject} is not in the tree and no rule creates it: look for a file that moved, or for another spelling of its name."
_TOOL = "Add the package that ships {subject} to `dependencies`, or correct its name."
_PACKAGE = "Add the package that ships {subject} to `dependencies`, or configure without it."
_NOT_THERE = "No source of packages has {subject}: correct its name or version, or add the repository that has it."
_NEWER = "Another version of {subject} is required: take one that fits, or lower the requirement."
_RIGHTS = "See who owns {subject} and its folder, and which step made it."
_TEST = "Run {subject} alone and read its output."
_FILE = "{subject} is not there: it is not in the tree, or what should make it did not run before."
_WRONG = r"(?:unknown|unrecogni[sz]ed|unrecogni[sz]able|invalid|illegal|unsupported|bad|undefined|unexpected|ambiguous|no such|not a valid|do(?:es)? not (?:know|recogni[sz]e|support|accept)(?: the)?|is not a|unhandled)"
_PACKAGE_WORD = r"(?:packages?|modules?|dependenc(?:y|ies)|requirements?|components?|distributions?|gems?|crates?|plugins?|prerequisites?)"
_SUPPLY = r"(?:recipes?|formulae?|ports?|attributes?|providers?|targets?|archives?|derivations?)"
_TOOL_WORD = r"(?:programs?|commands?|executables?|tools?|utilit(?:y|ies)|compilers?|interpreters?|binar(?:y|ies)|assemblers?|linkers?|archivers?)"
_WORD = r"['\"<(]*(?P<subject>[@\w][\w./+@:~-]*[\w+])['\">)]*"
_BEYOND = rf"(?:>=?|=>|at least|(?:version )?{VERSION},? (?:or|and) (?:later|newer|higher|above|greater|up)|version ['\"]?[<>=^~]*{VERSION})"

TARGETS = (
    MessageRule(FindingKind.MAKE_RULE, r"no (?:\w+ ){0,2}(?:for|found (?:for|when resolving)|(?:builds|makes|matches)|matching|named)(?: the)? (?:target|goal|label):? ['\"<(]*(?P<subject>[^\s'\">),;]*[^\s'\">),;.:])", _RULE),
    MessageRule(FindingKind.MAKE_RULE, r"(?:not (?:created|made|built|produced) by any|no (?:rule|action|step|target|task) (?:makes|creates|produces|builds)) ?\w*:? ?['\"]?(?P<subject>[^\s'\"]+)", _RULE),
    MessageRule(FindingKind.MAKE_RULE, r"(?:no (?:build )?(?:rules?|recipe|step|action|way|commands?) (?:to (?:make|build|create|produce|update)|for|makes|produces|builds|found for)|(?:don't|do not) know how to (?:make|build|create))(?: (?:target|rule|named|matching))?:? ['\"<(]*(?P<subject>[^\s'\">),;]*[^\s'\">),;.:])", _RULE),
    MessageRule(FindingKind.MAKE_RULE, rf"{_WORD},? (?:not found|missing|does not exist|{GONE}),? .*?needed by", _RULE),
    MessageRule(FindingKind.MAKE_RULE, rf"{_WORD},? needed by .*?,? (?:not found|missing|does not exist|{GONE}|no rule|no known)", _RULE),
)  # fmt: skip
"""Words that mean the same whatever the target is: they come before all others."""
RULES = (
    # options
    MessageRule(FindingKind.CONFIGURE_CHECK, rf"(?:can(?: ?no|')t|could ?n[o']t|must not|may not|do not) (?:use|specify|combine|accept|mix|give|pass|set)(?: the| both)? (?:options? )?{DASHED}", "The arguments of the tool do not fit {subject}: see how it is called."),
    MessageRule(FindingKind.CONFIGURE_CHECK, rf"(?:options? )?{DASHED}['\"]? (?:requires|needs|expects|takes|is missing|was given)(?: an?| no)? (?:argument|value|parameter)|(?:missing|no) (?:argument|value|parameter)s? (?:for|to|of|after)(?: option)? {DASHED.replace('subject', 'other')}", "The arguments of the tool do not fit {subject}: see how it is called.", subject="{other}"),
    MessageRule(FindingKind.CONFIGURE_CHECK, rf"{_WRONG} {OPTION_WORD}(?: (?:specified|given|found))?(?: --)?:? ?{DASHED}", _OPTION),
    MessageRule(FindingKind.CONFIGURE_CHECK, rf"{_WRONG} {OPTION_WORD}(?: character)?:?(?: --| -)?:? ?['\"]?(?P<letter>[A-Za-z0-9])['\"]?(?=$|[\s,.;)])", _OPTION, subject="-{letter}"),
    MessageRule(FindingKind.CONFIGURE_CHECK, rf"(?:{OPTION_WORD}:? )?{DASHED}\S*:? (?:is |was )?(?:an? )?(?:{_WRONG}|not (?:recogni[sz]ed|supported|known|allowed|valid|implemented))", _OPTION),
    MessageRule(FindingKind.CONFIGURE_CHECK, rf"{_WRONG} (?:\w+ )?(?:{OPTION_WORD}|{OPTION_WORD} name|build type|target triple|architecture|cpu|platform|configuration|setting|value)s?:? ?{_WORD}", _OPTION),
    # targets
    MessageRule(FindingKind.MAKE_RULE, r"(?:(?:unknown|undefined|no such|nonexistent|cannot find|could not find|no) (?:build |make )?(?:target|goal|task|rule)s?)(?: (?:target|rule|named|matching))?:? ?['\"<(]*(?P<subject>[^\s'\">):,;]+[^\s'\">):,;.])", _RULE),
    MessageRule(FindingKind.MAKE_RULE, rf"(?:target|goal|task|rule)s?:? {_WORD}:? (?:{GONE}|(?:is |was )?(?:not|un)[ -]?(?:known|defined|declared)|missing and no|cannot be (?:made|built)|has no rule).*", _RULE),
    MessageRule(FindingKind.DEPS_NOT_FOUND, rf"(?:no (?:package|recipe|formula|port|spec)s? (?:matches|matching|named|called|with (?:the )?name|found for)|(?:different|another|conflicting|incompatible) version of(?: package)?) {_WORD}", _NOT_THERE),
    MessageRule(FindingKind.DEPS_NOT_FOUND, r"(?:package|dependency|version) conflict|conflicting (?:packages?|requests?|dependenc\w+|requirements?)|conflicts? (?:in|between|with)\b", _NOT_THERE),
    MessageRule(FindingKind.INSTALL_ERROR, rf"(?:file|path|script|template|directory|folder|module)s? ['\"](?P<subject>[^'\"\s]+)['\"],? (?:which |that )?(?:{GONE}|{CANNOT}|cannot be (?:read|opened|found|loaded))", _FILE),
    MessageRule(FindingKind.INSTALL_ERROR, r"(?:import|include|load|open|read)(?:ing)?(?: of)?(?: file)? failed(?: for)?:? ['\"]?(?P<subject>[\w./+@~-]*[\w])", _FILE),
    # package managers, and what configure scripts require
    MessageRule(FindingKind.MISSING_PACKAGE, r"(?:requirements?|dependenc(?:y|ies)|prerequisites?) \(?['\"]?(?P<subject>[A-Za-z][\w+.-]*)[^)]*?\)?:? (?:was |were |is |are )?(?:not|un)[ -]?(?:met|satisfied|fulfilled|found|available)", _PACKAGE),
    MessageRule(FindingKind.MISSING_PACKAGE, r"no (?:\w+ )*module (?:provides|contains) (?:package )?['\"]?(?P<subject>[\w./@-]+\w)", _PACKAGE),
    MessageRule(FindingKind.DEPS_NOT_FOUND, rf"(?:missing|no|absent) (?:\w+ )?(?:package|recipe|binary)s? (?:for|matching) ['\"]?{_WORD.replace('subject', 'fifth')}|{_WORD} \(no such package\)|(?:target|package|recipe|formula|spec|port) not found: {_WORD.replace('subject', 'other')}|(?:unknown|no such|no available) (?:package|recipe|formula|spec|port)(?: with the name)?:? {_WORD.replace('subject', 'third')}|{_WORD.replace('subject', 'fourth')}: (?:unknown|no such) (?:package|recipe|formula|spec|port)", _NOT_THERE, subject="{other}{third}{fourth}{fifth}"),
    MessageRule(FindingKind.DEPS_NOT_FOUND, rf"{_WORD} (?:is|was) not (?:available|found|in) (?:in )?(?:the |any )?(?:\w+ )?(?:repositor|repo|channel|index|registr|remote|feed|catalog|database|collection)", _NOT_THERE),
    MessageRule(FindingKind.DEPS_NOT_FOUND, r"(?:matching|satisf(?:y|ies) (?:the )?requirement|provid(?:e|es|ing)|satisfy(?: dependency)?) ['\"]?(?P<subject>[A-Za-z][\w./+:@~>=<-]*\w)['\"]?.*|no (?:\w+ )?(?:pkg|package|version|candidate)s? (?:found|available)? ?(?:for|to install)? ?(?:matching )?['\"](?P<other>[^'\"]+)['\"]", _NOT_THERE, subject="{other}"),
    MessageRule(FindingKind.DEPS_NOT_FOUND, rf"^(?:- |Problem: \d+: )?{_WORD}(?: [<>=]+ ?{VERSION})? is needed by|nothing provides ['\"]?{_WORD.replace('subject', 'other')}|no provider of ['\"]?{_WORD.replace('subject', 'third')}", _NOT_THERE, subject="{other}{third}"),
    MessageRule(FindingKind.DEPS_NOT_FOUND, rf"(?:package|port|recipe|formula)s? {_WORD} (?:was |is )?not found in|(?:unable|failed) to satisfy (?:dependency )?['\"]?{_WORD.replace('subject', 'other')}", _NOT_THERE, subject="{other}"),
    MessageRule(FindingKind.DEPS_NOT_FOUND, rf"\b(?:depends|requires?|conflicts?)(?: on| with)?:? {_WORD}.*\bbut\b", _NOT_THERE),
    # versions
    MessageRule(FindingKind.MISSING_PACKAGE, rf"(?:requires?|need(?:s|ed)?|want(?:s|ed)?|must (?:have|use|be using)|expect(?:s|ed)?)(?: (?:an?|the|to have|GNU))? {PRODUCT}(?: version)? ?[(\[]?{_BEYOND}", _NEWER),
    MessageRule(FindingKind.MISSING_PACKAGE, rf"{PRODUCT}(?: version)? ?[(\[]?{_BEYOND}[)\]]?,? (?:is |are )?(?:required|needed|necessary|wanted)", _NEWER),
    MessageRule(FindingKind.MISSING_PACKAGE, rf"{PRODUCT}(?: version)?(?: {VERSION})? (?:is |was )?(?:too (?:old|new)|out of date|outdated|not supported|unsupported|incompatible)", _NEWER),
    MessageRule(FindingKind.MISSING_PACKAGE, rf"(?:unsupported|incompatible|wrong|obsolete|old|invalid) version(?: of)? {PRODUCT}", _NEWER),
    # package managers
    MessageRule(FindingKind.DEPS_NOT_FOUND, rf"(?:nothing provides|no (?:matching|available|candidate)s? (?:for|found for|package for|version of)|no (?:provider|candidate|match(?:es)?|version)s?(?: found)? (?:of|for)|unsatisfi(?:able|ed)(?: \w+)?|(?:unable to|cannot|could not|failed to) (?:satisfy|resolve|locate|select|install)|unmet)(?: (?:the )?(?:argument|dependenc(?:y|ies)|packages?|requirements?|constraints?|specs?))*:? {_WORD}", _NOT_THERE),
    MessageRule(FindingKind.DEPS_NOT_FOUND, rf"(?:{CANNOT}|unknown|no such|no|invalid|undefined) (?:(?:a|any|the|matching|suitable) )*(?:{_SUPPLY}|package)(?: (?:named|called|for|with name|matching|by the name))?:? {_WORD}", _NOT_THERE),
    MessageRule(FindingKind.DEPS_NOT_FOUND, rf"(?:{_SUPPLY}|package|version):? {_WORD}(?: version \S+)?(?: \S+)?:? (?:{GONE}|(?:not|un)[ -]?(?:known|resolved|satisfied)).*?(?:in|from|by) (?:the |any |your )?\S*(?:repositor|repo|mirror|channel|index|registr|archive|remote|overlay|feed|catalog|database|collection)", _NOT_THERE),
    MessageRule(FindingKind.MISSING_PACKAGE, rf"(?:^|\s)['\"]?(?P<subject>lib[a-z][\w+.-]*)['\"]?(?: [<>=]+ ?{VERSION})?(?: is| was| development files| library)? (?:not found|not available|missing|(?:is )?needed|(?:is )?required)", _PACKAGE),
    # packages
    MessageRule(FindingKind.MISSING_PACKAGE, rf"(?:{CANNOT}|no|missing|unknown|unmet|unresolved)(?: (?:a|any|the|required|build|python|perl|lua|native|runtime|pkg-?config|cmake|external|import(?:ed)?))* {_PACKAGE_WORD}(?: (?:named|called|for|configuration file provided by))?:? {_WORD}", _PACKAGE),
    MessageRule(FindingKind.MISSING_PACKAGE, rf"(?:{_PACKAGE_WORD})(?: (?:named|called))?:? {_WORD}(?:[ (]+(?:>=?|=|<)?[^a-z]{{0,30}})?,? ?(?:required|needed)?.*?(?:{GONE}|{CANNOT}|is required|is needed)", _PACKAGE),
    MessageRule(FindingKind.MISSING_PACKAGE, rf"{_WORD} (?:development )?(?:librar(?:y|ies)|package|module|headers?|development files)(?: (?:and|or) headers?)? (?:{GONE}|(?:is|are) (?:required|needed))", _PACKAGE),
    # tools
    MessageRule(FindingKind.MISSING_TOOL, r"\bno (?:acceptable |working |usable |suitable |supported |appropriate )?['\"]?(?P<subject>(?:C |C\+\+ |Fortran )?(?:compiler|linker|assembler)|[\w.+-]+)['\"]? (?:program )?(?:was |could be )?found(?: in (?:the |your )?\$?path|$)", _TOOL),
    MessageRule(FindingKind.MISSING_TOOL, rf"{CANNOT} (?:the |an? |any )?(?:\w+ )?['\"]?(?P<subject>[\w./+-]+)['\"]? (?:binary|program|executable|command|tool|utility|compiler)\b", _TOOL),
    MessageRule(FindingKind.MISSING_TOOL, rf"{CANNOT} (?:an? |any |the )?(?:\w+ )?(?P<subject>toolchain|(?:C |C\+\+ |C/C\+\+ )?compiler|assembler|linker|interpreter)\b(?! (?:option|flag|file|error))", _TOOL),
    MessageRule(FindingKind.MISSING_TOOL, r"^(?:program|command|executable|file) (?:is )?not found(?: or|$)", _TOOL, subject="{program}"),
    MessageRule(FindingKind.MISSING_TOOL, r"(?:can(?: ?no|')t|could ?n[o']t|unable to|failed to|failure to|error) (?:run|exec|spawn|start|launch|invoke|popen)\w*[ (:]+['\"]?(?P<subject>[\w./+-]*\w).*?(?:no such file|not found|enoent|os error 2|cannot find)", _TOOL),
    MessageRule(FindingKind.MISSING_TOOL, rf"(?:{CANNOT}|no|missing|failed to (?:run|execute|spawn|exec|start|launch|invoke)|(?:cannot|could not|couldn't|unable to) (?:run|execute|spawn|exec|start|launch|invoke))(?: (?:an?|any|the|required|suitable|working|usable|valid))*(?: {_TOOL_WORD})+(?: (?:named|called|for))?:? {_WORD}", _TOOL),
    MessageRule(FindingKind.MISSING_TOOL, rf"(?:failed to|cannot|can't|could not|couldn't|unable to|error) (?:run|execut(?:e|ing)|spawn(?:ing)?|exec|start|launch|invok(?:e|ing)|popen):? (?:process |child |subprocess )?{_WORD}.*?(?:{GONE}|os error 2|ENOENT)", _TOOL),
    MessageRule(FindingKind.MISSING_TOOL, rf"(?:{_TOOL_WORD}):? {_WORD}:? .*?(?:{GONE}|{CANNOT}|not recognized)", _TOOL),
    MessageRule(FindingKind.MISSING_TOOL, rf"{_WORD}: (?:command )?not found$", _TOOL),
    MessageRule(FindingKind.MISSING_TOOL, rf"{_WORD} (?:(?:is|was) not (?:installed|found|recognized|available)|not (?:installed|found|available)|not on|is not (?:in|on))(?: (?:in|on|as|from) .*?(?:path|command|program))", _TOOL),
    MessageRule(FindingKind.MISSING_TOOL, rf"(?:please )?install {PRODUCT} (?:first|before|and|to|or)\b|is {ITSELF.replace('subject', 'other')} installed\?", _TOOL, subject="{other}"),
    # tests
    MessageRule(FindingKind.TEST_FAILURE, r"^(?:test|check|spec|case|suite)s?:? ['\"]?(?P<subject>[^'\"]{1,100}?)['\"]?(?:\s*\.{2,}|:| -)?\s*(?:has |have |did )?(?:failed|fail|not ok|FAILED|crashed|errored)\b", _TEST),
    MessageRule(FindingKind.TEST_FAILURE, r"^not ok(?: \d+)?(?: -)?:? (?P<subject>\S.{0,100}?)(?: #.*)?$", _TEST),
    MessageRule(FindingKind.TEST_FAILURE, r"^\[ *(?:FAIL(?:ED|URE)?|ERROR|!!) *\]:? +(?:\d+ - )?(?P<subject>[\w./:-]*\w)", _TEST),
    MessageRule(FindingKind.TIMEOUT, r"^(?:\d+/\d+ )?(?:Test +#?\d+: )?(?P<subject>[\w./:-]+)[ .]+\**TIME(?:D )?OUT\b", "Run {subject} alone: it waits for something, or this machine is slower than its limit allows."),
    MessageRule(FindingKind.TEST_FAILURE, r"^(?:\d+/\d+ )?(?:Test +#?\d+: )?(?P<subject>[\w./:-]+)(?:[ .]{2,}|[ .]*\*\*\*|[ .]+(?=(?-i:FAIL|ERROR)))\**(?:[A-Z][a-z]+ ?(?:error)?\*\*\*)?(?:fail(?:ed|ure)?(?!:)|error(?!:)|exception(?!:)|segfault|not run|aborted|crash(?:ed)?)\b", _TEST),
    MessageRule(FindingKind.TEST_FAILURE, r"^(?:-+ )?FAIL(?:ED|URE)?:? (?P<subject>[\w./:-]*[\w)])(?: \(.*\)| \d.*)?$", _TEST),
    MessageRule(FindingKind.TEST_FAILURE, r"(?P<subject>(?:(?:heap|stack|global|container|dynamic-stack)-)?(?:buffer-(?:over|under)flow|use-after-(?:free|return|scope|poison))|double[ -]free|data race|(?:detected )?memory leaks?|use-of-uninitialized-value|invalid (?:read|write) of size \d+|(?:signed |unsigned )?integer overflow|stack smashing detected|heap corruption)", "The tested program has a bug: the stack trace shows where."),
    MessageRule(FindingKind.TEST_FAILURE, r"assert(?:ion)?\b.*failed.*\bfunction ['\"]?(?P<subject>\w+)", _TEST),
    MessageRule(FindingKind.TEST_FAILURE, r"assert(?:ion)?\b.*failed", _TEST, subject="{program}", vague=True),
    MessageRule(FindingKind.TEST_FAILURE, r"^(?P<file>[^\s:]+\.\w+):\d+:(?P<subject>\w+):FAIL\b", _TEST),
    MessageRule(FindingKind.TEST_FAILURE, r"^(?:\.*F?\.*)?FAIL(?:ED)?:? (?P<subject>[\w./:-]*[\w)])(?::| -| in\b)", _TEST),
    MessageRule(FindingKind.TEST_FAILURE, r"^(?:FAIL(?:ED|URE)?|not ok|failed test|test failed|broken|unexpected fail(?:ure)?)\b:?(?:\s*\[[^\]]*\])?(?:\s+\d+)?(?:\s*[-:])?\s+(?:test |case )?['\"]?(?P<subject>(?!to\b|with\b|due\b|in\b|at\b|because\b)[\w./:-]+)['\"]?(?:\s*\(.*\))?$", _TEST),
    MessageRule(FindingKind.TEST_FAILURE, r"^(?P<subject>[\w./:-]+)(?:\s*\.{2,}|\s{2,}|:|\s+->|\s+-)\s*(?:\[ *)?(?:FAIL(?:ED|URE)?|not ok|broken|failed)\b", _TEST),
    MessageRule(FindingKind.TEST_FAILURE, r"(?P<subject>assertion (?:['\"].*['\"] )?fail(?:ed|ure)|(?<![#\w])(?:\d+|some|one or more) (?:of \d+ )?(?:unit )?tests? (?:have |has )?(?:failed|failures?)|(?<![#\w])[1-9]\d* failed\b)", _TEST, vague=True),
    # files
    MessageRule(FindingKind.INSTALL_ERROR, r"(?:can(?: ?no|')t|could ?n[o']t|unable to|failed to|error) (?:create|stat|change|remove|copy|link|rename|move|install|chmod|chown|mkdir|unlink|overwrite|replace|changing|creating|removing|copying)(?: \w+){0,3} ['\"]?(?P<subject>[^\s'\":]*[/.\w][^\s'\":]*)['\"]?(?=:|$)", _RIGHTS),
    MessageRule(FindingKind.MISSING_PACKAGE, rf"{CANNOT} (?:a |the |any )?['\"]?(?P<subject>[A-Za-z][\w+-]*\w)['\"]?(?: \(missing.*\)|[,;] |[,.;]?$| library| headers?| development| v?\d\S* or )", _PACKAGE),
    MessageRule(FindingKind.MISSING_PACKAGE, r"^(?:the )?['\"]?(?P<subject>[A-Za-z][\w+-]*\w)['\"]? (?:(?:is|was|are) )?(?:not found|missing|required|needed)(?: (?:for|to|by|but)\b.*)?[.!]?$", _PACKAGE),
    MessageRule(FindingKind.INSTALL_ERROR, rf"{CANNOT} [\w ]{{0,40}}?:? ?['\"](?P<subject>[^'\"\s]+)['\"]", _FILE),
    MessageRule(FindingKind.INSTALL_ERROR, rf"{CANNOT}(?: (?:the|an?|input|source|output|file|files|script|config(?:uration)?|template|directory|image|from|folder|path))*:? {_WORD}", _FILE),
    MessageRule(FindingKind.INSTALL_ERROR, rf"(?:^|[\s:])(?:(?:file|input|source|directory|path|script):? )?['\"<]?(?P<subject>[\w./+@~-]*[\w/])['\">]?:? (?:{GONE})", _FILE),
    MessageRule(FindingKind.INSTALL_ERROR, r"(?:no such (?:file|directory)(?: or directory)?|(?:file|directory) not found|missing (?:file|input|directory))s?:? ['\"<(]?(?P<subject>[\w./+@~-]+)", _FILE),
)  # fmt: skip
