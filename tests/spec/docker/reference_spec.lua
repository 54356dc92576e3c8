local reference = require "docker.reference"

local HEX = ("0123456789abcdef"):rep(4)

describe("docker.reference", function()
  it("fills in registry, library and tag", function()
    for text, want in pairs {
      ["nginx"] = { "docker.io/library/nginx", "nginx", "latest" },
      ["nginx:1.25"] = { "docker.io/library/nginx", "nginx", "1.25" },
      ["user/app"] = { "docker.io/user/app", "user/app", "latest" },
      ["docker.io/nginx"] = { "docker.io/library/nginx", "nginx", "latest" },
      ["index.docker.io/library/nginx"] = { "docker.io/library/nginx", "nginx", "latest" },
      ["localhost/app"] = { "localhost/app", "localhost/app", "latest" },
      ["localhost:5000/app:v1"] = { "localhost:5000/app", "localhost:5000/app", "v1" },
      ["registry.example.com/a/b/c"] = { "registry.example.com/a/b/c", "registry.example.com/a/b/c", "latest" },
      ["Registry/app"] = { "Registry/app", "Registry/app", "latest" },
      ["[::1]:5000/app"] = { "[::1]:5000/app", "[::1]:5000/app", "latest" },
      ["a__b/c--d.e"] = { "docker.io/a__b/c--d.e", "a__b/c--d.e", "latest" },
    } do
      local ref = reference.parse(text)
      h.eq({ ref.name, ref.familiar, ref.tag }, want, text)
    end
  end)

  it("keeps digests, and adds no tag to them", function()
    local ref = reference.parse("nginx@sha256:" .. HEX)
    h.eq({ ref.name, ref.tag, ref.digest }, { "docker.io/library/nginx", nil, "sha256:" .. HEX })
    h.eq(reference.format(ref), "nginx@sha256:" .. HEX)
    ref = reference.parse("r:5/a:1@sha256:" .. HEX)
    h.eq({ ref.domain, ref.path, ref.tag, ref.digest }, { "r:5", "a", "1", "sha256:" .. HEX })
  end)

  it("knows a tag that was typed from one that was not", function()
    h.eq(reference.parse("nginx").implied, true)
    h.eq(reference.parse("nginx:latest").implied, nil)
  end)

  it("refuses what docker refuses", function()
    for _, text in ipairs {
      "", "Nginx", "user/App", "nginx:", "nginx:a b", "-nginx", "nginx-", "a//b", "/nginx", "nginx/", "a___b", "a..b", "nginx@sha256:12",
      "nginx@" .. HEX, HEX, "exa mple.com/a", "host:port/a", "-host.com/a", ("a"):rep(256), "nginx:" .. ("a"):rep(129), "nginx\n",
    } do
      h.raises({ category = "usage", code = "bad_reference" }, reference.parse, text)
    end
    h.contains(h.raises({}, reference.parse, "Nginx").why, "lower case")
  end)

  it("leaves ids as they are when it shortens names", function()
    h.eq(reference.familiar "docker.io/library/nginx:1", "nginx:1")
    h.eq(reference.familiar(HEX), HEX)
  end)
end)
