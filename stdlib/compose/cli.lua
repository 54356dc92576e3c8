-- What the compose commands share: the project that their flags name.
local M = {}

-- --profile chooses NASes; a value that selects none is taken for a service profile, with a warning.
local function service_profiles(ctx)
  local out = table.move(ctx.flags.compose_profile, 1, #ctx.flags.compose_profile, 1, {})
  for _, name in ipairs(ctx.global.profile or {}) do
    local found = try(require("profile").select, { name })
    if not found or #found == 0 then
      ctx:warn(("no NAS is named '%s': taken as a service profile (--compose-profile)"):format(name))
      out[#out + 1] = name
    end
  end
  return out
end

---Loads the project that the command's flags name; its warnings go to stderr.
---@param ctx cli.Context
---@param more? compose.Options
---@return compose.Project
---@raise as compose.load
function M.load(ctx, more)
  local options = {}
  for k, v in pairs(more or {}) do
    options[k] = v
  end
  local flags = ctx.flags
  options.files, options.env_files = flags.file, flags.env_file
  options.project_name, options.project_dir = flags.project_name, flags.project_directory
  options.profiles = service_profiles(ctx)
  for _, file in ipairs(flags.file) do
    if file == "-" then
      options.input = require("fs").read("/dev/stdin", 8 << 20)
    end
  end
  local project = require("compose").load(options)
  for _, line in ipairs(project.warnings) do
    ctx:warn(line)
  end
  return project
end

return M
