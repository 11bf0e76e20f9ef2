"""Rules for what hosted CI services say themselves, before or after the commands of a job.

Wordings: src/Runner.Worker and src/Runner.Common of actions/runner, documentation of GitHub Actions, shells/bash.go and
executors of gitlab-org/gitlab-runner.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

RULES = (
    Rule(FindingKind.OTHER, "uses a deprecated version of", r"automatically failed because it uses a deprecated version of '(?P<subject>[^']+)'", "The service no longer runs {subject}: take a newer version of this action.",
         example="This request has been automatically failed because it uses a deprecated version of `actions/cache: v1`.",
         counterexample="uses a deprecated version"),
    Rule(FindingKind.OTHER, "Unable to resolve action", r"Unable to resolve action '?(?P<subject>[^\s'`,]+)", "The service finds no {subject}: correct the name or the version of the action, or its repository is gone.",
         example="Unable to resolve action `frob/setup@v9`, unable to find version `v9`",
         counterexample="Unable to resolve the action"),
    Rule(FindingKind.OTHER, "Can't find 'action.yml'", r"Can't find 'action\.yml', 'action\.yaml' or 'Dockerfile' under '(?P<subject>[^']+)'", "The action {subject} is not in the tree yet: check the source out before the step that uses it.",
         example="Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '/b/.github/actions/frob'. Did you forget to run actions/checkout before running your local action?",
         counterexample="Can't find 'action.yml'"),
    Rule(FindingKind.OTHER, "Unrecognized named-value", r"Unrecognized (?:named-value|function): '(?P<subject>[^']+)'", "The workflow uses {subject} where the service does not know it: see which contexts are there at this place.",
         example="The template is not valid. .github/workflows/ci.yml (Line: 12, Col: 9): Unrecognized named-value: 'matrix'",
         counterexample="Unrecognized value"),
    Rule(FindingKind.OTHER, "not accessible by integration", r"(?P<subject>Resource not accessible by (?:integration|personal access token))", "The token of the job may not do this: give the job the permission in `permissions:`. Pull requests from forks have none.",
         example="HttpError: Resource not accessible by integration",
         counterexample="Resource accessible"),
    Rule(FindingKind.OTHER, "requested labels: ", r"(?:Can't find any|No) (?:online and idle |self-hosted )*runner\S* (?:matching|with) .*(?P<subject>labels?): ", "No runner has these labels: an image that was retired, or a runner that is off.",
         example="Can't find any online and idle self-hosted runner matching the requested labels: ubuntu-18.04",
         counterexample="the requested labels: none"),
    Rule(FindingKind.OTHER, "with the provided path", r"No files were found with the provided path: (?P<subject>\S+)", "{subject} was not made: see the step that should make it.", weight=Weight.WEAK,
         example="No files were found with the provided path: build/frob.tar.gz. No artifacts will be uploaded.",
         counterexample="with the provided path: 3 files"),
    Rule(FindingKind.TIMEOUT, "The operation was canceled", r"^(?P<subject>The operation was cancell?ed)\.?$", "The job was cancelled, by somebody, by a newer run, or by its time limit (`timeout-minutes`): see how long it ran.", weight=Weight.VAGUE,
         example="The operation was canceled.",
         counterexample="The operation was a success"),
)  # fmt: skip
