"""What compilers, assemblers, interpreters and generators refuse in a file, in the words that most use."""

from ciforge.diagnose.messages.message_rule import (
    CANNOT,
    GONE,
    HEADER_FILE,
    ITSELF,
    NAME,
    VARIABLE,
    MessageRule,
)
from ciforge.model.finding import FindingKind

_HEADER = (
    "Add the package that ships {subject} to `dependencies`, or include it only where it exists."
)
_DECLARE = "Include the header that declares {subject}; if this system does not have it, check for it in configure."
_TYPE = "Include the header that defines {subject} before its first use."
_TWICE = "{subject} is defined twice: guard the header, or keep one definition."
_FIT = "What is passed to or assigned to {subject} does not fit its declaration: make them agree."
_MEMBER = "{subject} does not exist in this version: test for it in configure."
_SYNTAX = "Look at the line and those above: a missing header or macro often reads like this, and so does a tool that is too old."
_INSTRUCTION = "The processor or assembler that is chosen does not know {subject}: name the one that has it, or leave it out."
_NONE = r"(?:un(?:defined|declared|known|resolved|bound|recognized)|not (?:been )?(?:defined|declared|in scope|known|bound|visible)|never (?:defined|declared)|no (?:such|declaration|definition)|missing)"
_TYPE_WORD = r"(?:type(?:[- ]?(?:name|def))?|struct(?:ure)?|union|class)"
_POINTED = r"['\"](?P<subject>[^'\"\s]{1,60})['\"]"

RULES = (
    # what the source says itself
    MessageRule(FindingKind.OTHER, r"(?P<subject>static[_ ]assert(?:ion)? failed.*)", "The source requires this at that place: this system or compiler differs."),
    MessageRule(FindingKind.OTHER, r"^#error:? (?P<subject>.+)", "The source refuses this system on purpose: see what it requires."),
    MessageRule(FindingKind.SYNTAX_ERROR, r"(?P<subject>(?:version control |merge |diff )?conflict markers?(?: in file)?)", "A merge was committed with its conflict: resolve it."),
    MessageRule(FindingKind.UNDECLARED, rf"(?:(?:symbol|name|variable|identifier) )?{ITSELF}:? (?:is |was )?(?:undefined or )?(?:out of|not in) scope", _DECLARE),
    MessageRule(FindingKind.UNDECLARED, r"(?:attribute|property|binding|key|field|argument|variable|constructor|module|function|value) ['\"](?P<subject>[^'\"\s]+)['\"] (?:is |was )?(?:missing|undefined|unbound|unknown|not defined)", _MEMBER),
    MessageRule(FindingKind.UNDECLARED, rf"unbound (?:\w+ )?(?:module|constructor|type|value|class|record field|variable|identifier|function){NAME}", _DECLARE),
    MessageRule(FindingKind.UNDECLARED, r"^(?P<subject>[\w$%+*/<>=!?-]+): unbound (?:variable|identifier|function)", _DECLARE),
    MessageRule(FindingKind.UNDECLARED, rf"^{ITSELF} ?: ?(?:undeclared|undefined|unknown) (?:identifier|variable|symbol|name)", _DECLARE),
    MessageRule(FindingKind.UNDECLARED, rf"(?:label|symbol|identifier|node|variable|macro)(?: or \w+)? {ITSELF}:? (?:{GONE})", _DECLARE),
    MessageRule(FindingKind.REDEFINITION, rf"^['\"]{ITSELF}['\"] (?:is |was )?already (?:been )?(?:defined|declared)", _TWICE, in_source=True),
    # headers
    MessageRule(FindingKind.MISSING_HEADER, rf"(?:{CANNOT}|{GONE}|search(?:ed)? for|no (?:file|header)).*?[<\"' (]{HEADER_FILE}", _HEADER),
    MessageRule(FindingKind.MISSING_HEADER, rf"(?:^|[<\"' (]){HEADER_FILE}[>\"')]*:?.*?(?:{GONE}|{CANNOT}|not found)", _HEADER),
    MessageRule(FindingKind.MISSING_HEADER, rf"(?:include|header)(?:d)?(?: file)?s? ['\"<]?(?P<subject>[\w./+-]+)['\">]?,?:? (?:{GONE})", _HEADER),
    MessageRule(FindingKind.MISSING_HEADER, rf"{CANNOT} (?:the )?(?:include|header)(?: file)? ['\"<]?(?P<subject>[\w./+-]+)", _HEADER),
    # functions without a declaration
    MessageRule(FindingKind.IMPLICIT_DECLARATION, rf"(?:implicit(?:ly)? (?:declar\w+|defin\w+)|undeclared|no prototype|no declaration|without (?:a )?(?:prototype|declaration)|missing prototype|call(?:ing|s)? (?:to |of )?(?:an? )?(?:undeclared|undefined|unknown)) (?:for |of |to )?(?:an? |the )?(?:function|procedure|routine|subroutine|builtin)s? ?{NAME}", _DECLARE),
    MessageRule(FindingKind.IMPLICIT_DECLARATION, rf"(?:function|procedure|routine) {ITSELF}:? (?:was |is |has |should )?(?:implicitly declared|declared implicitly|undeclared|not declared|(?:has |have )?(?:no|a) (?:prototype|declaration)|(?:used |called )?without (?:a )?(?:prototype|declaration))", _DECLARE),
    MessageRule(FindingKind.IMPLICIT_DECLARATION, rf"(?:implicit (?:declaration|function)|(?:missing|no) prototype|no previous (?:prototype|declaration))(?: of| for)?{NAME}", _DECLARE),
    MessageRule(FindingKind.IMPLICIT_DECLARATION, rf"(?:undefined|unknown|undeclared) function{NAME}", _DECLARE, in_source=True),
    # types
    MessageRule(FindingKind.UNKNOWN_TYPE, rf"{_NONE} {_TYPE_WORD}s?{NAME}", _TYPE),
    MessageRule(FindingKind.UNKNOWN_TYPE, rf"{_TYPE_WORD} {ITSELF}:? (?:is |was )?(?:{_NONE}|not found|not a type)", _TYPE),
    MessageRule(FindingKind.UNKNOWN_TYPE, rf"{ITSELF} (?:is not|does not name|is not the name of|undeclared,? not) (?:an? )?(?:known |declared |valid )?type(?:[- ]?name)?", _TYPE),
    MessageRule(FindingKind.INCOMPLETE_TYPE, rf"(?:incomplete|undefined|opaque) (?:definition of )?(?:type(?: name)?|struct(?:ure)?/union(?:/enum)?|struct(?:ure)?|union|typedef)\b(?: of type| type)?{NAME}", _TYPE),
    MessageRule(FindingKind.INCOMPLETE_TYPE, rf"(?:type|struct|union|variable|field|member|object|array|size of) {ITSELF} (?:is|has|isn't)(?: an?)? (?:incomplete|not complete|unknown|known)", _TYPE),
    MessageRule(FindingKind.UNDECLARED, rf"(?:has no|no|unknown|undefined|not a|does not have a?|no such) (?:such )?(?:member|field|element|attribute|property)s?(?: named| called)?{NAME}", _MEMBER),
    MessageRule(FindingKind.UNDECLARED, rf"{ITSELF} is not (?:an? )?(?:member|field|element) of", _MEMBER),
    # names
    MessageRule(FindingKind.UNDECLARED, rf"{_NONE} (?:use of )?(?:\w+ )?{VARIABLE}s?{NAME}", _DECLARE, in_source=True),
    MessageRule(FindingKind.UNDECLARED, rf"(?:\w+ )?{VARIABLE}:? {ITSELF}:? (?:is |was |has |were )?(?:{_NONE}|used before|not found)", _DECLARE, in_source=True),
    MessageRule(FindingKind.UNDECLARED, rf"(?:use of )?(?:undeclared|undefined|unresolved|unbound) (?:identifier|variable|name|label|macro|constant){NAME}", _DECLARE),
    MessageRule(FindingKind.UNDECLARED, rf"(?:unknown|no such|cannot find|can't find|could not find) (?:identifier|variable|symbol|name|macro|constant|value){NAME}", _DECLARE),
    MessageRule(FindingKind.UNDECLARED, rf"^{ITSELF}:? (?:is |was |has )?(?:undeclared|not (?:been )?(?:declared|defined|in scope)|undefined|never (?:declared|defined)|unbound|unknown|unresolved)\b", _DECLARE, in_source=True),
    MessageRule(FindingKind.UNDECLARED, rf"^(?:undeclared|undefined|unknown|unresolved|not in scope|unbound):? {NAME}$", _DECLARE, in_source=True),
    MessageRule(FindingKind.UNDECLARED, r"(?:un(?:known|recogni[sz]ed|supported|defined)|invalid|illegal|no such) (?:opcode|instruction|mnemonic|directive|pseudo[- ]?op(?:code)?|operation)(?: mnemonic| name)?:? ['\"]?(?P<subject>\.?[A-Za-z][\w.]*)", _INSTRUCTION),
    MessageRule(FindingKind.UNDECLARED, r"(?:opcode|instruction|mnemonic|directive) (?:is |was )?(?:not (?:recogni[sz]ed|known|supported|found|defined)|unknown|invalid):? ['\"]?(?P<subject>\.?[A-Za-z][\w.]*)", _INSTRUCTION),
    MessageRule(FindingKind.UNDECLARED, r"(?:does not support|not supported|unsupported)\b.* '(?P<subject>\.?[a-z][\w.]*)(?: [^']*)?'", _INSTRUCTION, in_source=True),
    # twice
    MessageRule(FindingKind.REDEFINITION, rf"(?:re-?defin(?:ition|ed|ing)|re-?declar(?:ation|ed|ing)|duplicate (?:definition|declaration|identifier|name|label|member|case)|(?:multiple|double) (?:definitions?|declarations?))(?: of)?(?: (?:an? )?(?:symbol|identifier|variable|function|label|macro|type|struct|union|enum|field|member))?{NAME}", _TWICE, in_source=True),
    MessageRule(FindingKind.REDEFINITION, rf"{ITSELF}:? (?:is |was |has )?(?:been )?(?:already|previously|multiply|also|re-?)[ -]?(?:been )?(?:defined|declared)", _TWICE, in_source=True),
    # what does not fit
    MessageRule(FindingKind.TYPE_CONFLICT, rf"declaration of {ITSELF} (?:follows|conflicts|differs|does not match|is incompatible)", _FIT),
    MessageRule(FindingKind.TYPE_CONFLICT, rf"(?:conflicting|mismatched|incompatible|inconsistent|differing) (?:types?|declarations?|prototypes?|definitions?)(?: for| of| in)?{NAME}", _FIT, in_source=True),
    MessageRule(FindingKind.TYPE_CONFLICT, rf"(?:wrong|invalid|incorrect|bad|mismatch in|too (?:few|many)) (?:number of )?(?:arguments|parameters|args|actuals)(?: passed| given)?(?: to| for| of| in)?(?: (?:function|call(?: to| of)?|macro))?{NAME}", _FIT, in_source=True),
    MessageRule(FindingKind.TYPE_CONFLICT, r"(?:type mismatch|mismatched types|incompatible (?:pointer )?types?|types? (?:do|does) not match|cannot (?:convert|assign|cast)|(?:invalid|illegal|incompatible) (?:conversion|cast|assignment)|incompatible (?:pointer|integer))", _FIT, in_source=True, whole=True),
    # what cannot be read
    MessageRule(FindingKind.SYNTAX_ERROR, rf"(?:syntax|parse|parsing|lexical) error.*?(?:unexpected|near|before|at|got|found)(?: or at)?(?: token)?:? ?{_POINTED}|(?:syntax|parse) error(?: at line \d+)?: ['\"](?P<other>[^'\"\s]{{1,40}})['\"] unexpected", _SYNTAX, subject="{other}"),
    MessageRule(FindingKind.SYNTAX_ERROR, r"(?:syntax|parse) error[,:] unexpected (?!end of|token)(?P<subject>\w+)", _SYNTAX),
    MessageRule(FindingKind.SYNTAX_ERROR, r"(?:syntax|parse|parsing|lexical) error:? (?:unexpected |premature )?(?P<subject>end of (?:file|input|line))", _SYNTAX),
    MessageRule(FindingKind.SYNTAX_ERROR, r"(?P<subject>(?:syntax|parse|parsing|lexical) ?error)\b", _SYNTAX),
    MessageRule(FindingKind.SYNTAX_ERROR, r"^(?P<subject>(?:unexpected|unterminated|unclosed|unbalanced|unmatched|malformed|stray|illegal character|invalid (?:syntax|token|character|statement)|missing (?:terminat\w+|closing|semicolon|['\"]?[;)}\]])|premature end|unexpected end)\b.{0,120})", _SYNTAX),
    MessageRule(FindingKind.SYNTAX_ERROR, r"^expected .* at (?P<subject>end of (?:input|file))$", _SYNTAX),
    MessageRule(FindingKind.SYNTAX_ERROR, r"^(?:expected (?:an? )?'(?P<subject>[^\w\s']{1,3})'|'(?P<other>[^\w\s']{1,3})' expected)", _SYNTAX, subject="{other}"),
    MessageRule(FindingKind.SYNTAX_ERROR, r"^(?P<subject>(?:[\w' ;(){}\"-]{1,60} )?expect(?:ed|ing|s)\b.{0,120})", _SYNTAX, in_source=True),
)  # fmt: skip
