-- What the kernel and the engine of a NAS can do, from GET /info and the probe: NAS kernels lack features.
local M = {}

---@class nas.Capability
---@field name string
---@field value string "yes", "no" or a word
---@field missing? boolean something that containers ask for is not there
---@field note? string what follows from it

local function flag(name, value, note)
  return { name = name, value = value and "yes" or "no", missing = not value or nil, note = not value and note or nil }
end

---@param info table GET /info
---@param facts nas.Facts
---@return nas.Capability[]
function M.list(info, facts)
  local out = {
    { name = "cgroup version", value = tostring(info.CgroupVersion or "1") },
    flag("cpu limits", info.CpuCfsQuota, "--cpus is refused by this kernel: use --cpu-shares"),
    flag("memory limit", info.MemoryLimit, "--memory has no effect"),
    flag("swap limit", info.SwapLimit, "--swap has no effect"),
    flag("pids limit", info.PidsLimit, "--pids-limit has no effect"),
    flag("vxlan", facts.vxlan, "no overlay networks (swarm)"),
    flag("compose plugin", facts.compose, "not needed here: compose files are read on this machine"),
    { name = "storage driver", value = tostring(info.Driver or "unknown") },
    { name = "architecture", value = tostring(info.Architecture or facts.arch or "unknown") },
  }
  if facts.page_size and facts.page_size > 4096 then
    out[#out + 1] = {
      name = "page size", value = tostring(facts.page_size), missing = true,
      note = "many images crash on pages larger than 4096 bytes: look for ones that are built for this model",
    }
  end
  return out
end

-- What the checklist complains about; the rest is told in the table alone.
local GRAVE = { ["cpu limits"] = true, ["memory limit"] = true, ["page size"] = true }

---The capabilities whose absence users run into.
---@param list nas.Capability[]
---@return nas.Capability[]
function M.grave(list)
  local out = {}
  for _, c in ipairs(list) do
    if c.missing and GRAVE[c.name] then
      out[#out + 1] = c
    end
  end
  return out
end

---"cpu limits     yes" lines.
---@param list nas.Capability[]
---@return string
function M.table(list)
  local out = {}
  for i, c in ipairs(list) do
    out[i] = ("  %-15s %-10s%s\n"):format(c.name, c.value, c.note and " " .. c.note or "")
  end
  return (table.concat(out):gsub(" +\n", "\n"))
end

return M
