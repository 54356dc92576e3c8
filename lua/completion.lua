local shells = require "cli.shells"

---@type cli.Command
return {
  summary = "Print the completion script of a shell",
  group = "help",
  description = "Candidates come from the program itself, so the script need not be renewed after an update.",
  args = { { "shell", complete = "shells", help = "bash, zsh or fish" } },
  examples = {
    { "completion bash > ~/.local/share/bash-completion/completions/qnap-docker", "For bash, for good" },
    { "completion zsh > ~/.zfunc/_qnap-docker", "For zsh; ~/.zfunc must be in fpath" },
    { "completion fish > ~/.config/fish/completions/qnap-docker.fish", "For fish" },
  },
  run = function(ctx)
    local script = shells[ctx.args.shell]
    if not script then
      Error {
        category = "usage", code = "unknown_shell", message = ("there is no completion for '%s'"):format(ctx.args.shell),
        why = "bash, zsh and fish are known", hint = "qnap-docker completion bash",
      }
    end
    return script
  end,
}
