-- Which files of a project go to a NAS, and where they lie there.
local files = require "compose.files"
local fs = require "fs"
local json = require "json"
local references = require "compose.references"

local function keys_of(map)
  local out = {}
  for key in pairs(map) do out[#out + 1] = key end
  table.sort(out)
  return out
end

describe("compose.files", function()
  local dir
  before_each(function()
    dir = fs.temp_dir()
    fs.mkdir(dir.path .. "/conf/sub", { parents = true })
    fs.write(dir.path .. "/conf/a", "A", { mode = 416 })
    fs.write(dir.path .. "/conf/sub/b.log", "B")
  end)
  after_each(function() dir:close() end)

  local function scan(x, wanted)
    local s = files.new(dir.path, x)
    files.add(s, wanted or { path = dir.path .. "/conf", key = "rev/conf" })
    return s
  end

  it("takes a directory with all that is in it, by content", function()
    local s = scan()
    h.eq(keys_of(s.files), { "rev/conf", "rev/conf/a", "rev/conf/sub", "rev/conf/sub/b.log" })
    local a = s.files["rev/conf/a"]
    h.eq({ a.kind, a.mode, a.size, a.sha256 }, { "file", 416, 1, files.digest "A" })
  end)

  it(".qnapignore names what stays here, but not what is named itself", function()
    fs.write(dir.path .. "/.qnapignore", "**/*.log\nconf/a\n")
    h.eq(keys_of(scan().files), { "rev/conf", "rev/conf/sub" })
    h.eq(keys_of(scan(nil, { path = dir.path .. "/conf/a", key = "rev/conf/a" }).files), { "rev/conf/a" })
  end)

  it("links go along as they are; what is no file is told and stays", function()
    require("proc").check { argv = { "ln", "-s", "../elsewhere", dir.path .. "/conf/link" } }
    require("proc").check { argv = { "mkfifo", dir.path .. "/conf/fifo" } }
    local s = scan()
    h.eq({ s.files["rev/conf/link"].kind, s.files["rev/conf/link"].target }, { "link", "../elsewhere" })
    h.eq({ s.files["rev/conf/fifo"], #s.notices }, { nil, 1 })
    h.contains(s.notices[1], "is a fifo and stays here")
  end)

  it("a large file is refused, unless it is listed; in a build context it stays here", function()
    h.with(files, { LARGE = 0 }, function()
      local err = h.raises({ code = "large_file" }, function() files.refuse_large(scan { large_files = json.array { "conf/sub/*" } }) end)
      h.contains(err.why, "conf/a")
      h.eq(err.why:find "b.log", nil)
      files.refuse_large(scan { large_files = json.array { "conf/sub/*", "conf/a" } })
      files.refuse_large(scan { large_files = "conf" })
      local s = scan(nil, { path = dir.path .. "/conf", key = "rev/conf", large = "skip" })
      files.refuse_large(s)
      h.eq({ #s.notices, s.files["rev/conf/a"] }, { 2, nil })
    end)
  end)

  it("a name with a control character is refused", function()
    fs.write(dir.path .. "/conf/a\nb", "")
    h.raises({ code = "bad_file_name" }, scan)
  end)

  it("directories above are added, with the modes that they have here", function()
    fs.chmod(dir.path .. "/conf", 448)
    local s = scan(nil, { path = dir.path .. "/conf/sub", key = "rev/conf/sub" })
    files.add(s, { path = dir.path .. "/conf/a", key = "rev/outside/x/a" })
    files.add_parents(s.files, dir.path)
    h.eq({ s.files["rev/conf"].mode, s.files["rev/outside/x"].mode, s.files["rev"] }, { 448, 493, nil })
  end)
end)

describe("compose.references", function()
  local dir
  before_each(function()
    dir = fs.temp_dir()
    fs.mkdir(dir.path .. "/p/html/static", { parents = true })
    fs.mkdir(dir.path .. "/p/conf")
    fs.mkdir(dir.path .. "/shared")
    fs.write(dir.path .. "/p/one.txt", "1")
    fs.write(dir.path .. "/p/token", "t")
  end)
  after_each(function() dir:close() end)

  local function places(text, is_local)
    fs.write(dir.path .. "/p/compose.yaml", text)
    local project = require("compose").load { files = { dir.path .. "/p/compose.yaml" }, cwd = dir.path .. "/p" }
    local out = {}
    for _, r in ipairs((references.of(project, is_local or false))) do out[r.target or r.volume] = r.place or "its own" end
    return out
  end

  local function services(lines, rest) return "services:\n  web:\n    image: x\n    volumes:\n" .. lines .. (rest or "") end

  it("read-only mounts, single files and secrets are revisions, directories that are written to are data", function()
    h.eq(places(services('      - "./conf:/conf:ro"\n      - "./html:/html"\n      - "./one.txt:/one"\n      - "./new:/new"\n',
      "    secrets: [tok]\nsecrets:\n  tok: {file: ./token}\n")),
      { ["/conf"] = "rev/conf", ["/html"] = "data/html", ["/one"] = "rev/one.txt", ["/new"] = "data/new",
        ["/run/secrets/tok"] = "rev/token" })
  end)

  it("what lies in data is data, whoever mounts it how", function()
    h.eq(places(services '      - "./html:/html"\n      - "./html/static:/static:ro"\n'),
      { ["/html"] = "data/html", ["/static"] = "data/html/static" })
  end)

  it("absolute paths are the NAS's own, unless they are in the project's directory", function()
    local lines = '      - "/etc:/etc2"\n      - "%s/p/conf:/conf:ro"\n      - "%s/shared:/abs"\n      - "../shared:/rel:ro"\n'
    local got = places(services(lines:format(dir.path, dir.path)))
    h.eq({ got["/etc2"], got["/conf"], got["/abs"] }, { "its own", "rev/conf", "its own" })
    h.matches(got["/rel"], "^rev/outside/%x%x%x%x%x%x%x%x/shared$")
  end)

  it("a volume that is a directory by its driver's options counts, too", function()
    local driver = "volumes:\n  %s: {driver_opts: {type: none, o: bind, device: %s}}\n"
    h.eq(places(services('      - "vol:/v"\n', driver:format("vol", "./html"))), { vol = "data/html" })
    h.eq(places(services('      - "vol:/v"\n', driver:format("vol", "/share/x"))), { vol = "its own" })
  end)

  it("with an engine on this machine all paths are its own", function()
    h.eq(places(services '      - "./conf:/conf:ro"\n      - "./html:/html"\n', true), { ["/conf"] = "its own", ["/html"] = "its own" })
  end)
end)
