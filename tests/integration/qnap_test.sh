#!/bin/bash
# What differs from one QNAP to another: file systems, several volumes, where Container Station is.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"

it "QTS on one volume"
profile nas1
qd info --nas
expect_code 0
expect_out ', QTS '
expect_out 'CACHEDEV1_DATA/.qpkg/container-station'
expect_out ' Volumes: /share/CACHEDEV1_DATA'

it "hero: datasets of ZFS"
nas_up zfs --layout zfs
"$nas" image "zfs$ID"
profile "zfs$ID"
qd --profile "zfs$ID" info --nas
expect_code 0
expect_out 'QuTS hero'
expect_out '/share/ZFS'
qd --profile "zfs$ID" system df --disks
expect_code 0
expect "docker's place should be marked" grep -Eq '^/share/ZFS.* docker$' "$WORK/out"

it "a volume on hero lies on a dataset"
qd --profile "zfs$ID" volume create "v$ID"
expect_code 0
qd --profile "zfs$ID" volume inspect -f '{{.Mountpoint}}' "v$ID"
expect_out /share/
qd --profile "zfs$ID" volume ls --size -f "name=v$ID"
expect_code 0
expect_out 0B

it "the station moved while its registry entry is gone"
"$nas" sh "zfs$ID" 'sed -i "s/^Install_Path.*//" /etc/config/qpkg.conf'
qd --profile "zfs$ID" info --nas
expect_code 0
expect_out '.qpkg/container-station'
qd --profile "zfs$ID" ps
expect_code 0

it "a station that is switched off"
"$nas" sh "zfs$ID" 'sed -i "s/^Enable.*/Enable = FALSE/" /etc/config/qpkg.conf'
qd --profile "zfs$ID" info --nas
expect_out '(stopped)'
