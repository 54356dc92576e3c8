-- additional_contexts of a build: every builder knows stages, so a further context is a stage in front of the Dockerfile's first one.
-- A folder here becomes an image for as long as the build takes. Dependencies: build.classic, build.context, compose.hash, sys.
local M = {}

local SCRATCH = "FROM scratch\nCOPY . /\n"

-- A name that a stage may have.
local function is_stage(name) return name:find "^%l[%l%d_.-]*$" ~= nil end

---The Dockerfile with stages in front of its first one.
---@param text string
---@param stages string[] "FROM image AS name"
---@return string
function M.with_stages(text, stages)
  if #stages == 0 then return text end
  local at = 1
  for line, after in text:gmatch "([^\n]*)\n?()" do
    if line:upper():find "^%s*FROM%s" then break end
    at = after
    if after > #text then break end
  end
  return text:sub(1, at - 1) .. table.concat(stages, "\n") .. "\n" .. text:sub(at)
end

-- An image of a folder's files.
local function image_of(nas, folder, warn)
  local sys = require "sys"
  local tag = "qnap-docker-context:" .. require("compose.hash").of({ sys.pid(), sys.now(), folder, math.random(0) }):sub(1, 16)
  local context = require("build.context").find(folder, nil, false, SCRATCH)
  local pieces <close> = context.open { warn = warn }
  require("build.classic").run(nas, {
    query = { version = "1", t = { tag }, dockerfile = context.dockerfile, rm = true, forcerm = true }, pieces = pieces,
    out = function() end, message = function() end,
  })
  return tag
end

---What of the contexts becomes stages, and what only BuildKit can fetch. Close the result when the build is done.
---@async
---@param nas docker.Nas
---@param contexts? table<string, string> of the model
---@param warn fun(text: string)
---@return {stages: string[], left: table<string, string>, close: fun()}
function M.of(nas, contexts, warn)
  local out, tags = { stages = {}, left = {} }, {}
  function out.close()
    for _, tag in ipairs(tags) do try(function() nas:image(tag):remove {} end) end
    tags = {}
  end
  setmetatable(out, { __close = out.close })
  local _, err = try(function()
    for _, name in ipairs(require("compose.tables").sorted(contexts or {})) do
      local value = contexts[name]
      local image = value:match "^docker%-image://(.+)$"
      if is_stage(name) and not image and not value:find "^[%w+.-]+://" then
        tags[#tags + 1] = image_of(nas, value, warn)
        image = tags[#tags]
      end
      if image and is_stage(name) then out.stages[#out.stages + 1] = ("FROM %s AS %s"):format(image, name) else out.left[name] = value end
    end
  end)
  if err then
    out.close()
    error(err, 0)
  end
  return out
end

return M
