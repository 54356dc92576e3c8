
-- Expected texts are what docker CLI 28 printed for such rows (volume ls, ps).
local function volumes(extra)
  local def = {
    uses = { "output" },
    columns = {
      { "Driver" }, { "Name", header = "VOLUME NAME" }, { "Scope", hidden = true },
      { "Labels", hidden = true, get = function() return "com.shop.role-x=äöü" end },
    },
    quiet = "Name",
    raw = "name: {{.Name}}\ndriver: {{.Driver}}\n",
    type_name = "*formatter.volumeContext",
    methods = function(v) return { Label = v.labels } end,
    run = function()
      return { { driver = "local", name = "v1", scope = "local", labels = { ["com.shop.role-x"] = "äöü" } } }
    end,
  }
  for k, v in pairs(extra or {}) do
    def[k] = v
  end
  return def
end

local function format(template, extra, ...)
  return h.command(volumes(extra), { "--format", template, ... })
end

describe("--format", function()
  it("lays out a table with headers of the fields", function()
    h.eq(format([[table {{.Name}}\t{{upper .Driver}}\t{{.Label "com.shop.role-x"}}\t{{truncate .Scope 2}}]]).out,
      "VOLUME NAME   DRIVER    role x    SCOPE\nv1            LOCAL     äöü       lo\n")
    h.eq(format([[table {{json .Name}}\t{{lower .Driver}} {{pad .Scope 3 3}}|]]).out,
      "VOLUME NAME   DRIVER    SCOPE   |\n\"v1\"          local    local   |\n")
    h.eq(format([[table {{.Name}}{{if eq .Name "v1"}}\tx{{end}}]]).out, "VOLUME NAME\nv1        x\n")
    h.eq(format("table").out, "DRIVER    VOLUME NAME\nlocal     v1\n")
    h.eq(format("table ").out, "\n\n")
    h.eq(format("tablex{{.Name}}").out, "xVOLUME NAME\nxv1\n")
    h.eq(format("").out, "DRIVER    VOLUME NAME\nlocal     v1\n")
  end)

  it("renders a template for each row", function()
    h.eq(format([[  {{.Name}}\n{{.Driver}}  ]]).out, "v1\nlocal\n")
    h.eq(format("{{.Profile}}").out, "\n")
  end)

  it("writes json with the fields' names", function()
    h.eq(format("json").out, '{"Driver":"local","Labels":"com.shop.role-x=äöü","Name":"v1","Scope":"local"}\n')
  end)

  it("shows fields of ours to templates that name them", function()
    local extra = volumes().columns
    extra[#extra + 1] = { "Health", ours = true, get = function() return "fine" end }
    h.lacks(format("json", { columns = extra }).out, "Health")
    h.eq(format("{{.Health}}", { columns = extra }).out, "fine\n")
  end)

  it("knows raw where docker does", function()
    h.eq(format("raw").out, "name: v1\ndriver: local\n\n")
  end)

  it("wins over --quiet, but not for ps", function()
    h.eq(format("{{.Driver}}", nil, "-q").out, "local\n")
    h.eq(format("table", nil, "-q").out, "v1\n")
    local r = format("{{.Driver}}", { quiet_wins = true }, "-q")
    h.eq({ r.out, r.err }, { "v1\n", "WARNING: Ignoring custom format, because both --format and --quiet are set.\n" })
  end)

  it("says what is wrong with a template", function()
    local r = format "{{.Nope"
    h.eq({ r.code, r.out }, { 2, "" })
    h.contains(r.err, "why:  template: :1: unclosed action")
    r = format "table {{.Nope}}"
    h.eq({ r.code, r.out }, { 2, "" })
    h.contains(r.err, [[executing "" at <.Nope>: can't evaluate field Nope in type *formatter.volumeContext]])
  end)

  it("may be amended by the command", function()
    local with_scope = { amend_format = function(wanted) return wanted .. "\t{{.Scope}}" end }
    h.eq(format("table {{.Name}}", with_scope).out, "VOLUME NAME   SCOPE\nv1            local\n")
  end)

  it("escapes < > & in json, as rows of docker's that marshal themselves do", function()
    local rows = { run = function() return { { driver = "<a>&", name = "v1", scope = "" } } end }
    h.eq(format("json", rows).out, '{"Driver":"\\u003ca\\u003e\\u0026","Labels":"com.shop.role-x=äöü","Name":"v1","Scope":""}\n')
    h.eq(format("{{json .Driver}}", rows).out, '"<a>&"\n')
  end)
end)

describe("documents", function()
  local ONE = '{"Name":"a","N":1.0,"Empty":{},"None":[],"List":[1,2],"Text":"x\\"\\u003c, :{","Big":12345678901234567890}'

  local function inspect(list, ...)
    local def = {
      flags = { { "format", short = "f", type = "string" } },
      run = function(ctx) return ctx:documents(list) end,
    }
    return h.command(def, { ... })
  end

  it("are an indented array that keeps order, numbers and escapes", function()
    h.eq(inspect({ ONE }).out, [=[
[
    {
        "Name": "a",
        "N": 1.0,
        "Empty": {},
        "None": [],
        "List": [
            1,
            2
        ],
        "Text": "x\"\u003c, :{",
        "Big": 12345678901234567890
    }
]
]=])
    h.eq(inspect({}).out, "[]\n")
  end)

  it("are compact with --format json", function()
    h.eq(inspect({ ONE, "{ }" }, "-f", "json").out, "[" .. ONE .. ",{}]\n")
  end)

  it("go through a template each", function()
    h.eq(inspect({ ONE, '{"Name":"b","List":[]}' }, "-f", "{{.Name}} {{len .List}}").out, "a 2\nb 0\n")
    h.eq(inspect({ '{"Cmd":["a","b"]}' }, "-f", '{{join .Cmd "+"}}').out, "a+b\n")
    h.eq(inspect({}, "-f", "{{.Name}}").out, "\n")
    h.eq(inspect({ ONE }, "-f", "{{.Nope}}").code, 2)
  end)

  it("that do not fit a template are told, and the others printed", function()
    local r = inspect({ '{"Name":"a"}', '{"Id":"b"}', '{"Name":"c"}' }, "-f", "{{.Name}}")
    h.eq({ r.code, r.out }, { 2, "a\nc\n" })
    h.contains(r.err, 'map has no entry for key "Name"')
    h.eq(inspect({ '{"Id":"b"}' }, "-f", "{{.Name}}").out, "\n")
  end)

  it("have their Go types", function()
    local function typed(text, template)
      return h.command({
        flags = { { "format", short = "f", type = "string" } },
        run = function(ctx)
          return ctx:documents({ text, text }, { types = require("docker.types").get(), type_name = "container.InspectResponse" })
        end,
      }, { "-f", template })
    end
    local one = '{"Config":{"Labels":{"a":"b"}},"HostConfig":{"NetworkMode":"web","IpcMode":"private","RestartPolicy":{"Name":"no"}},'
      .. '"NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"::","HostPort":"8080"}],"53/udp":null}}}'
    local rows = {
      { "{{.Config.Labels.nope}}", "<no value>\n" },
      { '{{index .NetworkSettings.Ports "80/tcp"}}', "[map[HostIp::: HostPort:8080]]\n" },
      { "{{range $p, $b := .NetworkSettings.Ports}}{{$p.Port}}-{{$p.Proto}} {{end}}", "53-udp 80-tcp \n" },
      { "{{.HostConfig.NetworkMode.IsUserDefined}} {{.HostConfig.NetworkMode.IsHost}}", "true false\n" },
      { "{{.HostConfig.IpcMode.IsPrivate}} {{.HostConfig.PidMode.IsHost}}", "true false\n" },
      { "{{.HostConfig.RestartPolicy.IsNone}} {{.HostConfig.RestartPolicy.IsAlways}}", "true false\n" },
    }
    for _, row in ipairs(rows) do h.eq(typed(one, row[1]).out, row[2] .. row[2], row[1]) end
  end)
end)
