#!/bin/bash
# Profiles of real engines: init, doctor and the profile commands, without SSH.
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
