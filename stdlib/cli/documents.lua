-- Engine documents as `docker inspect` prints them: an indented array, a compact one, or a template for each.
local M = {}

---@class cli.DocumentOptions
---@field types? core.template.Types Go types that docker decodes the documents into
---@field type_name? string|string[] Go type of the documents, or of each

-- White space between tokens is set anew; nothing else changes: order, numbers and escapes stay as they were sent.
-- Follows Go's json.Indent (prefix "", one more `step` per level) and, for step nil, json.Compact.
---@param source string valid JSON
---@param step string?
---@return string
function M.reformat(source, step)
  local out, depth, at = {}, 0, 1
  local function newline()
    if step then
      out[#out + 1] = "\n" .. step:rep(depth)
    end
  end
  local opened = false -- an opening bracket whose content is not seen yet
  while true do
    at = source:find("[^ \t\r\n]", at)
    if not at then
      return table.concat(out)
    end
    local c = source:sub(at, at)
    if opened and c ~= "]" and c ~= "}" then
      newline()
    end
    if c == "{" or c == "[" then
      depth = depth + 1
    elseif c == "}" or c == "]" then
      depth = depth - 1
      if not opened then
        newline()
      end
    elseif c == '"' then
      local stop = at
      repeat
        stop = source:find('["\\]', stop + 1)
        local escape = source:byte(stop) == 92
        stop = escape and stop + 1 or stop
      until not escape
      c = source:sub(at, stop)
    elseif not c:find "[,:]" then
      c = source:match("^[^%s,:%]}]+", at)
    end
    opened = c == "{" or c == "["
    out[#out + 1] = c
    at = at + #c
    if c == "," then
      newline()
    elseif c == ":" and step then
      out[#out + 1] = " "
    end
  end
end

local function text_of(document)
  return type(document) == "string" and document or require("json").encode(document)
end

-- docker reads a document into its Go type first; where the template does not fit that, into a bare map, and from then
-- on a key that is missing is an error in typed documents, too (one template serves all of them).
local function renderer(template, options)
  local strict = false
  return function(document, i)
    local text, name = text_of(document), options.type_name
    name = type(name) == "table" and name[i] or name
    local out = try(template.render_json, template, text, { types = options.types, type_name = name, strict = strict or not name })
    if out then
      return out
    end
    strict = true
    return template:render_json(text, { strict = true, raw = true })
  end
end

---Prints the documents as the flag --format says.
---@async
---@param ctx cli.Context
---@param documents (string|table)[] JSON texts as the engine sent them, or decoded ones
---@param options? cli.DocumentOptions
---@return Error[] failed by documents that the template does not fit; the others are printed
function M.print(ctx, documents, options)
  local wanted = ctx.flags.format
  if not wanted or wanted == "" or wanted == "json" or ctx.flags.json then
    local texts = {}
    for i, document in ipairs(documents) do
      texts[i] = text_of(document)
    end
    local step = wanted ~= "json" and not ctx.flags.json and "    " or nil
    ctx:out(M.reformat("[" .. table.concat(texts, ",") .. "]", step) .. "\n")
    return {}
  end
  local format = require "cli.format"
  local render = renderer(format.compile(wanted), options or {})
  local out, failed = {}, {}
  for i, document in ipairs(documents) do
    local text, err = try(render, document, i)
    if text then
      out[#out + 1] = text .. "\n"
    else
      failed[#failed + 1] = select(2, try(format.unusable, err))
    end
  end
  ctx:out(#out > 0 and table.concat(out) or "\n")
  return failed
end

return M
