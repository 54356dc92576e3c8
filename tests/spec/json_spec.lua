local json = require "json"

describe("json", function()
  it("brings values back as they were", function()
    for _, text in ipairs { "[]", "{}", '{"a":[1,2.5,"x",null,false],"b":{"c":[[]]}}', "9007199254740993", '"\\u0000"' } do
      h.eq(json.encode(json.decode(text)), text)
    end
  end)

  it("tells integers from floats", function()
    h.eq(math.type(json.decode "1"), "integer")
    h.eq(math.type(json.decode "1.0"), "float")
  end)

  it("knows null and arrays", function()
    h.eq(json.decode "null", json.null)
    h.eq(json.is_null(nil), true)
    h.eq(json.is_null(json.null), true)
    h.eq(json.is_null(false), false)
    h.eq(json.is_array(json.decode "[]"), true)
    h.eq(json.is_array(json.decode "{}"), false)
    h.eq(json.encode(json.array()), "[]")
  end)

  it("raises an error with the place", function()
    local v, err = try(json.decode, '{"a":\n]}')
    h.eq(v, nil)
    h.eq(err.category, "fail")
    h.eq(err.code, "bad_json")
    h.eq(err.message, "not valid JSON: line 2, column 1")
    h.eq(err.why, "unexpected ']'")
  end)

  it("says at the caller what cannot be written", function()
    local ok, err = pcall(json.encode, { a = { print } })
    h.eq(ok, false)
    h.eq(err:find("at 'a[1]': a function cannot be written as data", 1, true) ~= nil, true)
  end)

  it("sets white space anew and nothing else", function()
    h.eq(json.reformat(' [ 1.0 , { "a" : [ ] , "\\u003c\\"" : "x: {" } ]\n', 0), [=[[1.0,{"a":[],"\u003c\"":"x: {"}]]=])
    h.eq(json.reformat('{"a":[{ },[1,2]]}', 2), '{\n  "a": [\n    {},\n    [\n      1,\n      2\n    ]\n  ]\n}')
    h.eq(json.reformat("", 4), "")
    for _, text in ipairs { '["a', '["a\\', "[1", "]", "[}", ("["):rep(1001) } do
      local out, err = try(json.reformat, text, 4)
      h.eq(out, nil)
      h.eq(err.code, "bad_json")
    end
  end)
end)
