local json = require "json"

local ROWS = {
  { id = "0123456789abcdef", name = "web", image = "nginx:latest", state = "Up 2 hours (healthy)", labels = { role = "www" } },
  { id = "fedcba9876543210", name = "db-main", image = "registry.example.com/team/postgres:16.2", state = "Exited (1) 3 days ago" },
}

local function def(change)
  local d = {
    uses = { "output" },
    columns = {
      {
        "ID", header = "CONTAINER ID",
        get = function(c, view)
          return view.no_trunc and c.id or c.id:sub(1, 12)
        end,
      },
      { "Image", middle = true },
      { "Status", color = "state", get = function(c) return c.state end },
      { "Names", priority = 1, get = function(c) return c.name end },
      { "Labels", hidden = true, get = function() return "" end },
    },
    methods = function(c)
      return { Label = c.labels or {} }
    end,
    empty = "nothing runs here",
    run = function()
      return ROWS
    end,
  }
  for k, v in pairs(change or {}) do
    d[k] = v
  end
  return d
end

describe("tables where no terminal reads", function()
  it("are docker's", function()
    local r = h.command(def(), {})
    h.eq(r.out, table.concat {
      "CONTAINER ID   IMAGE                                     STATUS                  NAMES\n",
      "0123456789ab   nginx:latest                              Up 2 hours (healthy)    web\n",
      "fedcba987654   registry.example.com/team/postgres:16.2   Exited (1) 3 days ago   db-main\n",
    })
    h.eq({ r.err, r.code }, { "", 0 })
  end)

  it("have their header without rows, too", function()
    local r = h.command(def { run = function() return {} end }, {})
    h.eq(r.out, "CONTAINER ID   IMAGE     STATUS    NAMES\n")
  end)

  it("show whole values with --no-trunc, ids alone with -q", function()
    h.contains(h.command(def(), { "--no-trunc" }).out, "0123456789abcdef   nginx")
    h.eq(h.command(def(), { "-q" }).out, "0123456789ab\nfedcba987654\n")
    h.eq(h.command(def { quiet = "Names" }, { "-q" }).out, "web\ndb-main\n")
  end)

  it("have a PROFILE column for several NASes only", function()
    local several = def {
      run = function(ctx)
        ctx.several = true
        return { { profile = "nas1", id = "0123456789abcdef", name = "web", image = "a", state = "b" } }
      end,
    }
    local lines = "PROFILE   CONTAINER ID   IMAGE     STATUS    NAMES\nnas1      0123456789ab   a         b         web\n"
    h.eq(h.command(several, {}).out, lines)
  end)
end)

describe("tables on a terminal", function()
  it("fit their width: shortened, then dropped", function()
    local r = h.command(def(), {}, { width = 70 })
    for line in r.out:gmatch "[^\n]+" do
      h.ok(utf8.len(line) <= 70, line)
    end
    h.matches(r.out, "registry%.[%w.]*…[%w./:]*:16%.2")
    r = h.command(def(), {}, { width = 24 })
    h.matches(r.out, "^CONTAINER ID  NAMES\n0123456789ab  web\n")
    h.contains(r.err, "did not fit; -x shows all")
  end)

  it("say something instead of an empty table", function()
    local r = h.command(def { run = function() return {} end }, {}, { width = 80 })
    h.eq({ r.out, r.err }, { "", "nothing runs here\n" })
  end)

  it("take control characters out of what a NAS sent", function()
    local hostile = { { id = "1", name = "a\27[2Jb", image = "c", state = "d" } }
    local r = h.command(def { run = function() return hostile end }, {}, { width = 80 })
    h.lacks(r.out, "\27")
    h.contains(r.out, "ab")
  end)

  it("show one field per line with -x", function()
    local r = h.command(def(), { "-x" }, { width = 80 })
    h.contains(r.out, "CONTAINER ID  0123456789ab\nIMAGE         nginx:latest\n")
    h.contains(r.out, "NAMES         web\n\nCONTAINER ID  fedcba987654\n")
  end)

  it("colour states only where wanted", function()
    h.lacks(h.command(def(), {}, { width = 200 }).out, "\27")
    local colored = h.command(def(), { "--color", "always" }, { width = 200 }).out
    h.contains(colored, "\27[32mUp 2 hours (healthy)\27[0m")
    h.contains(colored, "\27[31mExited (1) 3 days ago\27[0m")
  end)
end)

describe("--json", function()
  it("is one document with all fields", function()
    local list = json.decode(h.command(def(), { "--json" }).out)
    h.eq(#list, 2)
    h.eq(list[1].labels.role, "www")
    h.eq(h.command(def { run = function() return {} end }, { "--json" }).out, "[]\n")
  end)

  it("selects fields", function()
    h.eq(h.command(def(), { "--json=name,nope" }).out, '[{"name":"web","nope":null},{"name":"db-main","nope":null}]\n')
  end)

  it("is one line per record for streams", function()
    local stream = def {
      run = function()
        return coroutine.wrap(function()
          coroutine.yield { n = 1 }
          coroutine.yield { n = 2 }
        end)
      end,
      line = function(r) return "number " .. r.n .. "\n" end,
    }
    h.eq(h.command(stream, { "--json" }).out, '{"n":1}\n{"n":2}\n')
    h.eq(h.command(stream, {}).out, "number 1\nnumber 2\n")
  end)
end)
