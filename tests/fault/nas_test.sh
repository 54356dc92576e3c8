#!/bin/bash
# The fault sweep over what looks at a NAS.
# shellcheck source=tests/fault/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
sweep profile test
report=✖ sweep doctor
sweep ps -a
