-- Engine documents as `docker inspect` prints them: an indented array, a compact one, or a template for each.
local M = {}

---@class cli.DocumentOptions
---@field types? core.template.Types Go types that docker decodes the documents into
---@field type_name? string|string[] Go type of the documents, or of each
---@field profiles? string[] the NAS that each is from: a member of it with --json, and where several are shown
---@field kinds? string[] what each is ("container"): a terminal shows it in groups then
---@field more? table<integer, pretty.Section[]> further groups there

local function text_of(document)
  return type(document) == "string" and document or require("json").encode(document)
end

-- The document with the NAS that it is from; the rest stays as the engine wrote it.
local function named(text, profile)
  local body = profile and text:match "^%s*{(.*)$"
  if not body then
    return text
  end
  return ('{"profile":%s%s%s'):format(require("json").encode(profile), body:find "^%s*}" and "" or ",", body)
end

local function array(ctx, documents, options, terminal)
  local json, wanted, texts = require "json", ctx.flags.json, {}
  local profiles = (wanted or (ctx.several and ctx.flags.format ~= "json")) and options.profiles or {}
  for i, document in ipairs(documents) do
    local text = named(text_of(document), profiles[i])
    texts[i] = wanted and wanted ~= "*" and json.encode(require("cli.render").fields(json.decode(text), wanted)) or text
  end
  local compact = ctx.flags.format == "json" or (wanted and not terminal)
  local indent = compact and 0 or 4
  ctx:out(json.reformat("[" .. table.concat(texts, ",") .. "]", indent) .. "\n")
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

local function for_people(ctx, documents, options)
  local view = {
    now = os.time(), style = require("ui").style "stdout", show_secrets = ctx.flags.show_secrets or false, masked = 0,
  }
  local out = {}
  for i, document in ipairs(documents) do
    out[i] = require("pretty").text(options.kinds[i], text_of(document), view, options.more and options.more[i])
  end
  ctx:out(table.concat(out, "\n"))
  if view.masked > 0 then
    ctx:note(("%d value%s that look%s secret: --show-secrets shows %s, --json everything"):format(
      view.masked, view.masked == 1 and "" or "s", view.masked == 1 and "s" or "", view.masked == 1 and "it" or "them"))
  end
end

---Prints the documents as the flag --format says.
---@async
---@param ctx cli.Context
---@param documents (string|table)[] JSON texts as the engine sent them, or decoded ones
---@param options? cli.DocumentOptions
---@return Error[] failed by documents that the template does not fit; the others are printed
function M.print(ctx, documents, options)
  local wanted, terminal = ctx.flags.format, require("ui").is_tty "stdout"
  if terminal and not wanted and not ctx.flags.json and options and options.kinds then
    for_people(ctx, documents, options)
    return {}
  end
  if not wanted or wanted == "" or wanted == "json" or ctx.flags.json then
    array(ctx, documents, options or {}, terminal)
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
