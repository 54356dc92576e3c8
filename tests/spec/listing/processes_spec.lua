-- Process lists of NASes whose ps knows all options, some, or none.
local processes = require "listing.processes"

-- A NAS whose ps takes what `takes` maps to an answer, and refuses the rest as `words`.
local function nas_with(takes, words, category)
  local asked = {}
  local container = {
    top = function(_, args)
      asked[#asked + 1] = args or ""
      local answer = takes[args or ""]
      if answer then return answer end
      Error { category = category or "fail", code = "engine_error", message = "cannot list", engine = words, engine_status = 500 }
    end,
  }
  return { name = "nas1", container = function() return container end }, asked
end

local PROCPS = { Titles = { "USER", "PID", "%CPU", "%MEM", "COMMAND" }, Processes = {
  { "root", "1", "0.5", "2.0", "init" }, { "root", "2", "12.0", "0.1", "busy loop" },
} }

describe("listing.processes", function()
  it("asks for docker's list of a named container", function()
    local nas, asked = nas_with({ [""] = PROCPS })
    h.eq(processes.get(nas, "web", {}).rows[2][5], "busy loop")
    h.eq(asked, { "" })
  end)

  it("goes on to what BusyBox knows", function()
    local nas, asked = nas_with({ ["w"] = { Titles = { "PID", "USER", "COMMAND" }, Processes = { { "1", "admin", "sh" } } } },
      "ps: invalid option -- 'e'")
    local list = processes.get(nas, "web", { ours = true })
    h.eq(asked, { "-eo user,pid,pcpu,pmem,etime,args", "-o user,pid,etime,args", "w" })
    h.eq(list.titles, { "PID", "USER", "COMMAND" })
    h.ok(not processes.sort(list, "cpu"))
  end)

  it("takes the user's own options as they are, and says whose fault it is", function()
    local nas, asked = nas_with({}, "error: unsupported option (BSD syntax)")
    local err = h.raises({ code = "ps_options" }, processes.get, nas, "web", { args = "-Z", ours = true })
    h.contains(err.hint, "nas1")
    h.eq(asked, { "-Z" })
  end)

  it("does not try again where the container is the trouble", function()
    local nas, asked = nas_with({}, "Container web is not running", "conflict")
    h.raises({ category = "conflict" }, processes.get, nas, "web", {})
    h.eq(#asked, 1)
  end)

  it("fills cells that are missing, and takes no answer for a list", function()
    local nas = nas_with({ [""] = { Titles = { "PID", "CMD" }, Processes = { { "1" }, { "2", "x", "more" } } } })
    h.eq(processes.get(nas, "web", {}).rows, { { "1", "" }, { "2", "x" } })
    h.eq(processes.get(nas_with({ [""] = true }), "web", {}).rows, {})
  end)

  it("sorts by load and by memory", function()
    local nas = nas_with({ [""] = PROCPS })
    local list = processes.get(nas, "web", {})
    h.ok(processes.sort(list, "cpu"))
    h.eq(list.rows[1][2], "2")
    h.ok(processes.sort(list, "mem"))
    h.eq(list.rows[1][2], "1")
  end)

  it("names fields by their titles", function()
    local nas = nas_with({ [""] = PROCPS })
    h.eq(processes.records(processes.get(nas, "web", {}))[1], {
      container = "web", user = "root", pid = "1", cpu = "0.5", mem = "2.0", command = "init",
    })
  end)

  it("prints docker's columns", function()
    local nas = nas_with({ [""] = { Titles = { "PID", "CMD" }, Processes = { { "1", "sh" } } } })
    h.eq(processes.text(processes.get(nas, "web", {})), "PID                 CMD\n1                   sh\n")
  end)
end)
