"""Rules for building and pulling images: Docker, BuildKit, podman, buildah and what registries answer.

Wordings: frontend/dockerfile/dockerfile2llb/convert.go, frontend/dockerfile/parser and cache/contenthash of moby/buildkit,
distribution/errors.go and client/errors.go of moby/moby, pkg/manifests of containers/image, copier/copier.go of
containers/buildah, libcontainer of opencontainers/runc.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_IMAGE = r"(?P<subject>[a-z0-9][\w./-]*(?::[\w.-]+)?(?:@sha256:\w+)?)"
_PLATFORM = "The image {subject} is not made for this platform: take another tag, or leave the platform out."
_ABSENT = "The registry has no image {subject}, or does not show it without a login: correct its name and tag."
_CONTEXT = "{subject} is not in the build context: see whether it is committed, whether .dockerignore leaves it out, and which folder the build starts in."
_DOCKERFILE = "The Dockerfile does not parse: see the line that the message names."

RULES = (
    Rule(FindingKind.DEPS_NETWORK, "toomanyrequests", r"(?P<subject>toomanyrequests): ", "The registry limits how many images an address may pull: log in to it, or run the job again later.",
         example="Error response from daemon: toomanyrequests: You have reached your pull rate limit.",
         counterexample="test toomanyrequests ... ok"),
    Rule(FindingKind.OTHER, "no match for platform in manifest", rf"(?:^|\s){_IMAGE}: no match for platform in manifest", _PLATFORM,
         example="ERROR: registry.example.org/library/alpine:3.18: no match for platform in manifest: not found",
         counterexample="no match for platform"),
    Rule(FindingKind.OTHER, "in the manifest list entries", r"no matching manifest for (?P<subject>\S+) in the manifest list entries", "The image is not made for {subject}: take another tag, or leave the platform out.",
         example="no matching manifest for linux/riscv64 in the manifest list entries",
         counterexample="ERROR: registry.example.org/library/alpine:3.18: no match for platform in manifest: not found"),
    Rule(FindingKind.OTHER, "no image found in", r"no image found in (?:image index|manifest list) for architecture (?P<subject>\S+?)[,;:]? ", "The image is not made for {subject}: take another tag, or leave the platform out.",
         example='Error: choosing an image from manifest list docker://alpine:3.18: no image found in image index for architecture riscv64, variant "", OS linux',
         counterexample="no image found in the folder"),
    Rule(FindingKind.OTHER, "does not match the specified platform", rf"image with reference {_IMAGE} was found but (?:its platform \S+ )?does not match the specified platform", _PLATFORM,
         example="Error response from daemon: image with reference alpine:3.18 was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64",
         counterexample="the requested image's platform (linux/amd64) does not match the detected host platform"),
    Rule(FindingKind.OTHER, "\": not found", r"failed to (?:compute cache key|calculate checksum of ref \S+): (?:failed to calculate checksum of ref \S+: )?\"(?P<subject>[^\"]+)\": not found", _CONTEXT,
         example='#6 ERROR: failed to calculate checksum of ref abc::xyz: "/frob.conf": not found',
         counterexample='level=error msg="frob": not found'),
    Rule(FindingKind.OTHER, "failed: ", r"^(?:COPY|ADD) failed: (?:file not found in build context or excluded by \.dockerignore: )?(?:stat )?(?P<subject>[^\s:]+): (?:file does not exist|no such file or directory)", _CONTEXT,
         example="COPY failed: file not found in build context or excluded by .dockerignore: stat frob.conf: file does not exist",
         counterexample="COPY failed: forbidden path"),
    Rule(FindingKind.OTHER, "no items matching glob", r"checking on sources under \"[^\"]*\": copier: stat: \"(?P<subject>[^\"]+)\": no such file|no items matching glob \"(?P<other>[^\"]+)\"", _CONTEXT, subject="{other}",
         example='Error: building at STEP "COPY frob.conf /etc": no items matching glob "/src/frob.conf" copied (1 filtered out)',
         counterexample="no items matching glob"),
    Rule(FindingKind.DEPS_NOT_FOUND, "manifest unknown", rf"(?:(?:^|\s){_IMAGE}.*)?manifest unknown", _ABSENT, subject="image",
         example="Error response from daemon: manifest for debian:trixy not found: manifest unknown: manifest unknown",
         counterexample="unknown manifest"),
    Rule(FindingKind.DEPS_NOT_FOUND, "pull access denied", rf"pull access denied for {_IMAGE}", _ABSENT,
         example="Error response from daemon: pull access denied for frobd, repository does not exist or may require 'docker login'",
         counterexample="access denied"),
    Rule(FindingKind.DEPS_NOT_FOUND, "failed to resolve source metadata", rf"failed to resolve source metadata for {_IMAGE}: (?:\S+: )?not found", _ABSENT,
         example="ERROR: failed to solve: debian:trixy: failed to resolve source metadata for registry.example.org/library/debian:trixy: registry.example.org/library/debian:trixy: not found",
         counterexample="failed to resolve source metadata for it: timeout"),
    Rule(FindingKind.OTHER, "Cannot connect to the Docker daemon", r"(?:Cannot|failed to) connect to the (?P<subject>Docker daemon) at", "No Docker daemon answers on this machine: start it, or give the job the service that it needs.",
         example="Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
         counterexample="checking whether we can connect to the Docker daemon... yes"),
    Rule(FindingKind.SYNTAX_ERROR, "dockerfile parse error", r"dockerfile parse error (?:on )?line (?P<line>\d+): (?P<subject>\S.{0,160})", _DOCKERFILE,
         example="ERROR: failed to solve: dockerfile parse error on line 4: unknown instruction: RUM",
         counterexample="no dockerfile parse error"),
    Rule(FindingKind.OTHER, "failed to solve: ", r"failed to solve: (?:.*: )?failed to (?:read dockerfile: open (?P<subject>[^\s:]+): no such file)", "{subject} is not in the folder that the build starts in: name it with -f.",
         example="ERROR: failed to solve: failed to read dockerfile: open Dockerfile: no such file or directory",
         counterexample="ERROR: failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 2"),
    Rule(FindingKind.OTHER, "invalid reference format", r"(?:\"(?P<subject>[^\"]+)\": )?invalid reference format", "The name of the image is not valid: often a variable in it is empty, or has a capital letter.", subject="image",
         example='docker: invalid reference format: repository name must be lowercase.',
         counterexample="checking for an invalid format... no"),
    Rule(FindingKind.MISSING_TOOL, "unable to start container process", r"unable to start container process: (?:error during container init: )?exec: \"(?P<subject>[^\"]+)\": ", "The image has no {subject}: add its package, or call what it has.",
         example='docker: Error response from daemon: OCI runtime create failed: runc create failed: unable to start container process: exec: "bash": executable file not found in $PATH',
         counterexample="unable to start container process"),
    Rule(FindingKind.OTHER, "failed to solve: ", r"failed to solve: (?P<subject>(?!process )\S.{0,160})", "See the message of BuildKit.", weight=Weight.WEAK,
         example="ERROR: failed to solve: target stage \"tests\" could not be found",
         counterexample='ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2'),
    Rule(FindingKind.OTHER, "Error response from daemon", r"^(?:docker: )?Error response from daemon: (?P<subject>\S.{0,160})", "See the message of Docker.", weight=Weight.WEAK,
         example="Error response from daemon: conflict: unable to delete frob (must be forced)",
         counterexample="response from daemon"),
)  # fmt: skip
