#!/bin/sh
# usage: sh tools/debian_disk.sh FOLDER PUBLIC-KEY
# Makes FOLDER/disk.raw, a Debian 13 disk of 3 GiB with what hello-portable needs, an OpenSSH server and the user
# `ciforge`, who has this key and sudo; and FOLDER/vmlinuz and FOLDER/initrd, for it has no boot loader. Needs root,
# mmdebstrap and mke2fs.
set -eu
folder=$1 key=$(cat "$2")
mkdir -p "$folder"
cd "$folder"
packages=linux-image-cloud-amd64,systemd-sysv,udev,openssh-server,sudo,gcc,libc6-dev,make,autoconf,automake,pkgconf
mmdebstrap --quiet --variant=minbase --include="$packages" trixie root.tar
rm -rf root
mkdir root
tar -C root -xf root.tar --exclude='./dev/*'
rm -f root.tar
chroot root useradd -m -d /var/ciforge -s /bin/sh ciforge
echo 'ciforge ALL=(ALL) NOPASSWD: ALL' >root/etc/sudoers.d/ciforge
mkdir -p root/var/ciforge/.ssh root/etc/systemd/network
echo "$key" >root/var/ciforge/.ssh/authorized_keys
chroot root chown -R ciforge:ciforge /var/ciforge
chmod -R go= root/var/ciforge/.ssh
printf '[Match]\nName=e*\n[Network]\nDHCP=yes\n' >root/etc/systemd/network/80.network
chroot root systemctl --quiet enable systemd-networkd ssh
for timer in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer; do
    chroot root systemctl --quiet mask "$timer"
done
echo '/dev/vda / ext4 defaults 0 1' >root/etc/fstab
echo guest >root/etc/hostname
echo '127.0.0.1 localhost guest' >root/etc/hosts
cp root/boot/vmlinuz-* vmlinuz
cp root/boot/initrd.img-* initrd
rm -f disk.raw
mke2fs -q -t ext4 -d root disk.raw 3G
rm -rf root
