local completion = require "cli.completion"

local function values(...)
  local list, files = completion.candidates { ... }
  local out = {}
  for i, item in ipairs(list) do
    out[i] = item[1]
  end
  return out, files
end

describe("completion", function()
  it("offers commands that begin so, without hidden ones", function()
    h.eq((values "versio"), { "version" })
    h.eq((values "__"), {})
    h.eq((values("nonsense", "")), {})
  end)

  it("offers flags of the command; global ones once a letter is there", function()
    h.eq((values("version", "--")), { "--client", "--profile", "--all-profiles", "--format", "--json" })
    h.eq((values("version", "--pro")), { "--profile", "--progress" })
    h.eq((values("version", "--", "--")), {})
  end)

  it("offers values of a flag, with and without =", function()
    h.eq((values("--color", "a")), { "auto", "always" })
    h.eq((values "--color=n"), { "--color=never" })
    local list, files = values("--debug-file", "")
    h.eq({ list, files }, { {}, "files" })
  end)

  it("offers arguments, behind flags, too", function()
    h.eq((values("completion", "")), { "bash", "zsh", "fish" })
    h.eq((values("--color", "never", "completion", "--verbose", "z")), { "zsh" })
    h.eq((values("help", "exit")), { "exit-codes" })
  end)

  it("offers profiles, also behind a comma", function()
    local list = function()
      return {
        { name = "nas1", keys = { host = "nas1.local", user = "admin", group = "home" } },
        { name = "nas2", keys = { host = "local", labels = { site = "lab" } } },
      }
    end
    h.with(package.loaded, { profile = { list = list } }, function()
      h.eq((values("--profile", "")), { "nas1", "nas2", "group:home", "label:site=lab" })
      h.eq((values "--profile=nas1,n"), { "--profile=nas1,nas2" })
      h.eq((values "--profile=nas1,!"), { "--profile=nas1,!nas2", "--profile=nas1,!group:home", "--profile=nas1,!label:site=lab" })
      h.eq((values("--profile", "!nas")), { "!nas1", "!nas2" })
      h.eq(completion.candidates({ "--profile", "nas1" })[1][2], "admin@nas1.local")
    end)
  end)

  it("offers containers of the chosen NAS that are not on the line yet", function()
    local chosen
    local fakes = {
      profile = {
        resolve = function(selectors) return selectors end,
        get = function(name) return { name = name } end,
      },
      docker = {
        connect = function(p, options)
          chosen = { p.name, options.interactive }
          return {
            containers = function()
              return {
                { Id = "1", Names = { "/web" }, Image = "nginx", State = "running" },
                { Id = "2", Names = { "/db" }, Image = "pg", State = "exited" },
              }
            end,
          }
        end,
      },
    }
    local def = { summary = "Test", uses = { "targets" }, args = { { "c", variadic = true, complete = "containers" } } }
    local registry = require "cli.registry"
    local entry = { name = "thing", words = { "thing" } }
    h.with(registry, {
      get = function(name) return name == "thing" and entry or nil end,
      load = function() return require("cli.command").build(def, { "thing" }) end,
    }, function()
      h.with(package.loaded, fakes, function()
        h.eq((values("thing", "--profile", "nas2", "web", "")), { "db" })
        h.eq(chosen, { "nas2", false })
      end)
    end)
  end)

  it("offers the services of the project found by the flags, asking no NAS; none where there is no file", function()
    local dir <close> = require("fs").temp_dir()
    local file = dir.path .. "/c.yaml"
    require("fs").write(file, "services: {web: {image: nginx}, db: {image: pg}, job: {build: ., profiles: [extra]}}\n")
    h.eq((values("compose", "-f", file, "config", "")), { "db", "job", "web" })
    h.eq((values("compose", "config", "--file", file, "db", "w")), { "web" })
    h.eq(completion.candidates({ "compose", "config", "-f", file, "db" })[1], { "db", "pg" })
    h.eq((values("compose", "-f", dir.path .. "/none.yaml", "config", "")), {})
  end)

  it("stays silent where a provider fails", function()
    local candidates = require "cli.candidates"
    h.with(candidates, { shells = function() error "boom" end }, function()
      h.eq((values("completion", "")), {})
    end)
  end)

  it("gives scripts that their shells can read", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      h.contains(h.run({ "completion", shell }).out, "__complete -- ")
    end
    h.eq(h.program("completion bash | bash -n").code, 0)
  end)
end)

describe("documentation", function()
  it("has a page and a manual for every command", function()
    local docs, registry = require "cli.docs", require "cli.registry"
    local pages, manuals = {}, {}
    for _, page in ipairs(docs.pages()) do
      pages[page[1]] = page[2]
    end
    for _, page in ipairs(docs.manuals()) do
      manuals[page[1]] = page[2]
    end
    for _, entry in ipairs(registry.list()) do
      local name = entry.name:gsub(" ", "-")
      h.contains(pages[name .. ".md"], "# qnap-docker " .. entry.name)
      h.contains(pages["README.md"], ("(%s.md)"):format(name))
      h.contains(manuals[("qnap-docker-%s.1"):format(name)], ".SH SYNOPSIS")
      h.lacks(manuals[("qnap-docker-%s.1"):format(name)], "\n.\n")
    end
    h.contains(manuals["qnap-docker.1"], ".SH COMMANDS")
  end)
end)

describe("every command", function()
  local registry = require "cli.registry"

  it("has a table that builds, with summary, known group and examples that parse", function()
    local groups = {}
    for _, group in ipairs(require("cli.help").groups) do
      groups[group[1]] = true
    end
    local dispatch = require "cli.dispatch"
    for _, entry in ipairs(registry.list(true)) do
      local spec = registry.load(entry)
      h.eq(spec.def.summary, entry.summary, entry.name)
      h.ok(groups[spec.def.group], entry.name .. ": unknown group " .. tostring(spec.def.group))
      h.ok(not spec.def.summary:find "%.$", entry.name .. ": the summary ends with a full stop")
      for _, example in ipairs(spec.def.examples or {}) do
        local words = {}
        for word in example[1]:gsub("[|<>].*", ""):gsub("'([^']*)'", function(s)
          return (s:gsub(" ", "\1"))
        end):gmatch "%S+" do
          words[#words + 1] = word:gsub("\1", " ")
        end
        local ok, err = pcall(dispatch.resolve, words)
        h.ok(ok, ("%s: example '%s': %s"):format(entry.name, example[1], tostring(err)))
      end
    end
  end)
end)
