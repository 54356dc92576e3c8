local template = require "template"

describe("template", function()
  it("renders Lua values", function()
    local t = template.compile "{{range $i, $n := .names}}{{if $i}}, {{end}}{{upper $n}}{{end}} {{.count}} {{.nope}}"
    h.eq(t:render { names = { "a", "b" }, count = 3 }, "A, B 3 <no value>")
    h.eq(t:render { names = require("json").array(), count = 1.5 }, " 1.5 <no value>")
    h.eq(template.render("{{json .}}", { b = 1, a = { "x" } }), '{"a":["x"],"b":1}')
  end)

  it("keeps the order of a JSON document", function()
    local t = template.compile "{{json .}} {{.b}}"
    h.eq(t:render_json '{"b":9007199254740993,"a":[]}', '{"b":9007199254740993,"a":[]} 9007199254740993')
    local _, err = try(function() return template.compile("{{.}}"):render_json "{" end)
    h.eq(err.code, "bad_json")
  end)

  it("raises Go's words", function()
    local _, err = try(template.compile, "{{.Name")
    h.eq(err.category, "usage")
    h.eq(err.code, "bad_template")
    h.eq(err.message, "template: :1: unclosed action")
    _, err = try(template.render, "{{.Nope}}", {}, { strict = true, type_name = "*formatter.ContainerContext" })
    h.eq(err.message, "template: :1:2: executing \"\" at <.Nope>: can't evaluate field Nope in type *formatter.ContainerContext")
  end)

  it("serves methods, and the line of headers", function()
    local t = template.compile '{{lower .Names}} {{.Label "role"}}'
    h.eq(t:render({ Names = "WEB" }, { methods = { Label = { role = "db" } } }), "web db")
    h.eq(t:render({ Names = "NAMES" }, { methods = { Label = { role = "role" } }, header = true }), "NAMES role")
    h.eq(t:uses "Names", true)
    h.eq(t:uses "Size", false)
  end)

  it("refuses wrong options", function()
    local t = template.compile "x"
    h.eq(pcall(t.render, t, {}, { strict = 1 }), false)
    h.eq(pcall(t.render, t, {}, { types = {} }), false)
    h.eq(pcall(t.render, t, print), false)
    h.eq(pcall(t.render, t), false)
    h.eq(pcall(template.compile), false)
  end)
end)

describe("docker.types", function()
  local types = require "docker.types"

  local function inspect(kind, text, document)
    return template.compile(text):render_json(document, { types = types.get(), type_name = types.names[kind] })
  end

  it("reads containers as docker's structs", function()
    local doc = [[{"Id":"0123","State":{"Status":"running","Running":true,"Pid":7},"Config":{"Cmd":null,"Labels":{"a":"b"}},
      "NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}],"443/tcp":null}},
      "Mounts":[{"Type":"volume","Name":"v","Source":"/s","Destination":"/d","Driver":"local","Mode":"z","RW":true,"Propagation":""}]}]]
    h.eq(inspect("container", "{{.ID}} {{.State}} {{.Config.Cmd}} {{.Config.Labels.x}}", doc),
      "0123 {running true false false false false 7 0    <nil>} [] <no value>")
    h.eq(inspect("container", "{{.NetworkSettings.Ports}} {{.Mounts}}", doc),
      "map[443/tcp:[] 80/tcp:[{0.0.0.0 8080}]] [{volume v /s /d local z true }]")
    h.eq(inspect("container", "{{json .State}}", doc), '{"Status":"running","Running":true,"Paused":false,"Restarting":false,'
      .. '"OOMKilled":false,"Dead":false,"Pid":7,"ExitCode":0,"Error":"","StartedAt":"","FinishedAt":""}')
  end)

  it("reads images, networks and volumes", function()
    h.eq(inspect("image", "{{.ID}} {{.RepoTags}} {{json .RootFS}}", '{"Id":"sha256:aa","RootFS":{"Type":"layers"}}'),
      'sha256:aa [] {"Type":"layers"}')
    h.eq(inspect("network", "{{.ID}} {{.IPAM.Config}}", '{"Id":"n","IPAM":{"Config":[{"Subnet":"10.0.0.0/8"}]}}'),
      "n [{10.0.0.0/8   map[]}]")
    h.eq(inspect("volume", "{{.Name}} {{.Labels}} {{.Status}}", '{"Name":"v","Status":{"n":1}}'), "v map[] map[n:1]")
  end)
end)
