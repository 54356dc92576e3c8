describe("@WORDS@", function()
  it("shows its help", function()
    local r = h.run { "help", "@WORDS@" }
    h.eq({ r.code, r.err }, { 0, "" })
    h.contains(r.out, "Usage:  qnap-docker @WORDS@ [OPTIONS]")
  end)
end)
