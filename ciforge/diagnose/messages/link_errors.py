"""What linkers, loaders and archivers miss or have twice, in the words that most use."""

from ciforge.diagnose.messages.message_rule import (
    CANNOT,
    GONE,
    ITSELF,
    LIBRARY_FILE,
    NAME,
    SYMBOL_WORD,
    MessageRule,
)
from ciforge.model.finding import FindingKind

_LIBRARY = "Add the package that ships the library {subject} to `dependencies`, or tell the linker its folder."
_SYMBOL = "Link the library that defines {subject}, or check for it in configure."
_TWICE = "{subject} is defined in two files or libraries: make one of them static, or declare it extern in the header."
_CODE = "Compile what is linked with -fPIC, or link it statically."
_FORMAT = "{subject} is of another format or processor than what is built, or damaged: build it with the same compiler and target."
_OBJECTS = r"(?: ?\S+\.(?:o|obj|a|so|lib)\S*: )*"
_ABSENT = r"(?:undefined|unresolved|unsatisfied|unknown|missing|undeclared|no such|no definition (?:of|for))"

RULES = (
    MessageRule(FindingKind.MISSING_LIBRARY, rf"(?:{CANNOT}|{GONE}|no library)[^'\"]*?['\" ]-l ?(?P<subject>[\w.+-]+)", _LIBRARY),
    MessageRule(FindingKind.MISSING_LIBRARY, rf"(?:^|\W)-l(?P<subject>[\w.+-]+)['\"]?:? .*?(?:{GONE}|{CANNOT})", _LIBRARY),
    MessageRule(FindingKind.MISSING_LIBRARY, rf"^(?:[\w ]{{0,40}} )?['\"]?{LIBRARY_FILE}['\"]?:?,? (?:{GONE}|{CANNOT})", _LIBRARY),
    MessageRule(FindingKind.MISSING_LIBRARY, rf"(?:{CANNOT}|{GONE}|not loaded).*?{LIBRARY_FILE}", _LIBRARY),
    MessageRule(FindingKind.MISSING_LIBRARY, r"(?P<subject>[\w./+-]+\.(?:so(?:\.\d+)*|dylib|dll|a|o|lib|obj|la))['\"]?:?,? .*?(?:wrong format|incompatible|not recogni[sz]ed|wrong (?:elf class|architecture|machine)|no index|truncated|malformed|unknown file type|bad magic|not an object|architecture .* (?:does not match|but))", _FORMAT),
    MessageRule(FindingKind.MISSING_LIBRARY, rf"{LIBRARY_FILE}['\"]?:?,? .*?(?:{GONE}|{CANNOT})", _LIBRARY),
    MessageRule(FindingKind.MISSING_LIBRARY, rf"(?:{CANNOT}|no|missing) (?:the )?(?:\w+ ){{0,3}}librar(?:y|ies)(?: not found)?(?: (?:for|named|called|file))?:? ['\"<]?(?P<subject>[\w./+-]+)", _LIBRARY),
    MessageRule(FindingKind.MISSING_LIBRARY, rf"librar(?:y|ies)(?: file)?:? ['\"<]?(?P<subject>[\w./+-]+)['\">]?\s*:?\s*(?:{GONE})", _LIBRARY),
    MessageRule(FindingKind.MISSING_LIBRARY, r"librar(?:y|ies) not found(?: for)?: ?(?:-l)?['\"]?(?P<subject>[\w./+-]+)", _LIBRARY),
    MessageRule(FindingKind.RELOCATION, r"(?P<subject>\b(?-i:R_[A-Z0-9_]+))", _CODE),
    MessageRule(FindingKind.UNDEFINED_SYMBOL, r"(?:undefined|unresolved|missing) (?:(?:external|weak|global) )*(?:external|global|references?(?: to)?)(?: to)?(?: symbol)?:? ['\"](?P<subject>[^'\"]+)['\"]", _SYMBOL),
    MessageRule(FindingKind.UNDEFINED_SYMBOL, r"(?:undefined|unresolved) (?:(?:external|weak|global) )*symbol:? ['\"](?P<subject>[^'\"]+)['\"]", _SYMBOL, in_source=False),
    MessageRule(FindingKind.UNDEFINED_SYMBOL, r"(?:undefined|unresolved) references?(?: to)?:? (?P<subject>[\w$.@:~]*\w)", _SYMBOL),
    MessageRule(FindingKind.MISSING_LIBRARY, r"version ['\"]?(?P<subject>[A-Z][\w.]*_\d[\w.]*)['\"]? (?:not found|required by .* not (?:found|defined))", "The library is older than the one that this was linked with, which has {subject}: run it where it was built."),
    MessageRule(FindingKind.UNDEFINED_SYMBOL, r"['\"]?(?P<subject>[A-Za-z_$][\w$.]*)['\"]?,? (?:is )?referenced (?:from|by|in)\b", _SYMBOL),
    MessageRule(FindingKind.UNDEFINED_SYMBOL, rf"{_ABSENT} (?:\w+ )?{SYMBOL_WORD}(?: (?:to|in|found))?:?{_OBJECTS}{NAME}", _SYMBOL, in_source=False),
    MessageRule(FindingKind.UNDEFINED_SYMBOL, rf"(?:{SYMBOL_WORD})(?: name)?:? {ITSELF}:? (?:is |was |are |remains )?(?:{_ABSENT}|not (?:found|defined|resolved)|cannot be resolved|could not be (?:found|resolved))", _SYMBOL, in_source=False),
    MessageRule(FindingKind.UNDEFINED_SYMBOL, rf"(?:{CANNOT}) (?:symbol|reference(?: to)?|entry point|external){NAME}", _SYMBOL, in_source=False),
    MessageRule(FindingKind.UNDEFINED_SYMBOL, rf"^(?:(?:undefined|unresolved)(?: external)?|undef):? {NAME}$", _SYMBOL, in_source=False),
    MessageRule(FindingKind.UNDEFINED_SYMBOL, rf"^{ITSELF}:? (?:is |was )?(?:an? )?(?:undefined|unresolved)(?: (?:symbol|reference|external)\b.*)?[.,]?$", _SYMBOL, in_source=False),
    MessageRule(FindingKind.MULTIPLE_DEFINITION, rf"(?:duplicate|multiple|multiply|double|re-?)[ -]?(?:defin(?:ition|ed)s?|symbols?|declared|entry)(?: of)?(?: (?:public |global )?(?:symbol|function))?:?{_OBJECTS}{NAME}", _TWICE, in_source=False),
    MessageRule(FindingKind.MULTIPLE_DEFINITION, rf"(?:{SYMBOL_WORD} )?{ITSELF}:? (?:is |was |has )?(?:been )?(?:already|multiply|previously|doubly)[ -](?:been )?defined", _TWICE, in_source=False),
    MessageRule(FindingKind.MULTIPLE_DEFINITION, rf"^{ITSELF} (?:is )?defined (?:twice|more than once|multiple times|in both)", _TWICE),
    MessageRule(FindingKind.RELOCATION, r"(?P<subject>relocation (?:overflow\w*|truncated|out of range|error))", _CODE),
)  # fmt: skip
