-- Go templates over Lua values, as docker's --format takes them.
-- Dependencies: core.template.
local core = require "core.template"

local M = {}

---A compiled template. `t:render(value, options)` returns the text; `t:render_json(text, options)` takes a JSON document
---as the engine sent it, which keeps the order of its members; `t:uses(field)` says whether `.field` is mentioned.
---@class template.Template: core.template.Template

---Compiles a template. Raises usage `bad_template` with Go's own words (`template: :1: unclosed action`); docker puts
---"template parsing error: " in front of them.
---@param text string
---@return template.Template
---@raise usage
function M.compile(text)
  return core.compile(text)
end

---Renders once.
---@param text string the template
---@param value any
---@param options? core.template.Options
---@return string
---@raise usage
function M.render(text, value, options)
  return core.compile(text):render(value, options)
end

return M
