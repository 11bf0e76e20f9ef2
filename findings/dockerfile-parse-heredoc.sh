#!/bin/sh
# dockerfile-parse 2.0.1 (PyPI), dockerfile-ast 0.7.1 (npm)
#
# Guess: the lines of a here-document in a Dockerfile are text for the instruction that opened it, for parsers too;
# they are part of Dockerfile syntax since 1.4.
# What happens: dockerfile-parse takes each such line for an instruction. A line "FROM ..." in a generated file becomes a
# parent image. dockerfile-ast reads them correctly.
# Why it matters: tools that pin or list base images by dockerfile-parse report, or rewrite, text inside a script.

. "$(dirname "$0")/lib.sh"
python_packages dockerfile-parse==2.0.1
node_packages dockerfile-ast@0.7.1

cat >Dockerfile <<'EOF'
FROM debian:12
RUN <<END
from nowhere
echo text
END
CMD ["true"]
EOF
same "dockerfile-parse" "FROM RUN FROM ECHO END CMD
parent images: debian:12 nowhere" "$(python3 - <<'EOF'
from dockerfile_parse import DockerfileParser

parser = DockerfileParser(path=".")
print(*(entry["instruction"] for entry in parser.structure))
print("parent images:", *parser.parent_images)
EOF
)"
same "dockerfile-ast" "FROM RUN CMD" "$(node -e '
const { DockerfileParser } = require("dockerfile-ast");
const file = DockerfileParser.parse(require("fs").readFileSync("Dockerfile", "utf8"));
console.log(...file.getInstructions().map((instruction) => instruction.getKeyword()));')"
