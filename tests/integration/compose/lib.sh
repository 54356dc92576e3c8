# shellcheck shell=bash
# What recording and comparing share; sourced behind tests/integration/lib.sh, with a NAS in use that has nothing but images.
# A project is a directory of projects/: its files, and where they are wanted
#   before  lines of arguments for docker: what must be there first
#   unlike  lines "API reason": there compose v2 is not what we want to be
#   flags, args  in front of `up`, behind it; env  its environment
# Recorded answers: recorded/API/PROJECT.json, API the version of the engine's.
projects=$here/compose/projects
api=$(engine version -f '{{.Server.APIVersion}}')
recorded=$here/compose/recorded/$api
place=$WORK/projects # on this machine and, with the same content, on the NAS

# What the engine can limit here; it drops what it cannot.
abilities() { engine info -f '{{.MemoryLimit}} {{.SwapLimit}} {{.CPUCfsQuota}} {{.CPUShares}} {{.CPUSet}} {{.PidsLimit}} {{.OomKillDisable}} {{.CgroupVersion}}'; }

settle() {
  cp -r "$projects" "$place"
  tar -C "$WORK" -c projects | "$nas" sh "$NAS_NAME" "mkdir -p '$WORK' && tar -C '$WORK' -x"
}

# ready PROJECT: what it needs is there, and the words of its `up` are in flags and args, its environment in env.
ready() {
  local line
  project=$1 flags=() args=() env=()
  cd "$place/$project" || exit 1
  [ ! -e flags ] || read -ra flags <flags
  [ ! -e args ] || read -ra args <args
  [ ! -e env ] || mapfile -t env <env
  # shellcheck disable=SC2086
  [ ! -e before ] || while read -r line; do engine $line >/dev/null; done <before
}

# gone: nothing is left but images.
gone() {
  local kind
  for kind in container volume network; do
    # shellcheck disable=SC2046
    set -- $(engine $kind ls -q $([ $kind != container ] || echo -a) $([ $kind != network ] || echo --filter type=custom))
    [ $# = 0 ] || engine $kind rm -f "$@" >/dev/null
  done
}

inspected() { # inspected KIND ID...: a JSON list, also of none
  if [ $# -gt 1 ]; then engine "$1" inspect "${@:2}"; else echo '[]'; fi
}

# shown CONTAINER...: mode, owner and content of the files that the label "show" names.
shown() {
  local c path
  for c; do
    for path in $(engine inspect -f '{{.Config.Labels.show}}' "$c"); do
      [ "$path" != '<no' ] && [ "$path" != 'value>' ] || continue
      printf '"%s", ' "$path $(engine exec "$c" stat -c '%a %u:%g' "$path") $(engine exec "$c" base64 "$path" | tr -d '\n')"
    done
  done
}

# capture: what the project came to, reduced. DIRECTORY is what stands for the project's in paths.
capture() {
  local label=label=com.docker.compose.project=$project c all
  for c in $(engine ps -q --filter "$label" --filter label=ends); do engine wait "$c" >/dev/null; done
  all=$(engine ps -a --filter "$label" --format "{{.Names}}" | sort)
  {
    # shellcheck disable=SC2046,SC2086
    printf '{"containers": %s, "networks": %s, "volumes": %s, "shown": [%s ""], "others": [%s ""], "ids": "%s", "nas": "%s"}' \
      "$(inspected container $all)" \
      "$(inspected network $(engine network ls -q --filter "$label"))" \
      "$(inspected volume $(engine volume ls -q --filter "$label"))" \
      "$(shown $all)" \
      "$({ engine ps -a --format '{{.Names}}' && engine network ls --format '{{.Name}}' && engine volume ls -q; } | sed 's/.*/"&",/')" \
      "$({ engine ps -a --no-trunc --format '{{.ID}}={{.Names}}' && engine network ls --no-trunc --format '{{.ID}}={{.Name}}'; } | tr '\n' ' ')" \
      "$NAS_NAME"
  } >"$WORK/captured"
  "$QD_PROGRAM" __script "$here/compose/reduce.lua" "$WORK/captured" "${DIRECTORY:-$place/$project}" ${skip_limits:+skip-limits}
}
