ARG BASE=quay.io/centos/centos:stream9
FROM ${BASE}

RUN dnf -y install epel-release 'dnf-command(config-manager)' && dnf config-manager --set-enabled crb \
 && dnf -y install --setopt=install_weak_deps=False --setopt=skip_unavailable=False \
      autoconf \
      automake \
      bison \
      ccache \
      findutils \
      gcc \
      glibc-devel \
      libevent-devel \
      libtool \
      libxcrypt-devel \
      make \
      openssl-devel \
      pam-devel \
      pkgconf-pkg-config \
      shadow-utils \
      zlib-devel \
 && dnf clean all

RUN (grep -q '^ciforge:' /etc/group || groupadd -r ciforge) \
 && (id -u ciforge >/dev/null 2>&1 || useradd -r -g ciforge -d /ciforge/home -M -s /sbin/nologin ciforge) \
 && (grep -q '^_smtpd:' /etc/group || groupadd -r _smtpd) \
 && (id -u _smtpd >/dev/null 2>&1 || useradd -r -g _smtpd -d /var/empty -M -s /sbin/nologin _smtpd) \
 && (grep -q '^_smtpq:' /etc/group || groupadd -r _smtpq) \
 && (id -u _smtpq >/dev/null 2>&1 || useradd -r -g _smtpq -d /var/empty -M -s /sbin/nologin _smtpq)

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
