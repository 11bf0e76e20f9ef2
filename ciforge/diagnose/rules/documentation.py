"""Rules for what makes manuals and translations: gettext, DocBook, Sphinx, AsciiDoc, mandoc, makeinfo, help2man, TeX.

Wordings: gettext 0.23 (src/msgfmt.c, src/po-gram-gen.y), libxml2 (xmlIO.c) and libxslt (xsltproc.c), sphinx/util/logging.py
and sphinx/errors.py of sphinx-doc/sphinx, mandoc_msg.c and main.c of mandoc (usr.bin/mandoc of openbsd/src), asciidoctor's
lib/asciidoctor/logging.rb, a2x.py of asciidoc-py, help2man.PL of GNU help2man, tp/Texinfo of GNU Texinfo, src/parser.c of scdoc.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_STYLES = "{subject} is not installed, and a build must not load it from the network: add the DocBook stylesheets or schemas (docbook-xsl, docbook-xml) to `dependencies`."
_FIX = "Fix {file}:{line}."
_STRICT = "The warning at {file}:{line} is an error here (-W): fix it, or do without -W outside of your own CI: newer releases find more."

SECTIONS = (
    Section("sphinx-strict", "Warning, treated as error", r"^Warning, treated as error:", 3, False, True),
)  # fmt: skip

RULES = (
    Rule(FindingKind.MISSING_TOOL, "a2x: ERROR: ", r"^a2x: ERROR: \"?(?P<subject>[^\s\"]+)\"? .*returned non-zero exit status 127\b", "Add the package of {subject} to `dependencies`.",
         example='a2x: ERROR: "xsltproc"  --stringparam navig.graphics 0 "manpage.xsl" "frob.1.xml" returned non-zero exit status 127',
         counterexample='a2x: ERROR: "xsltproc"  --stringparam navig.graphics 0 "manpage.xsl" "frob.1.xml" returned non-zero exit status 6'),
    Rule(FindingKind.OTHER, "a2x: ERROR: ", r"^a2x: ERROR: \"?(?P<subject>xmllint|xsltproc)\"? .*returned non-zero exit status \d+", "{subject} could not check or convert the document. Without a network it finds neither the DTD nor the style sheets of DocBook: add their packages (docbook-xml, docbook-xsl) to `dependencies`.",
         example="a2x: ERROR: xmllint --nonet --noout --valid frob.xml returned non-zero exit status 4",
         counterexample="a2x: ERROR: missing configuration file: docbook.conf"),
    # gettext
    Rule(FindingKind.OTHER, "fatal error", r"^(?:\S*/)?(?:msgfmt|msgmerge|xgettext|msgcat): found \d+ (?P<subject>fatal errors?)", "See the lines above.", weight=Weight.VAGUE,
         example="/usr/bin/msgfmt: found 1 fatal error",
         counterexample="x.c:1:10: fatal error: x.h: No such file or directory"),
    Rule(FindingKind.SYNTAX_ERROR, ".po:", r"^(?P<file>[^\s:]+\.po):(?P<line>\d+)(?::\d+)?: (?!warning: )(?P<subject>\S.{0,160})", _FIX + " msgfmt -c finds the same elsewhere.", weight=Weight.WEAK, words=("po",),
         example="de.po:118: 'msgid' and 'msgstr' entries do not both end with '\\n'",
         counterexample="de.po:118: warning: header field 'Language' missing in header"),
    # DocBook
    Rule(FindingKind.MISSING_PACKAGE, "Attempt to load network entity", r"I/O error : Attempt to load network entity:? (?P<subject>\S+)", _STYLES, weight=Weight.WEAK, lasting=True,
         example="I/O error : Attempt to load network entity http://docbook.example.org/manpages/docbook.xsl",
         counterexample="I/O error : Permission denied"),
    Rule(FindingKind.MISSING_PACKAGE, "failed to load ", r"(?:I/O (?:error|warning) : |^warning: )failed to load (?:external entity |HTTP resource )?\"(?P<subject>[^\"]+)\"", _STYLES, weight=Weight.WEAK, lasting=True,
         example='I/O error : failed to load external entity "http://docbook.example.org/docbookx.dtd"',
         counterexample="failed to load the module"),
    Rule(FindingKind.OTHER, "cannot parse ", r"^cannot parse (?P<subject>\S+\.(?:xsl|xml|docbook))$", "See the lines above.", weight=Weight.VAGUE,
         example="cannot parse http://docbook.example.org/manpages/docbook.xsl",
         counterexample="cannot parse the file"),
    Rule(FindingKind.SYNTAX_ERROR, " error : ", r"^(?P<file>[^\s:]+\.(?:xml|xsl|docbook|html|svg|rng)):(?P<line>\d+): (?:(?:parser|validity|namespace) )?error : (?P<subject>\S.{0,160})", _FIX,
         example="frob.xml:12: parser error : Opening and ending tag mismatch: para line 10 and section",
         counterexample="frob.xml:12: parser warning : xmlns: URI frob is not absolute"),
    # Sphinx
    Rule(FindingKind.WERROR, ": WARNING: ", r"^(?P<file>[^\s:]+\.(?:rst|md|txt|py)(?::docstring of [\w.]+)?)(?::(?P<line>\d+))?: WARNING: (?P<subject>\S.{0,160})", _STRICT, weight=Weight.WEAK, words=("rst", "md", "txt", "py"),
         example="/src/doc/frob.rst:12: WARNING: Title underline too short.",
         counterexample="meson.build:5: WARNING: libfailure not found: errors stay on standard error"),
    Rule(FindingKind.SYNTAX_ERROR, ": ", r"^(?P<file>[^\s:]+\.(?:rst|md)):(?P<line>\d+): (?:ERROR|SEVERE|CRITICAL): (?P<subject>\S.{0,160})", _FIX, words=("rst", "md"), weight=Weight.WEAK,
         example='/src/doc/frob.rst:12: ERROR: Unknown directive type "frob".',
         counterexample="/src/doc/frob.rst:12: INFO: fine"),
    Rule(FindingKind.WERROR, "", r"^(?P<file>[^\s:]+\.\w+):(?P<line>\d+): ?(?P<subject>\S.{0,160})", _STRICT, inside="sphinx-strict", weight=Weight.WEAK,
         example="/src/doc/frob.rst:12:Title underline too short.",
         counterexample="reading sources... [100%] index"),
    Rule(FindingKind.MISSING_PACKAGE, "Could not import extension", r"Could not import extension (?P<subject>[\w.]+)", "Add the package of the Sphinx extension {subject} to `dependencies`.",
         example="Could not import extension sphinx_rtd_theme (exception: No module named 'sphinx_rtd_theme')",
         counterexample="importing the extension"),
    # mandoc, makeinfo, AsciiDoc, scdoc
    Rule(FindingKind.SYNTAX_ERROR, "mandoc: ", r"^mandoc: (?P<file>[^\s:]+):(?P<line>\d+):\d+: (?:ERROR|UNSUPP|WARNING|STYLE): (?:[\w ,/-]+: )?(?P<subject>\S.{0,160})", "Fix {file}:{line}: mandoc is stricter than groff.", weight=Weight.WEAK,
         example="mandoc: frobd.8:41:2: ERROR: skipping unknown macro: Pth",
         counterexample="mandoc: frobd.8: No such file or directory"),
    Rule(FindingKind.SYNTAX_ERROR, ".texi", r"^(?P<file>[^\s:]+\.texi(?:nfo)?):(?P<line>\d+): (?!warning: )(?P<subject>\S.{0,160})", _FIX, weight=Weight.WEAK, words=("texi", "texinfo"),
         example="./frob.texi:12: @menu reference to nonexistent node 'Invoking'",
         counterexample="./frob.texi:12: warning: node 'Top' lacks an @top"),
    Rule(FindingKind.SYNTAX_ERROR, "asciidoctor: ", r"^asciidoctor: (?:ERROR|FAILED|WARNING): (?:(?P<file>[^\s:]+): line (?P<line>\d+): )?(?P<subject>\S.{0,160})", "Fix what asciidoctor names, or pass it another backend.", weight=Weight.WEAK,
         example="asciidoctor: FAILED: missing converter for backend 'manpage5'. Processing aborted.",
         counterexample="checking for asciidoctor: found"),
    Rule(FindingKind.SYNTAX_ERROR, "Error at ", r"^Error at (?P<line>\d+):\d+: (?P<subject>\S.{0,160})", "scdoc does not read line {line} of the manual.", weight=Weight.WEAK,
         example="Error at 12:3: Expected a newline between paragraphs",
         counterexample="Error at the end"),
    # Programs that run what was built
    Rule(FindingKind.OTHER, "info from ", r"^help2man: can't get '(?P<option>[^']+)' info from (?P<subject>\S+)", "help2man runs {subject}, which failed: run it with {option}. When cross compiling it cannot run: ship the manual.",
         example="help2man: can't get `--help' info from ./frob",
         counterexample="help2man: unable to open the include file"),
    Rule(FindingKind.MISSING_PACKAGE, "LaTeX Error: File '", r"LaTeX Error: File '(?P<subject>[^']+)' not found", "Add the TeX package that has {subject} to `dependencies`, or do without the printed manual.",
         example="! LaTeX Error: File `textcomp.sty' not found.",
         counterexample="! LaTeX Error: Something's wrong"),
)  # fmt: skip
