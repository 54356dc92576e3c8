-- A container whose creation was never answered: which one is taken away again.
local remove = require("create.reclaim").remove

-- An engine with these containers; removed gets the ids that are taken away.
local function engine(containers, removed, time)
  return {
    info = function() return { SystemTime = time } end,
    containers = function(_, options)
      h.eq(options, { all = true, filters = { status = { "created" } } })
      return containers
    end,
    container = function(_, id)
      return {
        remove = function(_, options)
          h.eq(options.force, nil)
          removed[#removed + 1] = id
        end,
      }
    end,
  }
end

describe("a creation without an answer", function()
  local NOW, TEXT = 1700000000, "2023-11-14T22:13:20Z"
  local function container(id, fields)
    local out = { Id = id, Image = "busybox", Names = { "/web" }, Labels = { a = "1", b = "2" }, Created = NOW }
    for key, value in pairs(fields or {}) do
      out[key] = value
    end
    return out
  end
  local function removed(containers, attempt, time)
    local out = {}
    attempt.began, attempt.image = os.time() - 5, "busybox"
    if time == nil then time = TEXT end
    remove(engine(containers, out, time), attempt)
    return out
  end

  it("leaves nothing behind", function()
    h.eq(removed({ container "new" }, { name = "web", labels = { a = "1" } }), { "new" })
    h.eq(removed({ container("new", { Names = { "/quick_name" } }) }, {}), { "new" })
    h.eq(removed({}, { name = "web" }), {})
  end)

  it("touches no other container", function()
    local others = {
      container("old", { Created = NOW - 60 }), container("name", { Names = { "/db" } }), container("image", { Image = "nginx" }),
      container("label", { Labels = { a = "3" } }),
    }
    h.eq(removed(others, { name = "web", labels = { a = "1" } }), {})
  end)

  it("touches none where several fit, or the engine does not tell its time", function()
    h.eq(removed({ container "one", container("two", { Names = { "/other" } }) }, {}), {})
    h.eq(removed({ container "one" }, {}, false), {})
  end)
end)
