ARG BASE=registry.fedoraproject.org/fedora:45
FROM ${BASE}

RUN dnf -y install --setopt=install_weak_deps=False --setopt=skip_unavailable=False \
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
      zlib-ng-compat-devel \
 && dnf clean all

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
