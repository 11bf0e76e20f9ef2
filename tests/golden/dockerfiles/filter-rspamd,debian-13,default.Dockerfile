ARG BASE=docker.io/library/debian:trixie-slim
FROM ${BASE}

RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates \
      golang-go \
 && apt-get clean && rm -rf /var/lib/apt/lists/*

RUN (grep -q '^ciforge:' /etc/group || groupadd -r ciforge) \
 && (id -u ciforge >/dev/null 2>&1 || useradd -r -g ciforge -d /ciforge/home -M -s /usr/sbin/nologin ciforge)

RUN mkdir -p /ciforge/bin /ciforge/lib/ccache /ciforge/records /ciforge/steps \
 && install -d -o ciforge -g ciforge /ciforge/ccache /ciforge/home /ciforge/src \
 && install -d -m 0700 -o ciforge /ciforge/records/ciforge
