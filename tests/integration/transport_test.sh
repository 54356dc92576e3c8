#!/bin/bash
# The program reaches an engine over every way to it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
it "shows its version"
qd version
expect_code 0
expect_out qnap-docker
