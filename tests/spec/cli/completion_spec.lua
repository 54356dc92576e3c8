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
    h.eq((values("version", "--")), { "--json" })
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
        for word in example[1]:gsub("[|>].*", ""):gsub("'([^']*)'", function(s)
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
