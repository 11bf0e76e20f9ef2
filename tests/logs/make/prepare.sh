# Inside an image: the trees that most cases start from.
set -eu
for user in _smtpd _smtpq; do
	id $user >/dev/null 2>&1 || useradd -r -M -d /var/empty -s /usr/sbin/nologin $user
done
mkdir -p /build /cache/opensmtpd /cache/hello-portable
tar -xf /src/opensmtpd-7.9.0p0.tar.gz -C /cache/opensmtpd --strip-components=1
cd /cache/opensmtpd
[ -x configure ] || ./bootstrap
# Configured where the cases will have it, so that `make` finds nothing to do over.
mv /cache/opensmtpd /build/opensmtpd
cd /build/opensmtpd
./configure --sysconfdir=/etc/mail --with-auth-pam >/cache/opensmtpd-configure.log 2>&1
cd / && mv /build/opensmtpd /cache/opensmtpd
cp -a /examples/hello-portable/. /cache/hello-portable/
cd /cache/hello-portable && sh bootstrap
rm -rf autom4te.cache
