-- carry by hand, for its test: what a command would do with it. A tree is NAS:VOLUME or NAS:/PATH.
local carry, docker = require "carry", require "docker"

local function tree(word, file)
  local nas, what = word:match "^([^:]+):(.+)$"
  local connected = docker.connect(nas)
  local is_path = what:sub(1, 1) == "/"
  return { nas = connected, volume = not is_path and what or nil, path = is_path and what or nil, file = file or nil }
end

local function read(path)
  local f <close> = assert(io.open(path, "rb"))
  return f:read "a"
end

local function list(path)
  local out = {}
  for name in read(path):gmatch "([^\0]+)\0" do out[#out + 1] = name end
  return out
end

-- fn(tree, way) with the helper that its way wants.
local function with(word, kind, options, fn)
  local t = tree(word, options.file)
  local _ <close> = defer(function() t.nas:close() end)
  local way = carry.way(t, { kinds = kind and { kind } or nil, target = options.target, images = options.images })
  local id = carry.helper(t, way, { labels = { ["carry-test"] = "1" }, read_only = not options.target })
  local _ <close> = defer(function()
    if id then t.nas:container(id):remove { force = true, volumes = true } end
  end)
  return fn(t, way)
end

local VERBS = {}

function VERBS.way(ctx, word, kind)
  return with(word, kind, { file = ctx.flags.file, target = ctx.flags.target }, function(_, way)
    return { kind = way.kind, warm = way.warm, loses = table.concat(way.loses, ", "), at = way.at, why = way.why, image = way.image }
  end)
end

function VERBS.copy(ctx, from, to, kinds)
  local a, b = (kinds or "-"):match "^(%w*)%-(%w*)$"
  local flags = ctx.flags
  return with(from, a ~= "" and a or nil, { file = flags.file }, function(source, from_way)
    return with(to, b ~= "" and b or nil, { file = flags.file, target = true }, function(target, to_way)
      local calls = 0
      if flags.two then require("carry.parts").LEAST = 1 end -- a tree of any size
      local r = carry.copy {
        from = source, from_way = from_way, to = target, to_way = to_way, frozen = flags.frozen, direct = flags.direct,
        manifest = flags.two and carry.manifest(source, from_way) or nil,
        bandwidth = flags.bandwidth, paths = flags.paths and list(flags.paths) or nil, progress = function() calls = calls + 1 end,
      }
      local left = {}
      for i, u in ipairs(r.unsupported) do left[i] = u.what .. " " .. u.path end
      return {
        bytes = r.bytes, files = r.files, left = table.concat(left, "; "), notes = table.concat(r.notes, "; "), told = calls > 0,
        loses = table.concat(from_way.loses, ", ") .. " | " .. table.concat(to_way.loses, ", "),
      }
    end)
  end)
end

-- Warm copy, COMMAND here, then the delta: as a migration does it.
function VERBS.migrate(ctx, from, to, kinds, command)
  local a, b = kinds:match "^(%w*)%-(%w*)$"
  return with(from, a ~= "" and a or nil, {}, function(source, from_way)
    return with(to, b ~= "" and b or nil, { target = true }, function(target, to_way)
      local o = { from = source, from_way = from_way, to = target, to_way = to_way }
      local before = carry.manifest(source, from_way)
      carry.copy(o)
      require("proc").check { argv = { "sh", "-c", command }, timeout = 60 }
      local after = carry.manifest(source, from_way)
      local delta = carry.delta(before, after)
      carry.remove(target, to_way, delta.removed)
      o.paths, o.frozen = delta.changed, not ctx.flags.warm
      carry.copy(o)
      local differences = carry.compare {
        manifest_from = after, manifest_to = carry.manifest(target, to_way), hashes_from = carry.hash(source, from_way),
        hashes_to = carry.hash(target, to_way),
      }
      return { changed = #delta.changed, removed = #delta.removed, differences = table.concat(differences, "\n") }
    end)
  end)
end

function VERBS.compare(_, from, to, kinds)
  local a, b = (kinds or "-"):match "^(%w*)%-(%w*)$"
  return with(from, a ~= "" and a or nil, {}, function(source, from_way)
    return with(to, b ~= "" and b or nil, {}, function(target, to_way)
      local differences = carry.compare {
        manifest_from = carry.manifest(source, from_way), manifest_to = carry.manifest(target, to_way),
        hashes_from = carry.hash(source, from_way), hashes_to = carry.hash(target, to_way),
      }
      return table.concat(differences, "\n")
    end)
  end)
end

function VERBS.measure(_, word, kind) return with(word, kind, {}, carry.measure) end

function VERBS.remove(_, word, kind, path)
  return with(word, kind, { target = true }, function(t, way)
    carry.remove(t, way, { path })
    return "removed"
  end)
end

function VERBS.hash(ctx, word, kind)
  return with(word, kind, {}, function(t, way)
    local hashes, out = carry.hash(t, way, { paths = ctx.flags.paths and list(ctx.flags.paths) or nil }), {}
    for path, hash in pairs(hashes) do out[#out + 1] = hash .. "  " .. path end
    table.sort(out)
    return table.concat(out, "\n")
  end)
end

return {
  summary = "Carry trees",
  group = "other",
  args = { { "verb" }, { "word", variadic = true, optional = true } },
  flags = {
    { "frozen" }, { "direct" }, { "file" }, { "target" }, { "two" }, { "warm" }, { "bandwidth", type = "int", value = "N" },
    { "paths", type = "string", value = "FILE" },
  },
  run = function(ctx)
    local result = VERBS[ctx.args.verb](ctx, table.unpack(ctx.args.word or {}))
    if type(result) == "table" then
      local out = {}
      for key, value in pairs(result) do out[#out + 1] = ("%s=%s"):format(key, value) end
      table.sort(out)
      result = table.concat(out, "\n")
    end
    ctx:out(result .. "\n")
  end,
}
