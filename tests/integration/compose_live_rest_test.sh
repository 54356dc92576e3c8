#!/bin/bash
# The other half of compose_live_test.sh.
HALF=1 exec "$(dirname "$0")/compose_live_test.sh"
