#!/bin/sh
# docker-file-parser 1.0.7 (npm)
#
# Guess: a parser of Dockerfiles returns what Docker uses: sources without flags, values without the quotes around them,
# and one RUN for lines that backslashes join.
# What happens: `--chown=` is the first source of a COPY, the quotes stay in values of ENV and LABEL, and an empty line
# between joined lines ends the RUN: the next word, "git", becomes an instruction GIT without an error. Docker warns of
# such a line and joins it all the same.
# Why it matters: a check for what an image copies, sets or installs with this parser looks at other words.

. "$(dirname "$0")/lib.sh"
node_packages docker-file-parser@1.0.7

cat >Dockerfile <<'END'
FROM debian:13
COPY --chown=www:www page /srv/
ENV CFLAGS="-O2 -g"
RUN apt-get install \
  gcc \

  git
END
same "docker-file-parser" 'FROM "debian:13"
COPY ["--chown=www:www","page","/srv/"]
ENV {"CFLAGS":"\"-O2 -g\""}
RUN "apt-get install   gcc"
GIT ""' "$(node -e '
for (const { name, args } of require("docker-file-parser").parse(require("fs").readFileSync("Dockerfile", "utf8")))
  console.log(name, JSON.stringify(args));')"
