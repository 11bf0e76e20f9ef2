ARG BASE=docker.io/library/alpine:3.21
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

RUN add_user() { \
      (grep -q "^$1:" /etc/group || addgroup -S "$1") \
      && (id -u "$1" >/dev/null 2>&1 || adduser -S -D -H -h "$2" -s /sbin/nologin -G "$1" "$1"); \
    } \
 && add_user ciforge /ciforge/home \
 && add_user _smtpd /var/empty \
 && add_user _smtpq /var/empty

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
