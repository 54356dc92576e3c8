#!/bin/bash
# login, push, pull and logout against a registry that wants a login; where credentials are kept; search.
# shellcheck disable=SC2016,SC2154  # what a shell further on expands; variables that eval sets
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
nas_up reg
password="s3cr&t\"pw $ID"
"$nas" image "reg$ID"
{ "$nas" registry "reg$ID" && "$nas" registry "reg$ID" --auth "ci:$password"; } >"$WORK/registry" 2>&1 || { cat "$WORK/registry" && exit 1; }
profile "reg$ID"
export QNAP_DOCKER_PROFILE=reg$ID DOCKER_CONFIG=$HOME/.docker
r=localhost:5001
like=$(like_docker && echo yes)
engine tag busybox $r/app:1
engine tag busybox $r/app:2

# A credential helper that keeps a file per registry.
mkdir -p "$WORK/bin" "$DOCKER_CONFIG"
cat >"$WORK/bin/docker-credential-test" <<'END'
#!/bin/sh
mkdir -p "$HOME/kept" && input=$(cat)
case $1 in
  store) printf %s "$input" >"$HOME/kept/$(printf %s "$input" | sed 's/.*"ServerURL":"\([^"]*\)".*/\1/' | tr / _)" ;;
  get) cat "$HOME/kept/$(printf %s "$input" | tr / _)" 2>/dev/null || { echo 'credentials not found in native keychain' && exit 1; } ;;
  erase) rm -f "$HOME/kept/$(printf %s "$input" | tr / _)" ;;
  list) cat "$HOME"/kept/* 2>/dev/null | sed -n 's/.*"ServerURL":"\([^"]*\)".*/{"\1": "ci"}/p' | grep . || echo '{}' ;;
esac
END
chmod +x "$WORK/bin/docker-credential-test"
PATH=$WORK/bin:$PATH
with_helper() { echo '{"credsStore": "test"}' >"$DOCKER_CONFIG/config.json"; }
without_helper() { echo '{}' >"$DOCKER_CONFIG/config.json"; }
unshown() { expect_no_err "s3cr&t" && expect_no_out "s3cr&t"; }
# Neither the password nor its base64 is in a file of ours.
unkept() {
  local encoded
  encoded=$(printf 'ci:%s' "$password" | base64)
  expect "the password should not be on the disk" bash -c '! grep -rqF -e "s3cr&t" -e "$0" "$1"' "${encoded:0:16}" "$QNAP_DOCKER_HOME"
}

it "without a login: what to type"
with_helper
qd push $r/app:1
expect_refusal 4 registry_unauthorized
expect_err "qnap-docker login $r"
qd pull $r/other
expect_refusal 4 registry_unauthorized
expect_err "qnap-docker login $r"

it "login with a wrong password keeps nothing"
qd login -u ci --password-stdin $r <<<wrong
expect_refusal 4 registry_unauthorized
expect "nothing should be kept" [ ! -e "$HOME/kept/$r" ]

it "login keeps the credentials in docker's helper, and says so"
qd login -u ci --password-stdin $r <<<"$password"
expect_code 0
expect_exact 'Login Succeeded'
unshown
unkept
expect "the helper should have them" grep -q ServerURL "$HOME/kept/$r"

it "login with what is known already"
qd login $r
expect_code 0
expect_exact 'Login Succeeded'
expect_err 'Authenticating with existing credentials... [Username: ci]'

it "push and pull take the credentials; push is docker's, byte for byte"
qd push $r/app:1
expect_code 0
expect_out "The push refers to repository [$r/app]"
expect_out '1: digest: sha256:'
qd push $r/app:1
if [ -n "$like" ]; then
  printf '{"auths": {"%s": {"auth": "%s"}}}' $r "$(printf 'ci:%s' "$password" | base64 -w 0)" >"$WORK/config.json"
  expect_exact "$(DOCKER_CONFIG=$WORK engine push $r/app:1)"
  rm "$WORK/config.json"
fi
qd push -a $r/app
expect_code 0
expect_out '2: digest: sha256:'
engine rmi $r/app:1 $r/app:2 >/dev/null
qd pull $r/app:1
expect_code 0
expect_out 'Status: Downloaded newer image'
qd pull -a $r/app
expect_code 0
expect_out "$r/app"
qd --debug --debug-file "$WORK/debug" pull -q $r/app:2
expect_code 0
unshown
expect "the debug file should not hold it" bash -c '! grep -qF "s3cr&t" "$0"' "$WORK/debug"

it "push -q, an image that is not there, -a with a tag, a platform on an old engine"
qd push -q $r/app:1
expect_exact "$r/app:1"
qd push "$r/none$ID"
expect_refusal 3 no_such_image
qd push "$r/app@sha256:$(printf '0%.0s' {1..64})"
expect_refusal 1 bad_reference
expect_exact ''
for verb in pull push; do
  qd $verb --disable-content-trust=false $r/app:1
  expect_refusal 6 no_content_trust
  DOCKER_CONTENT_TRUST=1 qd $verb $r/app:1
  expect_refusal 6 no_content_trust
  DOCKER_CONTENT_TRUST=1 qd $verb --disable-content-trust -q $r/app:1
  expect_code 0
done
DOCKER_CONTENT_TRUST=1 qd pull -q "$(engine image inspect -f '{{index .RepoDigests 0}}' $r/app:1)"
expect_code 0
qd push -a $r/app:1
expect_code 1
expect_err "tag can't be used with --all-tags/-a"
qd push --platform linux/amd64 $r/app:1
expect_refusal 6 engine_too_old

it "compose config --resolve-image-digests asks the registry, through the NAS and with the credentials"
printf 'services: {a: {image: "%s/app:1"}, b: {image: "%s/none%s"}}\n' $r $r "$ID" >"$WORK/compose.yaml"
qd compose -f "$WORK/compose.yaml" config --resolve-image-digests a
expect_code 0
expect_out "image: $r/app:1@$(engine image inspect -f '{{index .RepoDigests 0}}' $r/app:1 | sed 's/.*@//')"
unshown
qd compose -f "$WORK/compose.yaml" config --resolve-image-digests
expect_code 3
expect_err "none$ID"

it "run pulls with the credentials"
engine rmi -f $r/app:1 $r/app:2 >/dev/null
qd run --rm $r/app:1 echo ran
expect_code 0
expect_exact ran

mkdir "$WORK/ctx" && printf 'FROM %s\nRUN echo built >/x\n' $r/app:1 >"$WORK/ctx/Dockerfile"
for builder in classic cli; do
  it "build takes a private base image with the credentials, and leaves nothing of them: $builder"
  engine rmi -f "built$ID" $r/app:1 >/dev/null
  qd --debug build --builder-mode $builder -t "built$ID" "$WORK/ctx"
  expect_code 0
  unshown
  expect "it should be built" [ "$(engine run --rm "built$ID" cat /x)" = built ]
  expect "nothing should be left" [ -z "$("$nas" sh "reg$ID" 'ls -d /dev/shm/qnap-docker.* /tmp/qnap-docker.* 2>/dev/null')" ]
done
qd pull -q $r/app:1

it "logout forgets them"
qd logout $r
expect_code 0
expect_exact "Removing login credentials for $r"
expect "the helper should have nothing" [ ! -e "$HOME/kept/$r" ]
qd push $r/app:1
expect_refusal 4 registry_unauthorized

it "build without a login: what to type"
engine rmi -f "built$ID" $r/app:1 >/dev/null
qd build "$WORK/ctx"
expect_refusal 1 build_failed
expect_err 'qnap-docker login'
engine tag busybox $r/app:1

it "docker's own config.json is read, and not written"
printf '{"auths": {"%s": {"auth": "%s"}}}' $r "$(printf 'ci:%s' "$password" | base64 -w 0)" >"$DOCKER_CONFIG/config.json"
before=$(<"$DOCKER_CONFIG/config.json")
qd push -q $r/app:1
expect_code 0
qd logout $r
expect_err 'docker logout'
expect "the file should be as it was" [ "$(<"$DOCKER_CONFIG/config.json")" = "$before" ]

it "without a helper and without a terminal, login has no safe place and says what to do"
without_helper
qd login -u ci --password-stdin $r <<<"$password"
expect_refusal 6 no_place_for_credentials
unshown
unkept

it "without a helper, on a terminal: a store that a passphrase seals"
on_tty login $r <<END
expect Username:
send ci\r
expect Password:
send $password\r
expect Choose a passphrase
send open sesame\r
expect once more
send open sesame\r
END
expect_code 0
expect_out 'Login Succeeded'
expect_restored
unshown
unkept
store=$QNAP_DOCKER_HOME/credentials/reg$ID.json
expect "the store should be the user's alone" [ "$(stat -c %a "$store")" = 600 ]

it "its passphrase is asked for where it is needed, and only there"
on_tty push -q $r/app:1 <<'END'
expect Passphrase
send wrong\r
expect Passphrase
send open sesame\r
END
expect_code 0
expect_out "$r/app:1"
qd pull -q localhost:5000/busybox </dev/null
expect_code 0
expect_no_err passphrase
qd push $r/app:1 </dev/null
expect_code 4
expect_err 'sealed by a passphrase'

it "a store that was tampered with is not believed"
cp "$store" "$WORK/store"
sed -i 's/\("sealed":"[A-Za-z0-9_-]*\)[A-Za-z0-9_-]\{4\}/\1AAAA/' "$store"
on_tty push -q $r/app:1 <<'END'
expect Passphrase
send open sesame\r
expect Passphrase
send open sesame\r
expect Passphrase
send open sesame\r
expect Passphrase
send open sesame\r
END
expect_code 4
cp "$WORK/store" "$store"

it "logout takes the store away"
qd logout $r
expect_code 0
expect "there should be no store" [ ! -e "$store" ]

it "login: flags that do not go together, as docker refuses them"
qd login -p x --password-stdin y
expect_code 1
expect_err 'cannot specify both --password and --password-stdin'
qd login --password-stdin y
expect_code 1
expect_err 'requires --username'
qd login -u '' y
expect_code 1
expect_err 'username is empty'
qd login -u a --password-stdin y </dev/null
expect_code 1
expect_err 'password is empty'
qd login
expect_code 9
expect_err 'non TTY'
qd login a b
expect_code 1

it "-p is warned about, and never shown again"
with_helper
qd --debug login -u ci -p "$password" $r
expect_code 0
expect_err 'WARNING! Using --password via the CLI is insecure. Use --password-stdin.'
unshown

it "pull: several, policies, -a with a tag"
qd pull localhost:5000/busybox $r/app:1
expect_code 0
expect "in the order of the arguments" [ "$(grep -n '^localhost:5000/busybox:latest$' <<<"$out" | cut -d : -f 1)" -lt "$(grep -n "^$r/app:1\$" <<<"$out" | cut -d : -f 1)" ]
qd pull --policy missing app:latest
expect_code 0
expect_exact docker.io/library/app:latest
qd pull --policy never "none$ID"
expect_refusal 3 no_such_image
qd pull -a $r/app:1
expect_code 1
expect_err "tag can't be used with --all-tags/-a"
qd pull $r/app:1 "$r/none$ID:1"
expect_code 3
expect_out "$r/app:1"

it "images --outdated asks the registry, and remembers"
qd images --outdated $r/app
expect_code 0
expect_out current
expect "the answer should be remembered" grep -q "$r/app:1" "$QNAP_DOCKER_HOME/cache/registry-digests.json"
engine tag app $r/app:1
DOCKER_CONFIG=$DOCKER_CONFIG engine push -q $r/app:1 >/dev/null
engine tag busybox $r/app:1
rm "$QNAP_DOCKER_HOME/cache/registry-digests.json"
qd images --outdated --json=repository,tag,outdated $r/app
expect_code 0
expect_out '"outdated":"outdated"'

it "update-report says what runs an image that is outdated, and pulls nothing"
before=$(engine images -aq --no-trunc | sort)
qd update-report --format '{{.Image}} {{.Status}}'
expect_code 0 && expect_out "$r/app:1 outdated"
qd update-report --fail -q
expect_code 8
[ "$before" = "$(engine images -aq --no-trunc | sort)" ] || fail "nothing should have been pulled"

it "search without a way to Docker Hub, with a limit that is none"
qd search busybox
expect_refusal 1
qd search --limit 101 busybox
expect_refusal 1
expect_err 'outside the range'
qd search
expect_error 1 missing_argument

it "search prints docker's table"
printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 310\r\n\r\n%-310s' '[{"star_count":12,"is_official":true,"name":"busybox","is_automated":false,"description":"Busybox base image, with a description that is longer than the table"},{"star_count":0,"is_official":false,"name":"me/x","is_automated":true,"description":"two\nlines"}]' >"$WORK/answer"
peer unix '/images/search' "$WORK/answer" keep
write_profile "peer$ID" "host=unix://$peer_socket"
for flags in '' --no-trunc '--format json' "--format '{{.Name}} {{.StarCount}} {{.IsOfficial}}'" "--format 'table {{.Name}}\t{{.StarCount}}'"; do
  eval "qd --profile peer$ID search busybox $flags"
  expect_code 0
  expect_out busybox
  [ -z "$like" ] || eval "expect_exact \"\$(docker -H unix://$peer_socket search busybox $flags)\""
done
