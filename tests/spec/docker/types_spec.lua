-- Templates of `inspect` over docker's own Go types.
local template = require "template"
local types = require "docker.types"

local DOCUMENT = [[{"Id":"abc","Config":{"Cmd":["sleep","9"],"Env":null},"State":{"Status":"running","Running":true,"Pid":7}}]]

local function render(source)
  return template.compile(source):render_json(DOCUMENT, { types = types.get(), type_name = types.names.container, strict = true })
end

describe("docker.types", function()
  it("lets named slices go where bare ones are wanted, as Go does", function()
    h.eq(render '{{join .Config.Cmd " "}}', "sleep 9")
    h.eq(render '{{join .Config.Env ","}}|', "|")
  end)

  it("fills in what the engine left out, in docker's order", function()
    h.contains(render "{{json .State}}", '{"Status":"running","Running":true,"Paused":false')
    h.contains(render "{{.State}}", "{running true false false")
  end)
end)
