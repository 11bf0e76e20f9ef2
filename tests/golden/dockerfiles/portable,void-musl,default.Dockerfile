ARG BASE=ghcr.io/void-linux/void-musl:latest
FROM ${BASE}

RUN xbps-install -Syu xbps && xbps-install -Syu \
 && xbps-install -Sy \
      autoconf \
      automake \
      bison \
      ccache \
      findutils \
      gcc \
      libevent-devel \
      libtool \
      make \
      musl-devel \
      musl-fts-devel \
      musl-legacy-compat \
      openssl-devel \
      pam-devel \
      pkg-config \
      shadow \
      zlib-devel \
 && rm -rf /var/cache/xbps/*

RUN add_user() { \
      (grep -q "^$1:" /etc/group || groupadd -r "$1") \
      && (id -u "$1" >/dev/null 2>&1 || useradd -r -g "$1" -d "$2" -M -s /sbin/nologin "$1"); \
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
