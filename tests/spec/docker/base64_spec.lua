local base64 = require "docker.base64"

describe("docker.base64", function()
  it("writes the URL-safe alphabet with padding", function()
    for bytes, text in pairs { [""] = "", ["f"] = "Zg==", ["fo"] = "Zm8=", ["foo"] = "Zm9v", ["\xfb\xff\xfe"] = "-__-", ["{}"] = "e30=" } do
      h.eq(base64.encode_url(bytes), text)
      h.eq(base64.decode(text), bytes)
    end
  end)

  it("reads either alphabet, with or without padding", function()
    h.eq(base64.decode "+//+", "\xfb\xff\xfe")
    h.eq(base64.decode "Zm8", "fo")
    h.eq(base64.decode "a b", nil)
  end)
end)
