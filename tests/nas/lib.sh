# shellcheck shell=bash
# Sourced by nas and inside: mounts that nobody else sees, and the kernel's cgroup hierarchies.

# with_own_mounts COMMAND...: in a mount namespace from which nothing gets out. In a chroot "/" is no mount point and cannot
# be made private: a helper outside of the chroot (which is what entering one's own namespace means) makes all private.
with_own_mounts() {
  if mountpoint -q /; then
    exec unshare --mount --propagation private "$@"
  fi
  # shellcheck disable=SC2016
  exec unshare --mount --propagation unchanged sh -c \
    'nsenter --mount=/proc/self/ns/mnt "/proc/$$/root/bin/busybox" mount --make-rprivate / && exec "$@"' sh "$@"
}

# mount_cgroups DIR (in a mount namespace of one's own): version 1 where the kernel has controllers in it, as QTS has; else version 2.
mount_cgroups() {
  local dir=$1 id controllers name link version=2
  while IFS=: read -r id controllers _; do
    case $id:$controllers in 0:* | *:name=*) ;; *) version=1 ;; esac
  done </proc/self/cgroup
  if [ $version = 2 ]; then
    mount -t cgroup2 cgroup2 "$dir"
    return
  fi
  mount -t tmpfs -o mode=755,size=1m cgroup "$dir"
  while IFS=: read -r id controllers _; do
    [ "$id" != 0 ] || continue
    name=${controllers#name=}
    mkdir -p "$dir/$name"
    case $controllers in name=*) controllers=none,$controllers ;; esac
    mount -t cgroup -o "$controllers" cgroup "$dir/$name" || rmdir "$dir/$name"
    for link in ${name//,/ }; do [ -e "$dir/$link" ] || ln -s "$name" "$dir/$link"; done
  done </proc/self/cgroup
}

# Inside a container the root of cgroup version 2 holds processes, and then hands no controller on: they move to a group.
delegate_cgroups() {
  local dir=$1 pid
  [ -e "$dir/cgroup.type" ] || return 0
  mkdir -p "$dir/init"
  while read -r pid; do echo "$pid" >"$dir/init/cgroup.procs"; done <"$dir/cgroup.procs" 2>/dev/null
  sed 's/[^ ][^ ]*/+&/g' "$dir/cgroup.controllers" >"$dir/cgroup.subtree_control" 2>/dev/null || true
}

# thaw_cgroups DIR PARENT: what is paused below PARENT goes on. In version 1 a frozen process does not even take SIGKILL.
thaw_cgroups() {
  local group file word
  for group in "$1$2" "$1"/*"$2"; do
    [ -d "$group" ] || continue
    find "$group" '(' -name freezer.state -o -name cgroup.freeze ')' -print | while read -r file; do
      case $file in */freezer.state) word=THAWED ;; *) word=0 ;; esac
      echo "$word" >"$file" || true
    done
  done
}

# remove_cgroups DIR PARENT: what a dead NAS leaves under DIR: the (empty) groups below PARENT in every hierarchy.
remove_cgroups() {
  local group
  for group in "$1$2" "$1"/*"$2"; do
    [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
  done
}
