local json = require "json"
local yaml = require "yaml"

describe("yaml", function()
  it("reads what people write", function()
    local v = yaml.decode "base: &b {port: 22, tags: []}\nnas1:\n  <<: *b\n  host: nas1.local # big\n  mode: 0o17\nnone: ~\n"
    h.eq(v.nas1.host, "nas1.local")
    h.eq(v.nas1.port, 22)
    h.eq(v.nas1.mode, 15)
    h.eq(v.none, json.null)
    h.eq(json.is_array(v.nas1.tags), true)
  end)

  it("writes what reads back", function()
    local text = yaml.encode { list = { "yes", "8080:80", 1, 1.0, json.null }, empty = json.array(), text = "a\nb\n" }
    h.eq(text, 'empty: []\nlist:\n- "yes"\n- "8080:80"\n- 1\n- 1.0\n- null\ntext: |\n  a\n  b\n')
    h.eq(yaml.encode(yaml.decode(text)), text)
  end)

  it("raises an error with file, line and column", function()
    local _, err = try(yaml.decode, "a: 1\na: 2\n", "profiles.yaml")
    h.eq(err.category, "config")
    h.eq(err.message, 'profiles.yaml:2:1: the key "a" stands here again')
    h.eq(err.why, "it is already set at line 1")
  end)
end)
