-- compose.digests: names with digests, each image asked for once.
local digests = require "compose.digests"

local DIGEST = "sha256:" .. ("a"):rep(64)

-- A NAS whose engine answers for nginx and a registry of its own.
local function nas(asked)
  return {
    name = "nas1",
    cannot = function(_, what) return "cannot " .. what end,
    request = function(_, r)
      asked[#asked + 1] = r.path
      if r.path:find "gone" then Error { category = "not_found", code = "no_such_image", message = "gone" } end
      return { body = r.path:find "odd" and {} or { Descriptor = { digest = DIGEST } } }
    end,
  }
end

local function pin(images)
  local asked, services = {}, {}
  for i, image in ipairs(images) do services["s" .. i] = { image = image or nil } end
  digests.pin(nas(asked), { services = services })
  return services, asked
end

describe("compose.digests", function()
  it("gives every image its full name and its digest, asked for once", function()
    local s, asked = pin { "nginx", "r.example:5000/a/b:2", "nginx", false }
    h.eq(s.s1.image, "docker.io/library/nginx:latest@" .. DIGEST)
    h.eq(s.s2.image, "r.example:5000/a/b:2@" .. DIGEST)
    h.eq(s.s3.image, s.s1.image)
    h.eq(s.s4.image, nil)
    h.eq(#asked, 2)
  end)

  it("asks for no image that has a digest", function()
    local s, asked = pin { "redis:7@" .. DIGEST }
    h.eq(s.s1.image, "docker.io/library/redis@" .. DIGEST)
    h.eq(#asked, 0)
  end)

  it("fails for what the registry does not have", function()
    h.raises({ code = "no_such_image" }, pin, { "gone" })
    h.raises({ code = "no_digest" }, pin, { "odd" })
  end)
end)
