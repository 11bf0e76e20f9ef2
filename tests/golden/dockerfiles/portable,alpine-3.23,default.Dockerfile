ARG BASE=docker.io/library/alpine:3.23
FROM ${BASE}

RUN apk add --no-cache \
      autoconf \
      automake \
      bison \
      bsd-compat-headers \
      ccache \
      findutils \
      gcc \
      libevent-dev \
      libtool \
      linux-pam-dev \
      make \
      musl-dev \
      musl-fts-dev \
      openssl-dev \
      pkgconf \
      zlib-dev

RUN (grep -q '^ciforge:' /etc/group || addgroup -S ciforge) \
 && (id -u ciforge >/dev/null 2>&1 || adduser -S -D -H -h /ciforge/home -s /sbin/nologin -G ciforge ciforge) \
 && (grep -q '^_smtpd:' /etc/group || addgroup -S _smtpd) \
 && (id -u _smtpd >/dev/null 2>&1 || adduser -S -D -H -h /var/empty -s /sbin/nologin -G _smtpd _smtpd) \
 && (grep -q '^_smtpq:' /etc/group || addgroup -S _smtpq) \
 && (id -u _smtpq >/dev/null 2>&1 || adduser -S -D -H -h /var/empty -s /sbin/nologin -G _smtpq _smtpq)

RUN mkdir -p /ciforge/bin /ciforge/lib/ccache /ciforge/records /ciforge/steps \
 && install -d -o ciforge -g ciforge /ciforge/ccache /ciforge/home /ciforge/src \
 && install -d -m 0700 -o ciforge /ciforge/records/ciforge \
 && install -d -m 0700 -o _smtpd /ciforge/records/_smtpd \
 && install -d -m 0700 -o _smtpq /ciforge/records/_smtpq \
 && for name in cc gcc c++ g++ clang clang++; do \
      if command -v "$name" >/dev/null; then \
        ln -s "$(command -v ccache)" "/ciforge/lib/ccache/$name"; \
      fi; \
    done
