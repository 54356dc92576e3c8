-- What the command line says about itself.
local function golden(name, ...)
  h.golden(h.run { ... }, "cli/" .. name)
end

describe("golden help", function()
  it("of a command", function()
    golden("help-completion", "completion", "--help")
    golden("examples-completion", "completion", "--examples")
  end)

  it("of topics", function()
    for _, topic in ipairs { "exit-codes", "environment", "formatting", "selectors", "options" } do
      golden("topic-" .. topic, "help", topic)
    end
  end)
end)

describe("golden errors", function()
  it("of usage", function()
    golden("unknown-command", "vesion")
    golden("unknown-flag", "version", "--jsno")
    golden("unknown-flag-json", "version", "--json", "--bad")
    golden("too-many-arguments", "version", "1", "2")
    golden("missing-argument", "completion")
    golden("bad-value", "--parallel", "0", "version")
    golden("docker-host", "-H", "tcp://nas:2375", "version")
    golden("unknown-topic", "help", "selector")
    golden("unknown-shell", "completion", "tcsh")
  end)
end)

describe("golden completion", function()
  it("of words, flags and values", function()
    local lines = {}
    for _, words in ipairs { { "vers" }, { "version", "--" }, { "completion", "" }, { "--color=" }, { "--progress", "p" } } do
      lines[#lines + 1] = "> " .. table.concat(words, " ") .. "\n"
      lines[#lines + 1] = h.run(table.move(words, 1, #words, 3, { "__complete", "--" })).out
    end
    h.golden({ out = table.concat(lines), err = "", code = 0 }, "cli/completion")
  end)
end)
