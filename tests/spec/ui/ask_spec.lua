local output = require "cli.output"
local ui = require "ui"

describe("ui asks", function()
  local saved, shown, answers
  before_each(function()
    saved = { can_ask = ui.can_ask, read_line = ui.read_line, err = output.err }
    shown, answers = {}, {}
    ui.can_ask = function()
      return true
    end
    ui.read_line = function()
      return table.remove(answers, 1)
    end
    output.err = function(text)
      shown[#shown + 1] = text
    end
  end)
  after_each(function()
    ui.can_ask, ui.read_line, output.err = saved.can_ask, saved.read_line, saved.err
  end)

  it("yes or no, with a default", function()
    answers = { "y", "NO", "", "", " yes " }
    h.eq(ui.confirm "Remove it?", true)
    h.eq(ui.confirm "Remove it?", false)
    h.eq(ui.confirm "Remove it?", false)
    h.eq(ui.confirm("Remove it?", { default = true, flag = "--yes" }), true)
    h.eq(ui.confirm "Remove it?", true)
    h.eq(shown[1], "Remove it? [y/N] ")
    h.eq(shown[4], "Remove it? [Y/n] (--yes) ")
  end)

  it("for text, with a default", function()
    answers = { " nas1 ", "", "" }
    h.eq(ui.ask "Name?", "nas1")
    h.eq(ui.ask("Port?", "22"), "22")
    h.eq(ui.ask "Note?", "")
    h.eq(shown[2], "Port? [22] ")
  end)

  it("and raises when nobody answers", function()
    local _, err = try(ui.ask, "Name?")
    h.eq(err.code, "no_answer")
    ui.can_ask = function()
      return false
    end
    for _, fn in ipairs { ui.ask, ui.confirm, ui.password } do
      _, err = try(fn, "Name?", fn == ui.confirm and { flag = "--yes" } or nil)
      h.eq(err.category, "aborted")
      h.eq(err.code, "no_terminal")
    end
    _, err = try(ui.confirm, "Sure?", { flag = "--yes" })
    h.eq(err.hint, "--yes")
    h.eq(ui.is_interactive(), false)
    h.eq(#shown, 1)
  end)
end)
