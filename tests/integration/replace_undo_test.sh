#!/bin/bash
# run --replace, ended by kill -9 at every step, then undo.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
VIA=socket profile nas1
# shellcheck source=tests/integration/replace_lib.sh
. "$(dirname "$0")/replace_lib.sh"

killed_everywhere undo

it "nothing is taken back once the old one is gone"
first >/dev/null
killed '"step":"s7","t":"started"'
engine rm -f "$(engine ps -aq --filter "name=$c-replaced")" >/dev/null 2>&1
qd undo --yes
expect_code 6
expect_err 'code: not_undoable'
qd resume --yes
expect "the new one runs, alone, not: $(left)" [ "$(left)" = "$c running" ]
