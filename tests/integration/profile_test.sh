#!/bin/bash
# Profiles of real engines: init, doctor and the profile commands, without SSH.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use nas1

it "init sets up an engine of this machine"
qd init "unix://$NAS_SOCKET" --name "here$ID"
expect_code 0
expect_out "host: unix://$NAS_SOCKET"
expect_out "storage driver"
expect_err "✔ Engine API"
expect "a private file" test "$(stat -c %a "$QNAP_DOCKER_HOME/profiles.yaml" "$QNAP_DOCKER_HOME" | tr '\n' ' ')" = "600 700 "

it "init leaves an existing profile alone"
cp "$QNAP_DOCKER_HOME/profiles.yaml" "$WORK/before"
qd init "unix://$NAS_SOCKET" --name "here$ID"
expect_error 6 profile_exists
expect "the file as it was" cmp -s "$WORK/before" "$QNAP_DOCKER_HOME/profiles.yaml"
qd init "unix://$NAS_SOCKET" --name "here$ID" --update
expect_code 0

it "init fails where no engine is, and writes nothing"
qd init "unix://$WORK/none.sock" --name "none$ID"
expect_error 5 no_socket
expect_err "✖ Engine API"
expect "no profile" [ -z "$(grep "none$ID" "$QNAP_DOCKER_HOME/profiles.yaml")" ]

it "doctor finds it well"
qd doctor "here$ID"
expect_code 0
expect_out "✔ Engine API"
qd doctor --json
expect_code 0
expect_out '"ok":true'
expect_no_out "here$ID"

it "profile add asks the engine first"
qd profile add "gone$ID" --host "unix://$WORK/none.sock"
expect_error 5 no_socket
expect "no profile" [ -z "$(grep "gone$ID" "$QNAP_DOCKER_HOME/profiles.yaml")" ]
qd profile add "two$ID" --host "unix://$NAS_SOCKET" --group pair
expect_code 0
qd profile add "gone$ID" --host "unix://$WORK/none.sock" --no-verify --group pair
expect_code 0
qd profile list --format '{{.Name}} {{.State}}'
expect_exact "here$ID verified
two$ID verified
gone$ID unverified"

it "profile list --check tells those that do not answer"
qd profile list --check --format '{{.Name}} {{.State}}'
expect_code 8
expect_out "two$ID ok"
expect_out "gone$ID no_socket"

it "profile test shows the version, and partial failure"
qd profile test "two$ID" --format '{{.Version}}'
expect_code 0
expect_exact "$(engine version --format '{{.Server.Version}}')"
qd profile test --profile group:pair
expect_code 7
expect_err "no_socket"

it "a selector that matches nothing is not found"
qd profile test --profile "tow$ID"
expect_error 3 profile_not_found
expect_err "did you mean two$ID?"

it "profile add on a terminal saves what does not answer, when it is told to"
on_tty profile add "later$ID" --host "unix://$WORK/none.sock" <<'END'
expect all the same, unverified? [y/N]
send n\r
END
expect_code 9
expect "no profile" [ -z "$(grep "later$ID" "$QNAP_DOCKER_HOME/profiles.yaml")" ]
on_tty profile add "later$ID" --host "unix://$WORK/none.sock" --default <<'END'
expect all the same, unverified? [y/N]
send y\r
END
expect_code 0
expect_out 'unverified'
expect_out 'it is the default profile'
qd profile set-default "here$ID"
qd profile add "later$ID" --host local
expect_error 6 profile_exists
qd profile add "nohost$ID"
expect_error 2 missing_flag

it "profile edit forgets what was known of another place"
qd profile edit "two$ID" --set docker_path=/opt/docker
expect_code 0
qd profile list --format '{{.Name}} {{.State}}'
expect_out "two$ID unknown"
qd profile edit --set color=red
expect_error 2 missing_argument

# edited SCRIPT [ANSWER]: what 'profile edit' on a terminal makes of the file with this editor; the answer is to its question.
edited() {
  printf '#!/bin/sh\n%s\n' "$1" >"$WORK/editor" && chmod +x "$WORK/editor"
  cp "$QNAP_DOCKER_HOME/profiles.yaml" "$WORK/before"
  EDITOR="$WORK/editor --wait" on_tty profile edit <<<"${2:+expect Edit again? [Y/n]
send $2\\r}"
}
as_before() { cmp -s "$WORK/before" "$QNAP_DOCKER_HOME/profiles.yaml"; }
it "profile edit opens the file in an editor, and checks it"
edited 'shift; echo "# mine" >>"$1"'
expect_code 0
expect_out 'profiles.yaml was changed'
expect "the comment is there" grep -q '^# mine' "$QNAP_DOCKER_HOME/profiles.yaml"
edited 'exit 0'
expect_code 0
expect_out 'nothing was changed'
edited 'echo "profiles: [" >"$2"' n
expect_code 9
expect_out 'your version is kept in'
expect "the file as it was" as_before
edited 'grep -q again "$0.seen" 2>/dev/null && echo "# once more" >>"$2" && sed -i "/^broken/d" "$2" && exit
echo again >"$0.seen"; echo "broken: [" >>"$2"' y
expect_code 0
expect "the second try is taken" grep -q '^# once more' "$QNAP_DOCKER_HOME/profiles.yaml"
edited 'exit 3'
expect_code 1
expect_out 'it ended with status 3'
expect "the file as it was" as_before
expect "no copy is left but the one that was named" [ "$(find "$QNAP_DOCKER_HOME" -name '*.edit.yaml' | wc -l)" = 1 ]

it "profile remove says who needs it"
qd profile set-default "here$ID"
qd profile remove "here$ID"
expect_error 6 profile_in_use
qd profile remove "later$ID" "two$ID"
expect_exact "later$ID
two$ID"
qd profile remove "later$ID"
expect_error 3 profile_not_found
