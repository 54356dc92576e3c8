-- search: Docker Hub, asked by the NAS. GET /images/search.
local filters = require "listing.filters"
local text = require "listing.text"

-- docker marks it, and says it in words where the whole record is JSON.
local function official(result, view)
  if view.flags.format == "json" then return tostring(result.is_official or false) end
  return result.is_official and "[OK]" or ""
end

return {
  summary = "Search Docker Hub for images",
  group = "images",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "term" } },
  flags = {
    { "filter", short = "f", type = "list", value = "KEY=VALUE", help = "Keep those that match: is-official=true, stars=3" },
    { "limit", type = "int", value = "N", default = 0, help = "At most N results (the engine's default is 25, the most 100)" },
    { "format", type = "string", value = "TEMPLATE", complete = { "table", "json" }, help = "As --format of images" },
    { "no-trunc", help = "Do not shorten values" },
  },
  uses = { "targets", "json" },
  columns = {
    { "Name", priority = 1, get = function(r) return r.name end },
    { "Description", priority = 4, get = function(r, v)
      local said = (r.description or ""):gsub("[\r\n]", " ")
      return v.no_trunc and said or text.ellipsis(said, 45)
    end },
    { "StarCount", header = "STARS", priority = 2, right = true, get = function(r) return ("%d"):format(r.star_count or 0) end },
    { "IsOfficial", header = "OFFICIAL", priority = 3, get = official },
  },
  type_name = "*registry.searchContext",
  json = function(r)
    return {
      name = r.name, description = r.description, stars = r.star_count, official = r.is_official or false,
    }
  end,
  empty = "nothing was found",
  pager = true,
  examples = { { "search postgres --limit 5", "The five best" }, { "search --filter is-official=true nginx", "Official images alone" } },
  run = function(ctx) ---@endpoint GET /images/search
    local f, docker_hub = ctx.flags, "docker.io"
    local wanted = filters.parse(f.filter)
    return ctx:each_target(function(nas)
      local domain = ctx.args.term:match "^([^/]+%.[^/]+)/"
      local auth = require("registry.credentials").for_server(nas.name, domain or docker_hub)
      local body = nas:request {
        path = "/images/search", what = nas:cannot(("search for '%s'"):format(ctx.args.term)), timeout = 120,
        query = { term = ctx.args.term, limit = f.limit ~= 0 and f.limit or nil, filters = next(wanted) and wanted or nil },
        headers = { ["X-Registry-Auth"] = require("docker.transfer").auth_header(auth or {}) },
      }.body
      return type(body) == "table" and body or {}
    end)
  end,
}
