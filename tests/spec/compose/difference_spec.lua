-- compose diff: two models, field by field.
local difference = require "compose.difference"
local json = require "json"

local function lines(was, is)
  local out = {}
  for i, c in ipairs(difference.models(was, is)) do out[i] = c.symbol .. " " .. c.field end
  return out
end

describe("compose.difference", function()
  it("names what was added, taken away and changed", function()
    local was = { services = { a = { image = "x", ports = json.array { { published = "80" } } }, old = { image = "y" } } }
    local is = { services = { a = { image = "z", ports = json.array { { published = "81" } } }, new = { image = "y" } } }
    h.eq(lines(was, is), { "~ services.a.image", "~ services.a.ports[0].published", "+ services.new", "- services.old" })
  end)

  it("nothing, null and an empty map are the same", function()
    h.eq(lines({ a = { command = json.null, x = {} } }, { a = { entrypoint = json.null } }), {})
  end)

  it("lists of other lengths are told as a whole", function()
    h.eq(lines({ dns = json.array { "1", "2" } }, { dns = json.array { "2" } }), { "~ dns" })
  end)

  it("values of variables, arguments and contents are not shown, however deep they are added", function()
    local a = { environment = { P = "hush" }, build = { args = { Q = "hush" } } }
    local is = { services = { a = a }, configs = { c = { content = "hush" } } }
    local was = { services = { a = { environment = { P = "old" } } } }
    h.eq((json.encode(difference.models(was, is)):find "hush"), nil)
    h.eq((json.encode(difference.models({}, is)):find "hush"), nil)
    h.eq((json.encode(difference.models(is, {})):find "hush"), nil)
  end)
end)
