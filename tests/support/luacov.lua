-- luacov.lua DIR: of what the program wrote into DIR with QNAP_DOCKER_COV, the share of lines of lua/ and stdlib/ that ran, by
-- file and in all. Which lines could run is asked of luac5.4 (package lua5.4). --missing lists the others.
local dir, missing = arg[1], arg[2] == "--missing"

local function lines_of(command)
  local pipe = assert(io.popen(command))
  local out = {}
  for line in pipe:lines() do out[#out + 1] = line end
  assert(pipe:close(), "luacov: failed: " .. command)
  return out
end

local function quoted(word) return "'" .. word:gsub("'", "'\\''") .. "'" end

-- {[file] = {[line] = true}}
local hit = {}
for _, path in ipairs(lines_of("find " .. quoted(dir) .. " -type f -name 'cov-*'")) do
  for line in io.lines(path) do
    local file, numbers = line:match "^(%S+)(.*)$"
    hit[file] = hit[file] or {}
    for number in numbers:gmatch "%d+" do hit[file][tonumber(number)] = true end
  end
end

-- Lines with an instruction. The return that ends every function is the compiler's: behind an explicit one nothing reaches it.
-- A vararg function's first instruction never meets the hook.
local function executable(file)
  local out, last = {}, nil
  for _, line in ipairs(lines_of("luac5.4 -l -p " .. quoted(file))) do
    local number, op = line:match "^%s+%d+%s+%[(%d+)%]%s+(%u[%u%d]*)"
    if number then
      if last then out[last] = true end
      last = op ~= "VARARGPREP" and tonumber(number) or nil
    else
      last = nil
    end
  end
  return out
end

local function percent(part, whole) return whole == 0 and 100 or 100 * part / whole end

-- "3-7 12": runs of lines that could run and did not.
local function ranges(could, did)
  local numbers, out, first, last = {}, {}, nil, nil
  for line in pairs(could) do numbers[#numbers + 1] = line end
  table.sort(numbers)
  for i = 1, #numbers + 1 do
    local line = numbers[i]
    if line and not did[line] then
      first, last = first or line, line
    elseif first then
      out[#out + 1] = first == last and tostring(first) or first .. "-" .. last
      first = nil
    end
  end
  return table.concat(out, " ")
end

local totals = {}
for _, root in ipairs { "lua", "stdlib" } do
  local all, ran = 0, 0
  for _, file in ipairs(lines_of("find " .. root .. " -name '*.lua' -not -path 'stdlib/_meta/*' | sort")) do
    local could, did, lines, met = executable(file), hit[file] or {}, 0, 0
    for line in pairs(could) do
      lines, met = lines + 1, met + (did[line] and 1 or 0)
    end
    all, ran = all + lines, ran + met
    print(("%5.1f%%  %4d/%-4d %s%s"):format(percent(met, lines), met, lines, file,
      missing and met < lines and "  not: " .. ranges(could, did) or ""))
  end
  totals[#totals + 1] = ("%s: %.1f%% (%d of %d lines)"):format(root, percent(ran, all), ran, all)
end
print(table.concat(totals, "\n"))
