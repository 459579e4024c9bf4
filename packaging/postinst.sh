#!/bin/sh
# After unpacking: the user, the folders, the master key of a first installation, and the service.
set -e
if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers runes.conf
elif ! getent passwd runes >/dev/null; then
  groupadd --system runes
  useradd --system --gid runes --home-dir /var/lib/runes --shell /usr/sbin/nologin runes
fi
# As tmpfiles.d has it, which not every container can run.
install -d -m 0750 -o root -g runes /etc/runes
install -d -m 0700 -o runes -g runes /var/lib/runes
# The key lies outside the data. One that exists is never replaced: without it the data opens nothing.
if [ ! -e /etc/runes/runes.key ] && [ ! -e /var/lib/runes/system.db ]; then
  key=$(od -An -vtx1 -N32 /dev/urandom | tr -d ' \n')
  [ ${#key} -eq 64 ]
  (umask 377 && echo "$key" >/etc/runes/runes.key)
  chown runes:runes /etc/runes/runes.key
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl enable --quiet runes.service
  systemctl restart runes.service
fi
