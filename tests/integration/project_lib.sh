# shellcheck shell=bash
# Sourced behind lib.sh by tests of compose commands: a project "p$ID" made by hand, with compose v2's labels.
project=p$ID
mkdir -p "$WORK/$project" && cd "$WORK/$project" || exit 1

# member SERVICE NUMBER [OPTION]... IMAGE [WORD]...: a container of the project runs. ONEOFF=True: one as of `compose run`.
member() {
  local service=$1 number=$2
  engine run -d --name "${NAME:-$project-$service-$number}" --label "com.docker.compose.project=$project" \
    --label "com.docker.compose.service=$service" --label "com.docker.compose.container-number=$number" \
    --label "com.docker.compose.oneoff=${ONEOFF:-False}" --label com.docker.compose.config-hash=x "${@:3}" >/dev/null
}
# of_project KIND [WORD]...: ids of what the project has ("container -a", network, volume).
of_project() {
  # shellcheck disable=SC2086
  engine $1 ls -q ${2:-} --filter "label=com.docker.compose.project=$project"
}
# gone: takes all of it away.
gone() {
  local kind
  for kind in container network volume; do
    # shellcheck disable=SC2046
    set -- $(of_project $kind "$([ $kind != container ] || echo -a)")
    [ $# = 0 ] || engine $kind rm -f "$@" >/dev/null 2>&1
  done
}
