ARG BASE=docker.io/library/alpine:3.24
FROM ${BASE}

RUN apk add --no-cache \
      ca-certificates \
      findutils \
      go

RUN (grep -q '^ciforge:' /etc/group || addgroup -S ciforge) \
 && (id -u ciforge >/dev/null 2>&1 || adduser -S -D -H -h /ciforge/home -s /sbin/nologin -G ciforge ciforge)

RUN mkdir -p /ciforge/bin /ciforge/lib/ccache /ciforge/records /ciforge/steps \
 && install -d -o ciforge -g ciforge /ciforge/ccache /ciforge/home /ciforge/src \
 && install -d -m 0700 -o ciforge /ciforge/records/ciforge
