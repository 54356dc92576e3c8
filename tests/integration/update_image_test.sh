#!/bin/bash
# update --image: a newer image under the same name, the way back when it does not work, and the rollback point that stays.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
nas_up upd
{ "$nas" image "upd$ID" && "$nas" registry "upd$ID"; } >"$WORK/registry" 2>&1 || { cat "$WORK/registry" && exit 1; }
profile "upd$ID"
export QNAP_DOCKER_PROFILE=upd$ID
r=localhost:5000/web:1
# publish CHANGE...: another image under the same name, in the registry alone.
publish() {
  local c change words=()
  for change in "$@"; do words+=(-c "$change"); done
  c=$(engine create localhost:5000/busybox) && engine commit "${words[@]}" "$c" "$r" && engine push -q "$r" && engine rm "$c" && engine rmi "$r"
} >/dev/null 2>&1
image() { engine inspect -f '{{.Image}}' "$1"; }

publish 'LABEL v=1' 'CMD ["sleep", "1000"]'
engine pull -q "$r" >/dev/null
engine run -d --name web -e A=1 --restart unless-stopped -v kept:/data -m 64m "$r" >/dev/null
first=$(image web)

it "what runs the newest image already is left as it is"
before=$(engine inspect -f '{{.Id}}' web)
qd update --image web
expect_code 0
expect_err 'runs the newest image already'
expect "the same container" [ "$(engine inspect -f '{{.Id}}' web)" = "$before" ]

it "a newer image under the same name is pulled, and the container made anew with all it had"
engine tag "$first" "keep$ID" && publish 'LABEL v=2' 'CMD ["sleep", "1000"]' && engine tag "keep$ID" "$r" && engine rmi "keep$ID" >/dev/null
qd update --image web --monitor 1s
expect_code 0
second=$(image web)
expect "another image" [ "$second" != "$first" ]
expect "its label" [ "$(engine inspect -f '{{.Config.Labels.v}}' web)" = 2 ]
expect "its settings" [ "$(engine inspect -f '{{.State.Running}} {{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}} {{(index .Mounts 0).Name}}' web)" = \
  'true 67108864 unless-stopped kept' ]
expect "the rollback point" [ "$(engine inspect -f '{{index .Config.Labels "qnap-docker.rollback"}}' web)" = "$first" ]
expect "no other container" [ "$(engine ps -aq | wc -l)" = 1 ]

it "rmi --unused spares the rollback point, and says how it goes"
qd rmi --unused --yes
expect_code 0
expect_err '--include-rollback'
expect "it should be there" [ "$(engine image inspect "$first" -f there)" = there ]
qd rmi --include-rollback x
expect_refusal 2 conflicting_flags

it "an image that ends at once: the old container is back"
publish 'LABEL v=3' 'CMD ["false"]'
before=$(engine inspect -f '{{.Id}}' web)
qd update --image web --monitor 1s
expect_refusal 1
expect_err 'is back as it was'
expect "the old one, running" [ "$(engine inspect -f '{{.Id}} {{.State.Running}}' web)" = "$before true" ]
expect "no other container" [ "$(engine ps -aq | wc -l)" = 1 ]

it "--dry-run pulls and changes nothing"
engine rmi "$r" >/dev/null 2>&1
qd update --image web --dry-run
expect_code 0
expect_out web
expect "no image" bash -c "! docker -H unix://$NAS_SOCKET image inspect $r >/dev/null 2>&1"
expect "the same container" [ "$(engine inspect -f '{{.Id}}' web)" = "$before" ]

it "--plan-out changes nothing; apply pulls and does it, unless something changed meanwhile"
publish 'LABEL v=4' 'CMD ["sleep", "1000"]'
qd update --image --monitor 1s --plan-out "$WORK/plan.json" --exit-code web
expect_code 10
expect_out "+ pull image $r"
expect_out '^ replace container web'
expect "the same container" [ "$(engine inspect -f '{{.Id}}' web)" = "$before" ]
expect "no image" bash -c "! docker -H unix://$NAS_SOCKET image inspect $r >/dev/null 2>&1"
qd apply "$WORK/plan.json"
expect_code 0
expect "the new one" [ "$(engine inspect -f '{{.Config.Labels.v}} {{.State.Running}}' web)" = '4 true' ]
expect "both rollback points, the newest first" [ "$(engine inspect -f '{{index .Config.Labels "qnap-docker.rollback"}} {{index .Config.Labels "qnap-docker.rollback-older"}}' web)" = \
  "$second $first" ]
qd apply "$WORK/plan.json"
expect_refusal '3 6'

it "--image REF is taken where REF can be no container, and --image=REF always"
qd update --image busybox:latest web --monitor 1s --dry-run
expect_code 0
expect_out 'busybox:latest'
qd update --image=busybox web --monitor 1s --dry-run
expect_code 0
expect_out 'busybox'
qd update --image busybox:latest
expect_refusal 1 bad_argument
expect_err '--image=busybox:latest'

it "flags that do not go together"
qd update --image web -m 1g
expect_refusal 125 conflicting_flags
qd update --monitor 1s web
expect_refusal 125 conflicting_flags

it "rmi --unused --include-rollback removes it all the same"
qd rmi --unused --include-rollback --yes
expect_code 0
expect "it should be gone" bash -c "! docker -H unix://$NAS_SOCKET image inspect $first >/dev/null 2>&1"
