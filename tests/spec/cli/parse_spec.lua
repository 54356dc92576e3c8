local command = require "cli.command"
local parse = require "cli.parse"

local function spec_of(def)
  def.summary = def.summary or "Test"
  return command.build(def, { "thing" })
end

local LIST = {
  flags = {
    { "all", short = "a" },
    { "no-trunc" },
    { "last", short = "n", type = "int", default = -1 },
    { "filter", short = "f", type = "list", value = "KEY=VALUE" },
    { "label", type = "map" },
    { "memory", short = "m", type = "size" },
    { "wait", type = "duration" },
    { "cpus", type = "float" },
    { "sort", type = "enum", values = { "cpu", "mem" } },
    { "loud", short = "l", type = "count" },
    { "watch", type = "string", optional_value = "2s" },
    { "size", type = "bool", alias = { "sizes", "z" } },
  },
  args = { { "container", variadic = true, optional = true } },
}
local RUN = {
  stop_at_first_arg = true,
  usage_exit = { flag = 125, args = 1 },
  after_args = { "name", "env", unless = "entrypoint" },
  flags = {
    { "detach", short = "d" }, { "name", type = "string" }, { "env", short = "e", type = "list" },
    { "entrypoint", type = "string" }, { "hostname", short = "h", type = "string" },
  },
  args = { { "image" }, { "command", variadic = true, optional = true } },
}

local function list(...)
  return parse.parse(spec_of(LIST), { ... })
end

local function run(...)
  return parse.parse(spec_of(RUN), { ... })
end

describe("cli.parse", function()
  it("fills in defaults", function()
    local p = list()
    h.eq({ p.flags.all, p.flags.no_trunc, p.flags.last, p.flags.loud }, { false, false, -1, 0 })
    h.eq({ p.flags.filter, p.flags.label, p.args.container }, { {}, {}, {} })
    h.eq(p.flags.memory, nil)
    h.eq(p.given, {})
  end)

  it("bundles short flags, with a value behind the last", function()
    local p = list("-an5", "web")
    h.eq({ p.flags.all, p.flags.last }, { true, 5 })
    h.eq(p.args.container, { "web" })
    h.eq(list("-an", "5").flags.last, 5)
    h.eq(list("-n=5").flags.last, 5)
    h.eq(list("-n", "-5").flags.last, -5)
    h.eq(list("-a=false").flags.all, false)
  end)

  it("takes --x=y and --x y, and an empty value", function()
    h.eq(list("--last=3").flags.last, 3)
    h.eq(list("--last", "3").flags.last, 3)
    h.eq(list("--filter=").flags.filter, { "" })
    h.eq(list("--filter", "a=b=c").flags.filter, { "a=b=c" })
  end)

  it("wants = behind a switch", function()
    local p = list("--all", "false")
    h.eq(p.flags.all, true)
    h.eq(p.args.container, { "false" })
    h.eq(list("--all=false").flags.all, false)
    h.eq(list("--all=T").flags.all, true)
  end)

  it("collects lists in order, maps by key, counts", function()
    local p = list("-f", "a=1", "--filter", "b=2", "--label", "x=1", "--label", "y", "--label", "x=2", "-ll", "--loud")
    h.eq(p.flags.filter, { "a=1", "b=2" })
    h.eq(p.flags.label, { x = "2", y = "" })
    h.eq(p.flags.loud, 3)
  end)

  it("mixes flags and words, and ends flags at --", function()
    local p = list("a", "--all", "b", "--", "--no-trunc", "-x")
    h.eq(p.args.container, { "a", "b", "--no-trunc", "-x" })
    h.eq({ p.flags.all, p.flags.no_trunc }, { true, false })
  end)

  it("takes a lone - for a word", function()
    h.eq(list("-").args.container, { "-" })
  end)

  it("gives a flag that stands alone its optional value", function()
    h.eq(list("--watch", "web").flags.watch, "2s")
    h.eq(list("--watch=5s").flags.watch, "5s")
  end)

  it("knows aliases of flags", function()
    h.ok(list("--sizes").flags.size)
    h.ok(list("-z").flags.size)
    h.ok(list("-z").given.size)
  end)

  it("reads typed values", function()
    h.eq(list("--cpus", "0.5").flags.cpus, 0.5)
    h.eq(list("--cpus", "2").flags.cpus, 2.0)
    h.eq(list("--sort", "mem").flags.sort, "mem")
    h.eq(list("--last", "0x10").flags.last, 16)
    h.eq(list("--last", "1_000").flags.last, 1000)
  end)

  it("refuses what is no value of the type", function()
    for _, argv in ipairs {
      { "--last", "x" }, { "--last", "1.5" }, { "--last", "" }, { "--all=maybe" }, { "--sort", "disk" }, { "--cpus", "two" },
      { "--cpus", "1.2.3" }, { "--last", "99999999999999999999" },
    } do
      h.raises({ category = "usage", code = "bad_flag_value" }, list, table.unpack(argv))
    end
  end)

  it("names flag and command in what it says", function()
    local err = h.raises({ category = "usage" }, list, "--last", "x")
    h.eq(err.message, "invalid value \"x\" for --last (-n) of 'thing'")
    h.eq(err.hint, "qnap-docker thing --help")
  end)

  it("suggests a near flag", function()
    local err = h.raises({ code = "unknown_flag" }, list, "--no-trunk")
    h.eq(err.hint, "did you mean --no-trunc?\nqnap-docker thing --help")
    h.raises({ code = "unknown_flag" }, list, "-y")
    h.contains(h.raises({ code = "unknown_flag" }, list, "-ay").message, "-y (in -ay)")
  end)

  it("tells users of docker where -H went", function()
    h.contains(h.raises({ code = "unknown_flag" }, list, "--host", "tcp://x").hint, "--profile")
  end)

  it("refuses a missing value, bad syntax and too many or too few words", function()
    h.raises({ code = "flag_needs_value" }, list, "--last")
    h.raises({ code = "flag_needs_value" }, list, "-n")
    h.raises({ code = "bad_flag_syntax" }, list, "--=x")
    h.raises({ code = "bad_flag_syntax" }, list, "---all")
    h.raises({ code = "missing_argument", exit_code = 1 }, run)
    h.raises({ code = "too_many_arguments" }, parse.parse, spec_of { args = { "a" } }, { "1", "2" })
    h.raises({ code = "too_many_arguments" }, parse.parse, spec_of {}, { "1" })
  end)

  it("shows help even where words are missing", function()
    h.ok(run("--help").flags.help)
  end)
end)

describe("cli.parse of run and exec", function()
  it("ends flags at the first word", function()
    local p = run("-d", "nginx", "ls", "-la", "--", "--help")
    h.eq(p.args.image, "nginx")
    h.eq(p.args.command, { "ls", "-la", "--", "--help" })
    h.eq(p.rest, p.args.command)
    h.eq(p.flags.help, false)
  end)

  it("takes our long flags behind the image, until another word or --", function()
    local p = run("nginx", "--name", "web", "--env=A=1", "sleep", "--name", "x")
    h.eq({ p.flags.name, p.flags.env }, { "web", { "A=1" } })
    h.eq(p.args.command, { "sleep", "--name", "x" })
    h.eq(run("nginx", "--name", "web", "--", "--name").args.command, { "--name" })
    h.eq(run("nginx", "--detach").args.command, { "--detach" })
    h.eq(run("nginx", "-e", "A=1").args.command, { "-e", "A=1" })
  end)

  it("leaves everything behind the image to --entrypoint", function()
    local p = run("--entrypoint", "sh", "nginx", "--name", "x", "--", "y")
    h.eq(p.flags.name, nil)
    h.eq(p.args.command, { "--name", "x", "--", "y" })
  end)

  it("keeps docker's -h for the host name", function()
    local p = run("-h", "box", "nginx")
    h.eq({ p.flags.hostname, p.flags.help }, { "box", false })
  end)

  it("ends with docker's exit codes", function()
    h.raises({ code = "unknown_flag", exit_code = 125 }, run, "--bad")
    h.raises({ code = "bad_flag_value", exit_code = 125 }, run, "--detach=maybe")
    h.raises({ code = "missing_argument", exit_code = 1 }, run, "-d")
  end)

  it("asks a function for the exit code", function()
    local def = {
      flags = { { "attach", short = "a" } }, args = { "container" },
      usage_exit = function(flags)
        return flags.attach and { flag = 125, args = 1 } or nil
      end,
    }
    h.raises({ exit_code = 125 }, parse.parse, spec_of(def), { "-a", "--bad" })
    h.eq(h.raises({ category = "usage" }, parse.parse, spec_of(def), { "--bad" }).exit_code, nil)
  end)
end)

describe("shared and global flags", function()
  it("come with uses, with long names only", function()
    local s = spec_of { uses = { "targets", "output" } }
    local p = parse.parse(s, { "--profile", "a", "--profile", "b", "-q", "--json=name", "--parallel", "3" })
    h.eq({ p.flags.profile, p.flags.quiet, p.flags.json, p.global.parallel }, { { "a", "b" }, true, "name", 3 })
    h.eq(parse.parse(s, { "--json" }).flags.json, "*")
  end)

  it("count in front of the command, too", function()
    local base = parse.scan(command.root(), { "--profile", "a", "--timeout", "5", "thing", "-a" })
    h.eq(base.words, { "thing", "-a" })
    local p = parse.parse(spec_of { flags = { { "all", short = "a" } } }, { "-a" }, base)
    h.eq({ p.flags.profile, p.flags.timeout, p.flags.all }, { { "a" }, 5, true })
  end)

  it("give way to a command's own flag behind the command", function()
    local own = { flags = { { "timeout", short = "t", type = "int" } } }
    local base = parse.scan(command.root(), { "--timeout", "60", "thing" })
    local p = parse.parse(spec_of(own), { "--timeout", "10" }, base)
    h.eq({ p.flags.timeout, p.global.timeout }, { 10, 60 })
  end)

  it("make -n the dry run where docker has no such command", function()
    h.ok(parse.parse(spec_of { uses = { "dry_run" } }, { "-n" }).global.dry_run)
    h.raises({ code = "unknown_flag" }, parse.parse, spec_of { docker = true, uses = { "dry_run" } }, { "-n" })
  end)
end)
