-- SHA-256 of the files of a tree, by what the NAS has for it: openssl, which uses what the processor has for hashes and is several times
-- as fast as sha256sum; sha256sum; or the bytes themselves, hashed here.
-- Dependencies: carry.hands, carry.way, carry.archive.
local hands = require "carry.hands"

local M = {}

local ALL = [[find "$1" -type f -print0]]
-- Of the names on stdin those of regular files.
local SOME = [[xargs -0 sh -c 'for f; do if [ -f "$f" ] && [ ! -L "$f" ]; then printf "%s\0" "$f"; fi; done' sh]]

-- The same without names with a line end, which openssl's lines could not be told by; of all files, these come last, without a hash.
-- The status is that of the hashing: a pipe would give tr's.
local FAST = [==[nl='
'; exec 3>&1
s=$({ { { LIST | xargs -0 {openssl} dgst -sha256 -r; echo $? >&4; } | tr '\n' '\0' >&3; } 4>&1; })
REST
exit "$s"]==]
local FAST_ALL = FAST:gsub("LIST", [[find "$1" -type f ! -path "*$nl*" -print0]]):gsub("REST",
  [[find "$1" -type f -path "*$nl*" -print0]])
local FAST_SOME = FAST:gsub("LIST", SOME:gsub("%%", "%%%%")):gsub("REST", "")

local SUMS = {
  zero = [[xargs -0 {sha256sum} -z]],
  lines = [[xargs -0 sha256sum]],
  openssl = [[xargs -0 openssl dgst -sha256 -r]],
}

local function fail(tree, why)
  Error {
    category = "fail", code = "hash_failed", profile = tree.nas.name, why = why,
    message = tree.nas:cannot(("hash the files of %s"):format(hands.name(tree))),
  }
end

-- What vanished since it was listed, and xargs's word for that. OpenSSL 3 says it once more in its own way.
local function harmless(answer)
  for line in answer.stderr:gmatch "[^\n]+" do
    if not line:find("No such file or directory", 1, true) and not line:find "^%x+:error:%x+:" then return false end
  end
  return answer.stderr ~= ""
end

local function run(tree, way, text, options)
  local answer = hands.run(tree, way, text, options)
  if answer.status ~= 0 and not (answer.status == 123 and harmless(answer)) then fail(tree, hands.why(answer)) end
  return answer.stdout
end

local function tell(options, out, path, hash, count)
  out[path:sub(1, 2) == "./" and path:sub(3) or path] = hash
  if options.progress then options.progress(count) end
end

-- "HASH  ./NAME" NUL, each: names are as they are. Returns also what was named and not hashed.
local function by_zero(tree, way, list, options)
  local out, rest, held, count = {}, {}, "", 0
  list.take = function(bytes)
    held = held .. bytes
    local at = 1
    while true do
      local stop = held:find("\0", at, true)
      if not stop then break end
      local item = held:sub(at, stop - 1)
      local hash, path = item:match "^(%x+) [ *](.*)$"
      at = stop + 1
      if item:sub(1, 2) == "./" then
        rest[#rest + 1] = item:sub(3)
      elseif not hash or #hash ~= 64 then
        fail(tree, "what the NAS says of its files is not readable")
      elseif path:sub(1, 2) == "./" then -- else it was called without a name, for there are none
        count = count + 1
        tell(options, out, path, hash, count)
      end
    end
    held = held:sub(at)
    if #held > 1 << 20 then fail(tree, "what the NAS says of its files is not readable") end
  end
  run(tree, way, list.text, list)
  return out, rest
end

-- Lines, in which a name may have line ends of its own: they come in the order of the names that were given.
local function by_lines(tree, way, list, options, tool)
  local names = run(tree, way, list.text, list)
  if names == "" then return {} end
  local text = run(tree, way, SUMS[tool], { input = names, max = 512 << 20 })
  local out, at, count = {}, 1, 0
  for path in names:gmatch "([^\0]+)\0" do
    local shown, escaped = path, path:gsub(tool == "openssl" and "\n" or "[\\\n]", { ["\\"] = "\\\\", ["\n"] = "\\n" })
    local from = at
    if escaped ~= path and text:byte(at) == 92 then shown, from = escaped, at + 1 end -- coreutils, OpenSSL 3: a backslash in front
    local hash = text:match("^%x+", from)
    if hash and #hash == 64 and text:sub(from + 66, from + 66 + #shown) == shown .. "\n" then
      count, at = count + 1, from + 67 + #shown
      tell(options, out, path, hash, count)
    end
  end
  if at <= #text then fail(tree, "what the NAS says of its files is not readable") end
  return out
end

local function wanted(paths)
  if not paths then return nil end
  local set = {}
  for _, path in ipairs(paths) do set[path] = true end
  return set
end

-- Nothing there makes hashes: the files come here, and go no further.
local function here(tree, way, options)
  local archive = require "carry.archive"
  local rules, out, finish = archive.hasher(wanted(options.paths), options.progress)
  if way.kind == "engine" then
    archive.read(tree, way, rules)
  else
    rules.what = tree.nas:cannot(("hash the files of %s"):format(hands.name(tree)))
    local source = require("carry.source").open({ from = tree, from_way = way, paths = options.paths, hashing = true }, rules)
    local _ <close> = defer(source.close)
    while source.next() do end -- luacheck: ignore
  end
  finish()
  return out
end

local function list_of(way, options)
  if options.paths then return { text = SOME, input = M.names(options.paths) } end
  return { text = ALL, args = { way.name and "./" .. way.name or "." }, max = 512 << 20 }
end

local function by_sum(tree, way, options)
  local tool, list = require("carry.way").tools(tree, way).sum, list_of(way, options)
  if not tool then return here(tree, way, options) end
  if tool ~= "zero" then return by_lines(tree, way, list, options, tool) end
  list.text = list.text .. " | " .. SUMS.zero
  return (by_zero(tree, way, list, options))
end

local function by_openssl(tree, way, options)
  local odd, fit = {}, { progress = options.progress, paths = options.paths and {} }
  for _, path in ipairs(options.paths or {}) do table.insert(path:find("\n", 1, true) and odd or fit.paths, path) end
  local list = list_of(way, fit)
  list.text = options.paths and FAST_SOME or FAST_ALL
  local out, rest = by_zero(tree, way, list, options)
  table.move(rest, 1, #rest, #odd + 1, odd)
  if #odd == 0 then return out end
  for path, hash in pairs(by_sum(tree, way, { paths = odd })) do out[path] = hash end
  return out
end

---@async
---@param tree carry.Tree
---@param way carry.Way
---@param options {paths?: string[], progress?: fun(files: integer)}
---@return carry.Hashes
function M.run(tree, way, options)
  if way.kind == "engine" then return here(tree, way, options) end
  if options.paths and #options.paths == 0 then return {} end
  return (require("carry.way").tools(tree, way).openssl and by_openssl or by_sum)(tree, way, options)
end

---Paths as a script reads them: none of them looks like an option.
---@param paths string[]
---@return string
function M.names(paths)
  local out = {}
  for i, path in ipairs(paths) do out[i] = path == "." and ".\0" or "./" .. path .. "\0" end
  return table.concat(out)
end

return M
