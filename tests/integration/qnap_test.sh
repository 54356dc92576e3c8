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

it "a container on hero runs, with a share and a volume in it"
qd --profile "zfs$ID" run --name "c$ID" -v "v$ID:/data" -v /share/Public:/pub busybox sh -c 'echo kept >/data/f && echo shared >/pub/f && echo ran'
expect_code 0
expect_exact ran
expect "the share's dataset should have the file" "$nas" sh "zfs$ID" 'grep -q shared /share/ZFS542_DATA/f'
qd --profile "zfs$ID" run --rm -v "v$ID:/data" busybox cat /data/f
expect_exact kept
qd --profile "zfs$ID" run -d --name "d$ID" busybox sleep 1000
expect_code 0
qd --profile "zfs$ID" exec "d$ID" echo inside
expect_exact inside
qd --profile "zfs$ID" cp "c$ID:/bin/busybox" "$WORK/busybox"
expect_code 0
qd --profile "zfs$ID" rm -f "c$ID" "d$ID"
expect_code 0

it "several volumes: the station on the second, its share on the third"
nas_up volumes --layout volumes
"$nas" image "volumes$ID"
profile "volumes$ID"
qd --profile "volumes$ID" info --nas
expect_code 0
expect_out 'CACHEDEV2_DATA/.qpkg/container-station'
expect_out '/share/CACHEDEV1_DATA'
expect_out '/share/CACHEDEV3_DATA'
qd --profile "volumes$ID" system df --disks
expect_code 0
expect "docker's place should be marked" grep -Eq '^/share/CACHEDEV3_DATA.* docker$' "$WORK/out"
expect "and no other" [ "$(grep -c ' docker$' "$WORK/out")" = 1 ]

it "a container with directories of two volumes"
qd --profile "volumes$ID" run --rm -v /share/CACHEDEV2_DATA/two:/two -v /share/Container/three:/three busybox sh -c 'touch /two/f /three/f && echo ran'
expect_code 0
expect_exact ran
expect 'a file should be on each' "$nas" sh "volumes$ID" 'test -f /share/CACHEDEV2_DATA/two/f && test -f /share/CACHEDEV3_DATA/Container/three/f'
qd --profile "volumes$ID" volume create "w$ID"
expect_code 0
qd --profile "volumes$ID" volume inspect -f '{{.Mountpoint}}' "w$ID"
expect_out /share/CACHEDEV3_DATA/Container/

it "init finds the share that is not on the first volume"
qd init "$NAS_HOST" --name found --key "$NAS_KEY" --no-agent --accept-host-key "$(ssh-keygen -lf "$NAS_HOSTKEYS/ed25519.pub" | cut -d ' ' -f 2)"
expect_code 0
qd profile show found
expect_out 'CACHEDEV3_DATA/Container'

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
