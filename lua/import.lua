-- import: an image of a flat file system (what export wrote). POST /images/create?fromSrc=.
local reference = require "docker.reference"
local source = require "transfer.source"

-- What save writes has layers and their list in it: as a file system it would be an image that runs nothing.
local function warn_of_layers(ctx, pieces)
  local first = true
  return function()
    local bytes = pieces()
    local entry = first and bytes and bytes:sub(258, 262) == "ustar" and bytes:match "^[^%z]+"
    first = false
    local digest = entry and entry:match "^(%x+)/$" or entry and entry:match "^(%x+)%.json$"
    if entry and (entry:find "^blobs/" or (digest and #digest == 64) or entry == "manifest.json" or entry == "oci-layout") then
      ctx:warn "this looks like an archive of 'save', which has layers: 'load' makes images of it"
    end
    return bytes
  end
end

return {
  summary = "Create an image from the contents of a tar archive",
  group = "images",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = {
    { "source", label = "FILE|URL|-", complete = "files" }, { "name", label = "REPOSITORY[:TAG]", optional = true },
    { "more", variadic = true, optional = true }, -- docker takes further words and leaves them
  },
  usage = "FILE|URL|- [REPOSITORY[:TAG]]",
  flags = {
    { "change", short = "c", type = "list", value = "INSTRUCTION", help = "Apply a Dockerfile instruction to the image" },
    { "message", short = "m", type = "string", value = "TEXT", help = "Message of the image's history" },
    require("create.platform").flag "Platform of the image",
  },
  uses = { "target" },
  description = "A file or standard input is read on this machine; a URL is fetched by the NAS. Archives of 'save' are for 'load'.",
  examples = {
    { "import rootfs.tar base:1", "An image of a file system" },
    { "import -c 'CMD [\"sh\"]' -m 'from export' - base:2", "With its command, from a pipe" },
  },
  run = function(ctx)
    local f, from, name = ctx.flags, ctx.args.source, ctx.args.name
    if name and name ~= "" then reference.parse(name) end
    local url = from:find "^https?://" ~= nil
    local options = {
      source = url and from or "-", ref = name, message = f.message, changes = f.change[1] and f.change, platform = f.platform,
    }
    local lines = {} -- shown when the line of progress is gone
    local show = require("create.pull_output").new(ctx, { fd = "stdout", plain = true, into = not url and lines or nil })
    options.on_message = function(m) show:message(m) end
    local import = require("docker.bundles").import
    if url then return import(ctx:target(), options) end
    local input <close> = source.open(from, "file")
    local nas = ctx:target()
    source.feed(ctx, input, function(pieces) import(nas, options, warn_of_layers(ctx, pieces)) end)
    show:flush()
  end,
}
