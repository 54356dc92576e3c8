#!/bin/bash
# compose build, push and pull: contexts of services on the engine of the NAS, images of another NAS, a registry beside it.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/project_lib.sh
. "$(dirname "$0")/project_lib.sh"
profile nas1
nas_up build
"$nas" image "build$ID"
"$nas" registry "build$ID" >"$WORK/registry" 2>&1 || { cat "$WORK/registry" && exit 1; }
profile "build$ID"
export QNAP_DOCKER_PROFILE=build$ID
unset DOCKER_BUILDKIT
in_image() { engine run --rm "$1" sh -c "$2"; }
id_of() { engine image inspect -f '{{.Id}}' "$1"; }
mkdir -p base web
printf 'FROM busybox\nRUN echo base >/base\n' >base/Dockerfile
printf 'FROM made-base:1\nARG A=none\nRUN echo "$A" >/arg\nCOPY . /ctx/\n' >web/Dockerfile
echo dropped >web/drop && echo drop >web/.dockerignore && echo kept >web/kept
cat >compose.yaml <<'END'
services:
  web:
    build: {context: ./web, args: {A: file}, tags: ["web:extra"], labels: {k: v}}
    depends_on: [base]
  base:
    build: base
    image: made-base:1
  inline:
    build:
      context: .
      dockerfile_inline: |
        FROM busybox
        RUN echo inline >/x
  plain: {image: busybox}
END

it "builds what has something to build, what others depend on first"
qd compose build
expect_code 0
expect_out 'base    | Step 1/'
expect_out 'inline  | Successfully built'
expect_no_out 'plain'
expect "web should be built on base" [ "$(in_image "$project-web" 'cat /base /arg; ls /ctx')" = "$(printf '%s\n' base file Dockerfile kept)" ]
expect "the further tag" [ "$(id_of web:extra)" = "$(id_of "$project-web")" ]
expect "labels of the file and of compose" [ "$(engine image inspect -f '{{.Config.Labels.k}} {{index .Config.Labels "com.docker.compose.service"}}' "$project-web")" = 'v web' ]
expect "a Dockerfile in the compose file" [ "$(in_image "$project-inline" 'cat /x')" = inline ]

it "one service, an argument, nothing printed"
qd compose build -q --build-arg A=line web
expect_code 0
expect_exact ''
expect "the argument should count" [ "$(in_image "$project-web" 'cat /arg')" = line ]

it "compose v2's image and ours have the same name"
qd compose config --images
expect_out "$project-web"

it "what needs BuildKit goes through the NAS's docker, with its secret"
cat >kit.yaml <<'END'
services:
  kit:
    build:
      context: .
      dockerfile_inline: |
        FROM busybox
        RUN --mount=type=secret,id=s cat /run/secrets/s >/got
      secrets: [s]
secrets: {s: {environment: TOKEN}}
END
TOKEN='very secret' qd compose -f kit.yaml build
expect_code 0
expect_out 'needs BuildKit'
expect_no_out 'very secret'
expect "the secret should have been there" [ "$(in_image "$project-kit" 'cat /got')" = 'very secret' ]
qd compose -f kit.yaml build
expect_refusal 2 no_variable

it "further contexts: a folder here, and an image; nothing is left of them"
mkdir -p more && echo beside >more/file
cat >more.yaml <<'END'
services:
  more:
    build:
      context: web
      dockerfile_inline: |
        FROM busybox
        COPY --from=folder file /from-folder
        COPY --from=image /base /from-image
      additional_contexts: {folder: ./more, image: "docker-image://made-base:1"}
END
qd compose -f more.yaml build -q
expect_code 0
expect "files of both" [ "$(in_image "$project-more" 'cat /from-folder /from-image')" = $'beside\nbase' ]
expect "no image of the folder" [ -z "$(engine image ls -q qnap-docker-context)" ]

it "a build that fails: its last lines, the others go on, what depends on it is not built"
cat >bad.yaml <<'END'
services:
  bad: {build: {context: ., dockerfile_inline: "FROM busybox\nRUN echo before; exit 7\n"}}
  after: {build: base, image: "after:1", depends_on: [bad]}
  other: {build: base, image: "other:1"}
  absent: {build: ./nowhere}
END
qd compose -f bad.yaml build -q bad after other
expect_code 1
expect_err '  bad | before'
expect_err "cannot build service 'bad'"
expect_err 'returned a non-zero code: 7'
expect "the other should be built" id_of other:1 >/dev/null
expect "what depends on it should not" [ -z "$(engine image ls -q after)" ]
qd compose -f bad.yaml build absent
expect_refusal 3 no_context
qd compose build none
expect_refusal 3 no_service
qd compose build plain
expect_code 0
expect_err 'no service has something to build'

it "--dry-run says what would be done, --progress json what is done"
qd compose build --dry-run web
expect_code 0
expect_exact "build web as $project-web of $PWD/web"
qd compose pull --dry-run --policy missing
expect_exact ''
qd compose push --dry-run
expect_exact 'push made-base:1 of base'
qd --progress json compose build base
expect_code 0
expect_exact ''
expect_err '"state":"building"'
expect_err "\"profile\":\"build$ID\""

it "--on another NAS: only the image comes"
engine rmi -f "$project-inline" >/dev/null
qd compose build -q --on nas1 inline
expect_code 0
expect "it should be here" [ "$(in_image "$project-inline" 'cat /x')" = inline ]

it "push sends what is built and has a name; pull says what is newer than its container"
cat >reg.yaml <<'END'
services:
  app: {build: base, image: "localhost:5000/app:1"}
  plain: {image: busybox}
END
qd compose -f reg.yaml build -q --push
expect_code 0
qd compose -f reg.yaml push -q
expect_code 0
expect_exact ''
NAME=$project-app-1 member app 1 localhost:5000/app:1 sleep 1000
echo 'RUN echo newer >/newer' >>base/Dockerfile
qd compose -f reg.yaml build -q --push app
engine tag localhost:5000/app:1 keep:1 && engine tag made-base:1 localhost:5000/app:1
qd compose -f reg.yaml pull app
expect_code 0
expect "the new image should be here" [ "$(id_of localhost:5000/app:1)" = "$(id_of keep:1)" ]
expect_err 'newer than its container: app'
expect_err 'compose up'
expect "the container should go on as it was" [ "$(engine inspect -f '{{.State.Running}}' "$project-app-1")" = true ]

it "pull: policies, what cannot be pulled"
qd compose -f reg.yaml pull --policy missing -q
expect_code 0
expect_exact ''
cat >no.yaml <<'END'
services:
  none: {image: "localhost:5000/none:1"}
  buildable: {image: "localhost:5000/none:2", build: base}
  never: {image: "localhost:5000/none:3", pull_policy: never}
END
qd compose -f no.yaml pull -q
expect_code 1 3
expect_err 'localhost:5000/none:1'
expect_err 'must be built: qnap-docker compose build buildable'
expect_no_err 'none:3'
qd compose -f no.yaml pull -q --ignore-pull-failures --ignore-buildable
expect_code 0
expect_err 'warning: '
expect_no_err 'none:2'
gone
