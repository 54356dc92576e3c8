-- What a prune would take, from the answers of engines that are pretended here.
local find = require "prune.find"
local filters = require "prune.filters"

-- An engine: its API version, containers, images and volumes.
local function engine(fields)
  return {
    name = "nas", containers = function() return fields.containers or {} end,
    images = function(_, options)
      local out = {}
      for _, image in ipairs(fields.images or {}) do
        if not (options.filters or {}).dangling or #(image.RepoTags or {}) == 0 then out[#out + 1] = image end
      end
      return out
    end,
    volumes = function(_, options) return options and fields.dangling or fields.volumes or {} end,
    df = function() return {} end,
    supports = function(_, version) return tonumber(version:match "%d+$") <= fields.api end,
  }
end

local function names(steps)
  local out = {}
  for i, step in ipairs(steps) do out[i] = step.object.name end
  return out
end

describe("prune.find", function()
  local image = { Id = "sha256:" .. ("a"):rep(64), RepoTags = { "app:1" }, Size = 1, Created = 1 }
  local user = { Id = "c1", ImageID = image.Id, Mounts = { { Type = "volume", Name = "v1" } } }
  local v1, v2 = { Name = "v1", Driver = "local" }, { Name = "v2", Driver = "local" }

  it("an image is used as long as its container stays", function()
    local nas = engine { api = 41, images = { image }, containers = { user } }
    h.eq(#find.images(nas, { filters = filters.parse {}, all = true }), 0)
    h.eq(#find.images(nas, { filters = filters.parse {}, all = true, gone = { c2 = true } }), 0)
    h.eq(#find.images(nas, { filters = filters.parse {}, all = true, gone = { c1 = true } }), 1)
  end)

  it("so is a volume", function()
    local nas = engine { api = 41, volumes = { v1, v2 }, dangling = { v2 }, containers = { user } }
    h.eq(names(find.volumes(nas, { filters = filters.parse {}, all = true })), { "v2" })
    h.eq(names(find.volumes(nas, { filters = filters.parse {}, all = true, gone = { c2 = true } })), { "v2" })
    h.eq(names(find.volumes(nas, { filters = filters.parse {}, all = true, gone = { c1 = true } })), { "v1", "v2" })
  end)

  it("a dangling= against --all: older engines take the greater set, newer ones refuse", function()
    local function images(api, all, ...)
      local steps, err = try(find.images, engine { api = api, images = { image } }, { filters = filters.parse { ... }, all = all })
      return steps and #steps, err and err.code
    end
    h.eq(images(41, false), 0)
    h.eq(images(41, false, "dangling=false"), 1)
    h.eq(images(41, true, "dangling=true"), 1)
    h.eq(images(42, true, "dangling=0"), 1)
    h.eq(images(42, false, "dangling=1"), 0)
    h.eq(select(2, images(42, false, "dangling=false")), "invalid_filter")
    h.eq(select(2, images(42, true, "dangling=true")), "invalid_filter")
  end)

  it("what was made in the second of until is younger", function()
    local f = filters.parse { "until=100" }
    filters.check(f, { ["until"] = true })
    h.eq(filters.matches(f, {}, 99), true)
    h.eq(filters.matches(f, {}, 100), false)
  end)

  it("an empty filter is none, and all= wants a boolean", function()
    h.eq(filters.parse { "" }.values, {})
    local nas = engine { api = 42, dangling = { v2 } }
    h.eq(names(find.volumes(nas, { filters = filters.parse { "all=T" } })), { "v2" })
    h.eq(select(2, try(find.volumes, nas, { filters = filters.parse { "all=x" } })).code, "invalid_filter")
  end)
end)
