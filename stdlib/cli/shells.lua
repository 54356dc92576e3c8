-- The scripts of `completion bash|zsh|fish`: each asks `qnap-docker __complete` for lines "candidate<TAB>description",
-- the last of which may be ":files".
local M = {}

M.bash = [=[
# bash completion of qnap-docker:  source <(qnap-docker completion bash)
_qnap_docker() {
  local cur words cword line value files= IFS=$'\n'
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n =: cur words cword
  else
    cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
  fi
  COMPREPLY=()
  while read -r line; do
    if [[ $line == :files ]]; then
      files=1
      continue
    fi
    value=${line%%$'\t'*}
    COMPREPLY+=("$(printf '%q' "$value")")
  done < <("${words[0]}" __complete -- "${words[@]:1:cword}" 2>/dev/null)
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
  elif declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions "$cur"
  fi
  if [[ $cur == *=* && $COMP_WORDBREAKS == *=* ]]; then
    local prefix=${cur%"${cur##*=}"} i
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$prefix"}; done
  fi
}
complete -F _qnap_docker qnap-docker
]=]

M.zsh = [=[
#compdef qnap-docker
# zsh completion of qnap-docker:  source <(qnap-docker completion zsh), or this text as _qnap-docker in $fpath
_qnap_docker() {
  local line value help files
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
      continue
    fi
    value=${line%%$'\t'*}
    help=${line#*$'\t'}
    value=${value//:/\\:}
    [[ $line == *$'\t'* ]] && candidates+=("$value:$help") || candidates+=("$value")
  done < <("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  if [[ -n $files ]]; then
    _files
  else
    _describe -t commands 'qnap-docker' candidates
  fi
}
if [[ $funcstack[1] == _qnap_docker ]]; then
  _qnap_docker "$@"
else
  compdef _qnap_docker qnap-docker
fi
]=]

M.fish = [=[
# fish completion of qnap-docker:  qnap-docker completion fish | source
function __qnap_docker_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l program $tokens[1]
    set -e tokens[1]
    for line in ($program __complete -- $tokens "$current" 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c qnap-docker -f -a '(__qnap_docker_complete)'
]=]

return M
