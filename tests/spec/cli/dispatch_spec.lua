describe("the command line", function()
  it("shows the overview without words", function()
    local r = h.run {}
    h.eq({ r.code, r.out }, { 0, "" }) -- nobody asked for it: stdout stays empty, as with docker
    h.contains(r.err, "Usage:  qnap-docker [OPTIONS] COMMAND")
    h.contains(r.err, "version")
    h.lacks(r.err, "__")
    h.eq(h.run({ "--help" }).out, r.err)
    h.contains(h.run({ "profile" }).err, "Usage:  qnap-docker profile COMMAND")
    h.contains(h.run({ "profile", "--help" }).out, "Usage:  qnap-docker profile COMMAND")
  end)

  it("suggests near commands", function()
    local r = h.run { "vesion" }
    h.eq({ r.code, r.out }, { 2, "" })
    h.contains(r.err, "did you mean version?")
  end)

  it("answers --help in front and behind", function()
    local want = h.run({ "version", "--help" }).out
    h.contains(want, "Usage:  qnap-docker version [OPTIONS]")
    h.eq(h.run({ "--help", "version" }).out, want)
    h.eq(h.run({ "help", "version" }).out, want)
    h.eq(h.run({ "version", "-h" }).out, want)
  end)

  it("explains every topic", function()
    for _, name in ipairs(require("cli.topics").names()) do
      local r = h.run { "help", name }
      h.eq(r.code, 0)
      h.ok(#r.out > 100, name)
    end
    h.eq(h.run({ "help", "nonsense" }).code, 3)
  end)

  it("reports usage errors as JSON with --json", function()
    local r = h.run { "version", "--json", "--bad" }
    h.eq({ r.code, require("json").decode(r.err).error.code }, { 125, "unknown_flag" })
  end)

  it("says what docker says about a flag's old name, on stdout", function()
    local nas = { a = {} }
    h.eq(h.fake(nas):run({ "stop", "--time", "0", "x" }).out:match "^[^\n]*", "Flag --time has been deprecated, use --timeout instead")
    h.lacks(h.fake(nas):run({ "stop", "--timeout", "0", "x" }).out, "deprecated")
    h.lacks(h.fake(nas):run({ "stop", "-t", "0", "x" }).out, "deprecated")
  end)

  it("leaves the words of a container's command alone", function()
    h.matches(h.run({ "run", "--no-such", "img", "tool", "--json" }).err, "^error: ")
    h.matches(h.run({ "exec", "--no-such", "c", "tool", "--json" }).err, "^error: ")
  end)

  it("refuses NASes where none is used, but not in front (an alias may bring them)", function()
    h.eq(h.run({ "completion", "bash", "--profile", "nas1" }).code, 2)
    h.eq(h.run({ "--profile", "nas1", "completion", "bash" }).code, 0)
  end)

  it("loads no more than it needs for --version", function()
    local r = h.program "--version"
    h.matches(r.out, "^qnap%-docker %d+%.%d+%.%d+\n$")
    h.eq({ r.code, r.err }, { 0, "" })
  end)

  it("fails as a process does", function()
    local r = h.program "version --bad"
    h.eq({ r.code, r.out }, { 125, "" })
    h.contains(r.err, "error: 'version' has no flag --bad\n")
  end)

  it("says so when the disk is full", function()
    local r = h.program "version --json >/dev/full"
    h.eq(r.code, 1)
    h.contains(r.err, "the output cannot be written")
  end)
end)

describe("safety of commands", function()
  local function writer(extra)
    local def = { writes = true, run = function() return "wrote\n" end }
    for k, v in pairs(extra or {}) do
      def[k] = v
    end
    return def
  end

  it("refuses --dry-run where the command cannot keep it", function()
    local r = h.command(writer(), { "--dry-run" })
    h.eq({ r.code, r.out }, { 2, "" })
    h.eq(h.command(writer { uses = { "dry_run" } }, { "-n" }).out, "wrote\n")
  end)

  it("returns the code that run says", function()
    h.eq(h.command({ run = function(ctx) return ctx:exit(42) end }, {}).code, 42)
  end)
end)

describe("questions", function()
  local function asking(question)
    return { run = function(ctx) ctx:confirm(question) return "done\n" end }
  end
  local prune = { level = 2, question = "Remove 2 volumes?", items = { "a", "b" } }
  local wipe = { level = 3, question = "Delete the volume data?", name = "data" }

  it("need --yes where nobody can be asked", function()
    local r = h.command(asking(prune), {})
    h.eq({ r.code, r.out }, { 9, "" })
    h.contains(r.err, "try:  --yes")
    h.eq(h.command(asking(prune), { "--yes" }).out, "done\n")
    h.eq(h.command(asking { level = 2, question = "x?", force = true }, {}).out, "done\n")
  end)

  it("show what they are about and take y alone for yes", function()
    local r = h.command(asking(prune), {}, { stdin = true, stderr = true, answers = { "y" } })
    h.eq({ r.out, r.code }, { "done\n", 0 })
    h.contains(r.err, "  a\n  b\nRemove 2 volumes? [y/N]")
    h.eq(h.command(asking(prune), {}, { stdin = true, stderr = true, answers = { "" } }).code, 9)
    h.eq(h.command(asking(prune), { "--no-input" }, { stdin = true, stderr = true, answers = { "y" } }).code, 9)
  end)

  it("want the name for D3; --yes is not enough", function()
    h.eq(h.command(asking(wipe), { "--yes" }).code, 9)
    h.eq(h.command(asking(wipe), { "--confirm", "dat" }).code, 9)
    h.eq(h.command(asking(wipe), { "--confirm", "data" }).code, 0)
    h.eq(h.command(asking(wipe), {}, { stdin = true, stderr = true, answers = { "data" } }).code, 0)
    h.eq(h.command(asking(wipe), {}, { stdin = true, stderr = true, answers = { "yes" } }).code, 9)
  end)

  it("ask for D1 on protected profiles only", function()
    h.eq(h.command(asking { level = 1, question = "x?" }, {}).code, 0)
    h.eq(h.command(asking { level = 1, question = "x?", protected = true }, {}).code, 9)
  end)
end)

describe("QNAP_DOCKER_LUA_PATH", function()
  it("replaces commands, adds commands, and shows in version", function()
    local dir = os.getenv "SPEC_WORK" .. "/override"
    os.execute(("mkdir -p '%s/lua'"):format(dir))
    for name, text in pairs { version = "mine", extra = "new" } do
      local file = assert(io.open(("%s/lua/%s.lua"):format(dir, name), "wb"))
      file:write(('return { summary = "x", group = "help", run = function() return "%s\\n" end }'):format(text))
      file:close()
    end
    local env = ("QNAP_DOCKER_LUA_PATH='%s' "):format(dir)
    h.eq(h.program("version", env).out, "mine\n")
    h.eq(h.program("extra", env).out, "new\n")
    h.eq(h.program("extra").code, 2)
    os.remove(dir .. "/lua/version.lua")
    h.contains(h.program("version", env).out, "override " .. dir)
  end)
end)
