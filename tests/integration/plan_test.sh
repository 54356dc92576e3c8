#!/bin/bash
# A newer image for a container, and the list of jobs.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
VIA=socket profile nas1
c=app$ID
# update IMAGE: what 'update --image=IMAGE' does with the container.
update() {
  cat >"$WORK/update.lua" <<END
local nas = require("docker").connect "nas1"
local p = require("recreate.image").plan(nas, { "$c" }, { ref = "$1", policy = "never", monitor = 1 })
p:apply { nas_of = function() return nas end }
END
  qd __script "$WORK/update.lua"
}

it "a container gets another image, and keeps its networks, volumes and settings"
engine network create --subnet 172.30.77.0/24 "net$ID" >/dev/null
engine run -d --stop-timeout 0 --name "$c" --network "net$ID" --ip 172.30.77.9 --network-alias "alias$ID" -v "vol$ID:/data" -v /anon -e COLOR=red \
  --label mine=1 -m 64m busybox sleep 1000 >/dev/null
engine exec "$c" sh -c 'echo kept >/anon/file'
before=$(engine inspect -f '{{.HostConfig.Memory}} {{.Config.Cmd}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}} {{len .Mounts}}' "$c")
old=$(engine inspect -f '{{.Image}}' "$c")
engine commit -c 'LABEL version=2' -c 'ENV COLOR=blue' -c 'CMD ["true"]' "$c" "new:$ID" >/dev/null
update "new:$ID"
expect_code 0
expect "it has the image" [ "$(engine inspect -f '{{.Config.Image}}' "$c")" = "new:$ID" ]
expect "the rest is as it was" [ "$(engine inspect -f '{{.HostConfig.Memory}} {{.Config.Cmd}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}} {{len .Mounts}}' "$c")" = "$before" ]
expect "its anonymous volume came along" [ "$(engine exec "$c" cat /anon/file)" = kept ]
expect "the old image is noted" [ "$(engine inspect -f '{{index .Config.Labels "qnap-docker.rollback"}}' "$c")" = "$old" ]
expect "the image's label counts, and ours too" [ "$(engine inspect -f '{{.Config.Labels.version}}{{.Config.Labels.mine}}' "$c")" = 21 ]
expect "no other is left" [ "$(engine ps -aq --filter "name=$c" | wc -l)" = 1 ]

it "an image that does not work leads back to the old container"
id=$(engine inspect -f '{{.Id}}' "$c")
engine commit -c 'ENTRYPOINT ["false"]' "$c" "bad:$ID" >/dev/null
update "bad:$ID"
expect "it should fail, not $code" [ "$code" -ne 0 ]
expect "the old one runs" [ "$(engine inspect -f '{{.Id}} {{.State.Running}}' "$c")" = "$id true" ]
qd jobs -q
job=${out%%$'\n'*}
qd jobs --json
expect_out '"state":"undone"'
qd undo "$job"
expect_refusal 6 not_undoable
qd resume nothing
expect_refusal 3 no_such_job
engine rmi -f "new:$ID" "bad:$ID" >/dev/null 2>&1


it "jobs --prune forgets what ended well"
qd jobs --prune
expect_code 0
qd jobs -q
expect_exact ''
