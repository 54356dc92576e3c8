#!/bin/bash
# compose run: a container of its own with a service's settings; what the service depends on, and what is left.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/project_lib.sh
. "$(dirname "$0")/project_lib.sh"
profile nas1
mkdir conf && echo configured >conf/file
cat >compose.yaml <<'END'
services:
  web:
    image: busybox
    command: sh -c 'echo "default $$A"'
    environment: {A: one}
    hostname: webhost
    ports: ["18099:80"]
    volumes: ["data:/data", "./conf:/conf:ro"]
    secrets: [token]
    networks: {inside: {aliases: [other]}}
    restart: always
    depends_on: {db: {condition: service_healthy}}
    labels: {mine: "1"}
  db:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    networks: [inside]
    healthcheck: {test: "true", interval: 1s}
  built:
    build: {context: ., dockerfile_inline: "FROM busybox\nRUN echo made >/made\n"}
    network_mode: none
networks: {inside: }
volumes: {data: }
secrets: {token: {environment: TOKEN}}
END
export TOKEN=sesame
one_offs() { of_project container '-a' | xargs -r -n 1 docker -H "unix://$NAS_SOCKET" inspect -f '{{.Name}} {{index .Config.Labels "com.docker.compose.oneoff"}}' | grep True; }
inspect() { engine inspect -f "$2" "$1"; }

it "the service's command, its dependency started and healthy, nothing left with --rm"
qd compose run --rm web
expect_code 0
expect_exact 'default one'
expect "the dependency should be healthy" [ "$(inspect "$project-db-1" '{{.State.Health.Status}}')" = healthy ]
expect "no one-off should be left" [ -z "$(one_offs)" ]

it "a command with its exit code; files, secrets, volumes and variables are the service's, or the flags'"
qd compose run --rm --no-deps -e A=two -e TOKEN -u 1:2 -w /tmp web \
  sh -c 'echo "$A $TOKEN $(hostname) $(id -u):$(id -g) $(pwd)"; cat /conf/file /run/secrets/token; ls -d /data; exit 9'
expect_code 9
expect_exact $'two sesame webhost 1:2 /tmp\nconfigured\nsesame/data'

it "stdin reaches it; another entrypoint takes the service's command away"
qd compose run --rm --no-deps --entrypoint 'wc -c' web < <(head -c 70000 /dev/zero)
expect_code 0
expect_exact 70000

it "-d: names and labels as compose v2, no published ports, its own name alone in the network"
qd compose run -d --no-deps -l l=m web sleep 1000
expect_code 0
id=$out
expect "the name" grep -Eq "^/$project-web-run-[0-9a-f]{12}$" <<<"$(inspect "$id" '{{.Name}}')"
expect "slug and name belong together" [ "$(inspect "$id" '{{slice (index .Config.Labels "com.docker.compose.slug") 0 12}}')" = "$(inspect "$id" '{{.Name}}' | grep -Eo '[0-9a-f]{12}$')" ]
expect "labels" [ "$(inspect "$id" '{{with .Config.Labels}}{{index . "com.docker.compose.oneoff"}} {{index . "com.docker.compose.container-number"}} {{.mine}} {{.l}}{{end}}')" = 'True 1 1 m' ]
expect "no ports, no restart policy" [ "$(inspect "$id" '{{len .HostConfig.PortBindings}}{{.HostConfig.RestartPolicy.Name}}')" = 0 ]
expect "its own name alone" [ "$(inspect "$id" '{{json .NetworkSettings.Networks}}' | grep -c '"web"\|"other"')" = 0 ]
engine rm -f "$id" >/dev/null

it "--service-ports, --use-aliases, --name, -v and -p"
qd compose run -d --no-deps --service-ports --use-aliases --name "named$ID" -v data:/second -v "/share/x$ID:/x:ro" -p 18077:99/udp web sleep 1000
expect_code 0
expect "ports of both" [ "$(inspect "named$ID" '{{range $p, $b := .HostConfig.PortBindings}}{{$p}}={{(index $b 0).HostPort}} {{end}}')" = '80/tcp=18099 99/udp=18077 ' ]
expect "the service's names" [ "$(inspect "named$ID" '{{json .NetworkSettings.Networks}}' | grep -c '"web".*"other"')" = 1 ]
expect "the project's volume by its real name" [ "$(inspect "named$ID" '{{range .Mounts}}{{if eq .Destination "/second"}}{{.Name}}{{end}}{{end}}')" = "${project}_data" ]
engine rm -f "named$ID" >/dev/null

it "an image that is missing is built"
qd compose run --rm built cat /made
expect_code 0
expect_exact made

it "on a terminal the command has one"
on_tty compose run --rm --no-deps web sh <<'END'
expect /
send tty; exit 4\r
expect /dev/pts
END
expect_code 4
expect_restored

it "--dry-run shows the body and creates nothing"
before=$(of_project container -a | wc -l)
qd compose run --dry-run --no-deps web true
expect_code 0
expect_out '"Image": "busybox"'
expect_no_out sesame
expect "nothing should be created" [ "$(of_project container -a | wc -l)" = "$before" ]

it "what cannot run leaves nothing"
qd compose run --rm --no-deps web /no/such/program
expect_refusal 127
qd compose run --no-deps web /no/such/program
expect_refusal 127
qd compose run none
expect_refusal 1 no_service
expect "no one-off should be left" [ -z "$(one_offs)" ]
gone
engine rmi -f "$project-built" >/dev/null 2>&1
