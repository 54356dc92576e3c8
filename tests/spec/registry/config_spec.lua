-- What is taken from docker's config.json, and under which name a registry is kept.
local config = require "registry.config"
local server = require "registry.server"

local function refused(code, fn, ...)
  local _, err = try(fn, ...)
  h.eq(err and err.code, code)
end

describe("a registry's name", function()
  it("is its host and port", function()
    h.eq(server.key "https://localhost:5000/v2/", "localhost:5000")
    h.eq(server.key "http://Registry.example", "Registry.example")
  end)

  it("of Docker Hub is the one that docker uses", function()
    for _, text in ipairs { "", "docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io" } do
      h.eq(server.key(text), "https://index.docker.io/v1/")
    end
    h.eq(server.key(nil), server.HUB)
  end)

  it("comes from an image's", function()
    h.eq(server.of_image "nginx", server.HUB)
    h.eq(server.of_image "me/web:1", server.HUB)
    h.eq(server.of_image("ghcr.io/me/web@sha256:" .. ("0"):rep(64)), "ghcr.io")
  end)
end)

describe("docker's config.json", function()
  it("has proxies for containers and detach keys", function()
    local c = config.parse '{"proxies": {"default": {"httpProxy": "p", "x": 3}, "tcp://h": 7}, "detachKeys": "ctrl-x"}'
    h.eq({ c.proxies, c.detach_keys }, { { default = { httpProxy = "p" }, ["tcp://h"] = {} }, "ctrl-x" })
    h.eq(config.parse('{"proxies": 3, "detachKeys": {}}').proxies, {})
  end)

  it("names helpers", function()
    local c = config.parse '{"credsStore": "pass", "credHelpers": {"https://ghcr.io/": "gh", "x": 3}}'
    h.eq(c.store, "pass")
    h.eq(c.helpers["ghcr.io"], "gh")
    h.eq(c.helpers.x, nil)
  end)

  it("holds users and passwords in base64; a password may have colons", function()
    local c = config.parse '{"auths": {"https://index.docker.io/v1/": {"auth": "bWU6YTpi"}, "localhost:5000": {"auth": "Og=="}}}'
    h.eq(c.auths[server.HUB].username, "me")
    h.eq(c.auths[server.HUB].password, "a:b")
    h.eq(c.auths[server.HUB].serveraddress, server.HUB)
  end)

  it("holds tokens: they come before a password", function()
    local c = config.parse '{"auths": {"r.example": {"auth": "bWU6", "identitytoken": "tok"}}}'
    h.eq(c.auths["r.example"].identitytoken, "tok")
    h.eq(c.auths["r.example"].password, nil)
  end)

  it("leaves out what is empty or of another kind", function()
    local c = config.parse '{"auths": {"a": {}, "b": {"auth": "!!"}, "c": 3, "d": {"auth": 7}}, "credHelpers": [], "credsStore": ""}'
    h.eq(next(c.auths), nil)
    h.eq(c.store, nil)
  end)

  it("that is no JSON, or no object, is an error", function()
    refused("bad_docker_config", config.parse, "{")
    refused("bad_docker_config", config.parse, "3")
  end)
end)
