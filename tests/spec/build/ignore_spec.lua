local ignore = require "build.ignore"

-- Expectations as moby's pattern matcher has them.
describe("build.ignore", function()
  local function excludes(text, path) return ignore.new(ignore.lines(text)):excludes(path) end

  it("stays within a part with * and ?, spans parts with **", function()
    for _, row in ipairs {
      { "*", "a", true }, { "*", "a/b", true }, { "*.go", "a.go", true }, { "*.go", "a/b.go", false }, { "**/*.go", "a/b.go", true },
      { "**/*.go", "b.go", true }, { "a/**", "a", false }, { "a/**", "a/b/c", true }, { "**", "a/b", true }, { "a/**/z", "a/z", true },
      { "a/**/z", "a/b/c/z", true }, { "a/**/z", "a/b", false }, { "?b", "ab", true }, { "?b", "éb", true }, { "?b", "aab", false },
      { "[ab]", "a", true }, { "[^ab]", "a", false }, { "[^ab]", "c", true }, { "[a-c]x", "bx", true }, { "\\*", "*", true },
      { "\\*", "a", false }, { "a.b", "axb", false }, { "a+%", "a+%", true },
    } do
      h.eq(excludes(row[1], row[2]), row[3])
    end
  end)

  it("covers what is below a folder, and the last match decides", function()
    h.eq(excludes("node_modules", "node_modules/x/y"), true)
    h.eq(excludes("*.md\n!README.md", "README.md"), false)
    h.eq(excludes("!README.md\n*.md", "README.md"), true)
    h.eq(excludes("docs\n!docs/keep", "docs/keep/a"), false)
    h.eq(excludes("docs\n!docs/keep\ndocs/keep/secret", "docs/keep/secret"), true)
  end)

  it("reads lines as docker does", function()
    h.eq(ignore.lines "\239\187\191# no\n\n /a/ \r\n! /b//c/../d\n./e\n#x\n/", { "a", "!b/d", "e", "/" })
  end)

  it("enters an excluded folder only where an exception names something below", function()
    local m = ignore.new(ignore.lines "*\n!src/main.c")
    h.eq(m:verdict("src", true), "enter")
    h.eq(m:verdict("src/main.c", false), "take")
    h.eq(m:verdict("src/other.c", false), "skip")
    h.eq(m:verdict("lib", true), "skip")
  end)

  it("always sends the Dockerfile and .dockerignore", function()
    local m = ignore.for_context({ "*" }, "deploy/Dockerfile")
    h.eq(m:excludes ".dockerignore", false)
    h.eq(m:verdict("deploy", true), "enter")
    h.eq(m:excludes "deploy/Dockerfile", false)
    h.eq(m:excludes "deploy/x", true)
  end)

  it("refuses a bracket that is left open", function()
    local _, err = try(ignore.new, { "[a" })
    h.eq(err.code, "bad_pattern")
  end)
end)

describe("build.command", function()
  local needs = require("build.command").needs_buildkit
  local none = { secret = {}, ssh = {}, cache_to = {}, output = {} }

  it("sees what needs BuildKit", function()
    h.eq(needs("FROM a\nRUN true", none), nil)
    h.eq(needs("# syntax=docker/dockerfile:1\nFROM a", none), nil)
    h.eq(needs("#syntax = docker.io/docker/dockerfile:1.7\nFROM a", none), nil)
    h.eq(needs("# syntax=docker/dockerfile:1\nFROM a\nRUN cat <<EOF >/x\ny\nEOF", none), "RUN <<")
    h.eq(needs("# syntax=docker/dockerfile:1-labs\nFROM a", none), "# syntax=")
    h.eq(needs("# syntax=my/frontend\nFROM a", none), "# syntax=")
    h.eq(needs("FROM a\nRUN echo $((1 << 2)) <in", none), nil)
    h.eq(needs("FROM a\nCOPY <<-'E' /x\ny\nE", none), "COPY <<")
    h.eq(needs("FROM a\nrun --mount=type=cache,target=/x true", none), "RUN --mount")
    h.eq(needs("FROM a\nCOPY --chmod=755 a b", none), "COPY --chmod")
    h.eq(needs("FROM a\nRUN <<EOF\nx\nEOF", none), "RUN <<")
    h.eq(needs("FROM a\nCOPY --from=x a b", none), nil)
    h.eq(needs(nil, { secret = { "id=a" }, ssh = {}, cache_to = {}, output = {} }), "--secret")
  end)
end)
