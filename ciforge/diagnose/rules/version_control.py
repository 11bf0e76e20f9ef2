"""Rules for git where a build or a job runs it: tags, shallow clones, submodules, patches, a tree that changed.

Wordings: builtin/describe.c, builtin/submodule--helper.c, revision.c, ident.c, apply.c, upload-pack.c and transport.c of git/git.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_TAGS = "The clone has no tags, as shallow clones and archives have none: fetch them (fetch-depth: 0), or take the version from a file where git has none."
_SHALLOW = "{subject} is not in this clone: fetch the whole history (fetch-depth: 0), or see whether it was removed."
_REMOVED = "The repository no longer has {subject}, as after a forced push: update the submodule or the revision."

RULES = (
    Rule(FindingKind.OTHER, "cannot describe anything", r"^fatal: (?P<subject>No names found), cannot describe anything", _TAGS, weight=Weight.WEAK,
         example="fatal: No names found, cannot describe anything.",
         counterexample="fatal: not a git repository (or any of the parent directories): .git"),
    Rule(FindingKind.OTHER, "can describe '", r"^fatal: (?P<subject>No (?:annotated )?tags) can describe '", _TAGS, weight=Weight.WEAK,
         example="fatal: No annotated tags can describe '0123456789abcdef0123456789abcdef01234567'.",
         counterexample="fatal: No names found, cannot describe anything."),
    Rule(FindingKind.OTHER, "unknown revision or path not in the working tree", r"^fatal: ambiguous argument '(?P<subject>[^']+)': unknown revision or path", _SHALLOW, weight=Weight.WEAK,
         example="fatal: ambiguous argument 'v1.3..HEAD': unknown revision or path not in the working tree.",
         counterexample="fatal: ambiguous argument"),
    Rule(FindingKind.OTHER, "fatal: ", r"^fatal: (?:bad (?:object|revision)|Invalid revision range|unable to read tree|reference is not a tree:|Not a valid object name) '?(?P<subject>[^\s'():]+)", _SHALLOW, weight=Weight.WEAK,
         example="fatal: bad object 0123456789abcdef0123456789abcdef01234567",
         counterexample="fatal: bad config line 1 in file .git/config"),
    Rule(FindingKind.OTHER, "request for unadvertised object", r"Server does not allow request for unadvertised object (?P<subject>\w+)", _REMOVED,
         example="error: Server does not allow request for unadvertised object 0123456789abcdef0123456789abcdef01234567",
         counterexample="error: server does not allow it"),
    Rule(FindingKind.OTHER, ": not our ref ", r"upload-pack: not our ref (?P<subject>\w+)", _REMOVED,
         example="fatal: remote error: upload-pack: not our ref 0123456789abcdef0123456789abcdef01234567",
         counterexample="this is not our ref"),
    Rule(FindingKind.OTHER, "find remote ref ", r"(?:couldn't|could not) find remote ref (?P<subject>\S+)", "The repository has no branch or tag {subject}: correct its name.",
         example="fatal: couldn't find remote ref refs/heads/stable",
         counterexample="could find remote ref"),
    Rule(FindingKind.OTHER, "Remote branch ", r"[Rr]emote branch (?P<subject>\S+) not found in upstream", "The repository has no branch or tag {subject}: correct its name.",
         example="fatal: Remote branch v9.9 not found in upstream origin",
         counterexample="Remote branch found"),
    Rule(FindingKind.OTHER, "pathspec '", r"^(?:error|fatal): pathspec '(?P<subject>[^']+)' did not match any file", "git knows no branch, tag or file {subject} here: correct the name, or fetch it first.", weight=Weight.WEAK,
         example="error: pathspec 'stable' did not match any file(s) known to git",
         counterexample="pathspec 'stable' matches"),
    Rule(FindingKind.OTHER, "No url found for submodule", r"No url found for submodule path '(?P<subject>[^']+)' in \.gitmodules", "{subject} is a submodule that .gitmodules does not name: add it there, or remove it with git rm --cached.",
         example="fatal: No url found for submodule path 'lib/frob' in .gitmodules",
         counterexample="no url found"),
    Rule(FindingKind.OTHER, "into submodule path '", r"clone of '[^']+' into submodule path '(?P<subject>[^']+)' failed", "The submodule {subject} could not be fetched: see the line above.", weight=Weight.VAGUE,
         example="fatal: clone of 'https://git.example.org/frob.git' into submodule path '/b/lib/frob' failed",
         counterexample="Submodule path 'lib/frob': checked out"),
    Rule(FindingKind.OTHER, "transport '", r"^fatal: transport '(?P<subject>\w+)' not allowed", "git refuses submodules and clones of local folders: allow them in this step with git -c protocol.file.allow=always.",
         example="fatal: transport 'file' not allowed",
         counterexample="transport 'file' is fine"),
    Rule(FindingKind.OTHER, "Please tell me who you are", r"^\*\*\* (?P<subject>Please tell me who you are)", "git wants a name for a commit: set user.name and user.email in the step, or do not commit in a build.", weight=Weight.WEAK,
         example="*** Please tell me who you are.",
         counterexample="Please tell me"),
    Rule(FindingKind.OTHER, "error: patch failed: ", r"^error: patch failed: (?P<subject>(?P<file>[^\s:]+)):(?P<line>\d+)", "The patch was made for another version of {file}: update it.", weight=Weight.WEAK,
         example="error: patch failed: src/frob.c:12",
         counterexample="error: src/frob.c: patch does not apply"),
    Rule(FindingKind.OTHER, "Merge conflict in ", r"^CONFLICT \([^)]+\): Merge conflict in (?P<subject>\S+)", "{subject} was changed on both sides: merge or rebase by hand.", weight=Weight.WEAK,
         example="CONFLICT (content): Merge conflict in src/frob.c",
         counterexample="Auto-merging src/frob.c"),
    Rule(FindingKind.OTHER, "diff --git ", r"^diff --git a/(?P<subject>\S+) b/\S+$", "The build or a generator changed {subject}: commit what it makes here, or take it out of the comparison.", weight=Weight.WEAK,
         example="diff --git a/config.h.in b/config.h.in",
         counterexample="diff --git old/config.h.in new/config.h.in"),
)  # fmt: skip
