#!/bin/sh
# Before removing, not before an upgrade. Data, settings and key stay, also after a purge: a package never deletes files of people.
set -e
case "$1" in
  remove | 0)
    if [ -d /run/systemd/system ]; then systemctl disable --quiet --now runes.service || true; fi
    ;;
esac
