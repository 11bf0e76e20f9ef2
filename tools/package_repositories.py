"""Small local repositories for package managers, as scripts for sh that an image runs.

Each has the packages that jobs need, which are empty, and packages that go wrong: `fault-needs` requires one that
no index has, the script of `fault-script` fails, `fault-one` conflicts with `fault-two`, and `fault-big` is larger
than /dev/shm, where its file goes. `/srv/mirror STATE` chooses the mirrors: `good`, `dead`, `half` (one of two is
dead), and for apt `expired`.
"""

from collections.abc import Iterable

DEAD = "http://127.0.0.1:9/dead"
BIG = "80"
"""MiB of a file that does not fit into /dev/shm of a container, which has 64."""


APK = f"""\
set -e; mkdir -p /srv/repo/x86_64 /files/fault-big/dev/shm; cd /srv/repo/x86_64
package() {{
    name=$1; shift; mkdir -p "/files/$name"
    apk mkpkg --sign-key /tmp/tests.rsa --info "name:$name" --info version:1-r0 --info arch:x86_64 \\
        --info description:test --info license:none "$@" --files "/files/$name" --output "$name-1-r0.apk"
}}
dd if=/dev/zero of=/files/fault-big/dev/shm/fault-big bs=1M count={BIG} 2>/dev/null
printf '#!/bin/sh\\nexit 7\\n' >/tmp/script
package fault-needs --info depends:fault-absent; package fault-script --script post-install:/tmp/script
package fault-one --info depends:!fault-two; package fault-two; package fault-big
for name in $NAMES; do package "$name"; done
apk mkndx --sign-key /tmp/tests.rsa --output APKINDEX.tar.gz ./*.apk
cat >/srv/mirror <<'X'
case $1 in
good) echo /srv/repo ;;
dead) echo {DEAD} ;;
half) printf '%s\\n' {DEAD} /srv/repo ;;
esac >/etc/apk/repositories
X
sh /srv/mirror good
"""

_RPM = f"""\
set -e; mkdir -p /srv/repo /tmp/build; cd /tmp/build
{{
    printf 'Name: base\\nVersion: 1\\nRelease: 1\\nSummary: s\\nLicense: none\\nBuildArch: noarch\\nProvides: /bin/sh, glibc\\n'
    printf '%%description\\nd\\n%%install\\nmkdir -p %%{{buildroot}}/dev/shm\\n'
    printf 'dd if=/dev/zero of=%%{{buildroot}}/dev/shm/fault-big bs=1M count={BIG}\\n%%files\\n'
    for name in $NAMES fault-needs fault-script fault-one fault-two fault-big; do
        printf '%%package -n %s\\nSummary: s\\n' "$name"
        case $name in
        fault-needs) echo 'Requires: fault-absent' ;;
        fault-one) echo 'Conflicts: fault-two' ;;
        esac
        printf '%%description -n %s\\nd\\n%%files -n %s\\n' "$name" "$name"
        case $name in
        fault-script) printf '%%post -n fault-script\\nexit 7\\n' ;;
        fault-big) echo /dev/shm/fault-big ;;
        esac
    done
}} >base.spec
rpmbuild -bb --quiet --define '_rpmdir /srv/repo' --define '_topdir /tmp/build' \\
    --define '_binary_payload w1.gzdio' base.spec
createrepo_c -q /srv/repo; rm -rf /tmp/build
"""

DNF = f"""\
{_RPM}
mkdir -p /etc/yum.repos.d /etc/dnf/vars; echo 1 >/etc/dnf/vars/releasever
printf '[main]\\nreleasever=1\\n' >/etc/dnf/dnf.conf
cat >/srv/mirror <<'X'
rm -f /etc/yum.repos.d/*
{{
    printf '[test]\\nname=test\\ngpgcheck=0\\nretries=1\\ntimeout=3\\nbaseurl='
    case $1 in
    good) echo file:///srv/repo ;;
    dead) echo {DEAD} ;;
    half) printf '{DEAD}\\n        file:///srv/repo\\n' ;;
    esac
}} >/etc/yum.repos.d/test.repo
X
sh /srv/mirror good
"""

ZYPPER = f"""\
{_RPM}
rpm -i --nodeps /srv/repo/noarch/base-*.rpm; mkdir -p /etc/zypp/repos.d
cat >/srv/mirror <<'X'
rm -f /etc/zypp/repos.d/*
{{
    printf '[test]\\nname=test\\nenabled=1\\ntype=rpm-md\\ngpgcheck=0\\nbaseurl='
    case $1 in
    good) echo file:///srv/repo ;;
    dead) echo {DEAD} ;;
    half) printf '{DEAD}\\n        file:///srv/repo\\n' ;;
    esac
}} >/etc/zypp/repos.d/test.repo
X
sh /srv/mirror good
"""

PACMAN = f"""\
set -e; mkdir -p /srv/repo /tmp/db /tmp/package/dev/shm; cd /tmp/package
package() {{ # NAME PKGINFO DESC FILES...
    name=$1 info=$2 desc=$3; shift 3
    file=$name-1-1-any.pkg.tar.gz
    printf 'pkgname = %s\\npkgbase = %s\\npkgver = 1-1\\npkgdesc = d\\nbuilddate = 1\\nsize = %s\\narch = any\\n%s' \\
        "$name" "$name" "${{SIZE:-0}}" "$info" >.PKGINFO
    tar -czf "/srv/repo/$file" .PKGINFO "$@"
    mkdir "/tmp/db/$name-1-1"
    printf '%%%s%%\\n%s\\n\\n' FILENAME "$file" NAME "$name" VERSION 1-1 DESC d \\
        CSIZE "$(stat -c %s "/srv/repo/$file")" ISIZE "${{SIZE:-0}}" ARCH any BUILDDATE 1 >"/tmp/db/$name-1-1/desc"
    printf '%b' "$desc" >>"/tmp/db/$name-1-1/desc"
}}
dd if=/dev/zero of=dev/shm/fault-big bs=1M count={BIG} 2>/dev/null
printf 'post_install() {{\\n  return 7\\n}}\\n' >.INSTALL
for name in $NAMES fault-two; do package "$name" '' ''; done
package fault-needs 'depend = fault-absent
' '%DEPENDS%\\nfault-absent\\n\\n'
package fault-one 'conflict = fault-two
' '%CONFLICTS%\\nfault-two\\n\\n'
package fault-script '' '' .INSTALL
SIZE=$(({BIG} * 1048576)); package fault-big '' '' dev/shm/fault-big
cd /tmp/db; tar -czf /srv/repo/test.db -- *; rm -rf /tmp/db /tmp/package
cat >/srv/mirror <<'X'
{{
    printf '[options]\\nArchitecture = auto\\nSigLevel = Never\\nCheckSpace\\nDownloadUser = alpm\\n[test]\\n'
    case $1 in dead | half) echo 'Server = {DEAD}' ;; esac
    case $1 in good | half) echo 'Server = file:///srv/repo' ;; esac
}} >/etc/pacman.conf
rm -rf /var/lib/pacman/sync
X
id alpm >/dev/null 2>&1 || useradd -r alpm
sh /srv/mirror good
"""

APT = f"""\
set -e; mkdir -p /srv/repo; cd /srv/repo
package() {{ # NAME FIELDS; the version is above those that installed packages break
    mkdir -p "/tmp/$1/DEBIAN"
    printf 'Package: %s\\nVersion: 99\\nArchitecture: all\\nMaintainer: T <t@example.org>\\nDescription: d\\n%b' "$1" "$2" \\
        >"/tmp/$1/DEBIAN/control"
    dpkg-deb --root-owner-group -Zgzip -z1 -b "/tmp/$1" "$1.deb" >/dev/null
    {{
        cat "/tmp/$1/DEBIAN/control"
        echo "Filename: ./$1.deb"; echo "Size: $(stat -c %s "$1.deb")"; echo "SHA256: $(sha256sum "$1.deb" | cut -d ' ' -f 1)"; echo
    }} >>Packages
    rm -rf "/tmp/$1"
}}
mkdir -p /tmp/fault-big/dev/shm /tmp/fault-script/DEBIAN
dd if=/dev/zero of=/tmp/fault-big/dev/shm/fault-big bs=1M count={BIG} 2>/dev/null
printf '#!/bin/sh\\nexit 7\\n' >/tmp/fault-script/DEBIAN/postinst; chmod 755 /tmp/fault-script/DEBIAN/postinst
for name in $NAMES fault-two fault-big fault-script; do package "$name" ''; done
package fault-needs 'Depends: fault-absent\\n'; package fault-one 'Conflicts: fault-two\\n'
mkdir /srv/expired; cp ./* /srv/expired; cd /srv/expired
printf 'Origin: T\\nDate: Mon, 02 Jan 2023 00:00:00 UTC\\nValid-Until: Mon, 09 Jan 2023 00:00:00 UTC\\nSHA256:\\n %s %s Packages\\n' \\
    "$(sha256sum Packages | cut -d ' ' -f 1)" "$(stat -c %s Packages)" >Release
cat >/srv/mirror <<'X'
rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/*
case $1 in
good) echo 'deb [trusted=yes] file:/srv/repo ./' ;;
dead) echo 'deb [trusted=yes] {DEAD} ./' ;;
half) printf 'deb [trusted=yes] %s ./\\n' {DEAD} file:/srv/repo ;;
expired) echo 'deb [trusted=yes] file:/srv/expired ./' ;;
esac >/etc/apt/sources.list
X
sh /srv/mirror good
"""


def script(text: str, names: Iterable[str]) -> str:
    """A script with the names of the packages that its repository has besides those that go wrong."""
    return f"NAMES='{' '.join(sorted(set(names)))}'\n{text}"
