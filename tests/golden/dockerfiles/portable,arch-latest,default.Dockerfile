ARG BASE=docker.io/library/archlinux:latest
FROM ${BASE}

RUN pacman -Syu --disable-sandbox --noconfirm --needed \
      autoconf \
      automake \
      bison \
      ccache \
      findutils \
      gcc \
      libevent \
      libtool \
      libxcrypt \
      make \
      openssl \
      pam \
      pkgconf \
      shadow \
      zlib \
 && rm -rf /var/cache/pacman/pkg/*

RUN (grep -q '^ciforge:' /etc/group || groupadd -r ciforge) \
 && (id -u ciforge >/dev/null 2>&1 || useradd -r -g ciforge -d /ciforge/home -M -s /usr/bin/nologin ciforge) \
 && (grep -q '^_smtpd:' /etc/group || groupadd -r _smtpd) \
 && (id -u _smtpd >/dev/null 2>&1 || useradd -r -g _smtpd -d /var/empty -M -s /usr/bin/nologin _smtpd) \
 && (grep -q '^_smtpq:' /etc/group || groupadd -r _smtpq) \
 && (id -u _smtpq >/dev/null 2>&1 || useradd -r -g _smtpq -d /var/empty -M -s /usr/bin/nologin _smtpq)

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
