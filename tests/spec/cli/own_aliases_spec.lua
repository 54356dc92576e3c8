local own = require "cli.own_aliases"

-- fn runs with these aliases.
local function with(list, fn)
  return h.with(own, { all = function() return list end, expand = nil }, fn)
end

describe("an alias's words", function()
  it("are split as a shell would, without its other powers", function()
    h.eq(own.split "  compose up  --rolling ", { "compose", "up", "--rolling" })
    h.eq(own.split [[exec web sh -c 'a  "b"' "it's" x\ y "" $1]], { "exec", "web", "sh", "-c", 'a  "b"', "it's", "x y", "", "$1" })
    h.eq(own.split "a;b|c `d` $(e)", { "a;b|c", "`d`", "$(e)" })
    h.eq(own.split "", {})
    h.eq(own.split "'open", nil)
    h.eq(own.split "open\\", nil)
  end)
end)

describe("alias", function()
  local n = 0
  -- The program, in a home of the test's own.
  local function home()
    n = n + 1
    local dir = ("%s/alias%d"):format(os.getenv "SPEC_WORK", n)
    require("fs").mkdir(dir)
    local env = ("QNAP_DOCKER_HOME='%s' "):format(dir)
    return function(words) return h.program(words, env) end, dir
  end

  it("stands for a command, with arguments in their places and behind", function()
    local qd = home()
    h.eq(qd("alias set sh 'exec -it $1 sh'").code, 0)
    h.eq(qd("alias set j 'ps --json --help'").code, 0)
    h.contains(qd("j").out, "List containers")
    h.eq(qd("alias set hh help").code, 0)
    h.eq(qd("hh ps").out, qd("help ps").out)
    h.contains(qd("sh").err, "wants an argument $1")
    h.eq(qd("sh").code, 2)
    h.eq(qd("alias set pr 'profile'").code, 0)
    h.contains(qd("pr list --json").out, "[]")
    h.contains(qd("alias list").out, "exec -it $1 sh")
    h.contains(qd("help sh").out, "exec -it $1 sh")
  end)

  it("never hides a command, and leads to one", function()
    local qd = home()
    for words, code in pairs {
      ["ps logs"] = "alias_hides_command", ["profile logs"] = "alias_hides_command", ["x nonsense"] = "bad_alias", ["x x"] = "bad_alias",
      ["x ''"] = "bad_alias", ["x \"'open\""] = "bad_alias", ["'a b' ps"] = "bad_alias_name", ["-- -x ps"] = "bad_alias_name",
    } do
      local r = qd("alias set " .. words)
      h.eq({ words, r.code }, { words, 2 })
      h.ok(r.err:find("alias", 1, true), code)
    end
  end)

  it("is none where a later command has its name, or the file is broken", function()
    local qd, dir = home()
    require("fs").write(dir .. "/aliases.yaml", "ps: logs\na: b\nb: a\nn: 3\n")
    h.contains(qd("alias list").err, "the alias 'n' makes no sense")
    require("fs").write(dir .. "/aliases.yaml", "ps: logs\na: b\nb: a\n")
    h.contains(qd("alias list").out, "hidden by a command")
    h.contains(qd("ps --help").out, "List containers")
    h.contains(qd("a").err, "stands for itself")
    h.eq(qd("a").code, 2)
  end)

  it("goes away, and is said to have been changed", function()
    local qd = home()
    qd "alias set x ps"
    h.contains(qd("alias set x images").err, "stood for: ps")
    h.eq(qd("alias rm x").out, "x\n")
    h.eq(qd("alias rm x").code, 3)
    h.eq(qd("x").code, 2)
    h.eq(qd("alias list -q").out, "")
  end)

  it("is completed, and behind it what it stands for is", function()
    with({ up = "compose up --rolling", s = "exec $1" }, function()
      local completion = require "cli.completion"
      local function words(list)
        local out = {}
        for _, c in ipairs((completion.candidates(list))) do out[#out + 1] = c[1] end
        return table.concat(out, " ")
      end
      h.matches(words { "up" }, " up$")
      h.contains(words { "up", "--no-d" }, "--no-deps")
      h.contains(words { "up", "--scale", "x", "--qui" }, "--quiet")
      h.eq(words { "nothing", "--no-d" }, "")
    end)
  end)
end)
