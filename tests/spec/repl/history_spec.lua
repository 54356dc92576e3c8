local fs = require "fs"
local history = require "repl.history"

describe("repl.history", function()
  it("keeps entries once, the newest last, across sessions, chunks whole", function()
    local folder <close> = fs.temp_dir()
    local path = fs.join(folder.path, "state", "h")
    local one, other = history.open(path), history.open(path)
    one:add "a = 1"
    one:add "for i = 1, 2 do\n  print(i)\nend"
    other:add "b = 2" -- knows nothing of the first session's
    one:add "a = 1"
    h.eq(history.open(path).entries, { "for i = 1, 2 do\n  print(i)\nend", "b = 2", "a = 1" })
    h.eq(fs.stat(path).mode, 384)
  end)

  it("leaves out what begins with a space and what gives a secret", function()
    for _, text in ipairs {
      " x = 1", "", 'config["api_key"] = "abc"',
      "password = 'hunter2'", 'nas:create { Env = { "DB_PASSWORD=hunter2" } }', 'login { token = "abc" }',
      "p = ui.password 'x'",
    } do h.eq({ text, history.keeps(text) }, { text, false }) end
    for _, text in ipairs { "x = 1", "key = f(x)", 'nas:container "monkey"', "for k, v in pairs(t) do print(k) end" } do
      h.eq({ text, history.keeps(text) }, { text, true })
    end
  end)

  it("leaves out a secret that the program knows", function()
    require("core.log").secret "correct horse battery"
    h.eq(history.keeps 'login("correct horse battery")', false)
  end)

  it("reads a file of somebody else's for what it holds", function()
    local folder <close> = fs.temp_dir()
    local path = fs.join(folder.path, "h")
    fs.write(path, '"good"\nnonsense\n{"a":1}\n"better"\n')
    h.eq(history.open(path).entries, { "good", "better" })
  end)
end)
