---@meta
-- core.template: the template engine in C. Scripts use the module `template`.

---@class core.template
local template = {}

---What a rendering is told. A value without `types` is a map: numbers are int or float64, arrays and maps of strings alone
---are []string and map[string]string, null is nil. docker inspect: first `types` and `type_name`, and where that raises,
---`strict` and `raw`.
---@class core.template.Options
---@field strict? boolean a missing member raises; otherwise "<no value>" is printed
---@field raw? boolean numbers are json.Number and containers hold interface{}: docker's second try on `inspect -f`
---@field header? boolean docker's functions leave their text as it is (the line of headers)
---@field methods? table<string, table<string, string>> {Label = {role = "web"}} serves {{.Label "role"}} on the root
---@field type_name? string Go type of the root ("*formatter.ContainerContext"), for errors, and to be found in `types`
---@field types? core.template.Types Go types of the document

---@class core.template.Template
local Template = {} -- luacheck: ignore

---Renders the value.
---@param value any
---@param options? core.template.Options
---@return string
---@raise usage
function Template:render(value, options) end

---Renders a JSON document; its members keep their order.
---@param text string
---@param options? core.template.Options
---@return string
---@raise usage, fail
function Template:render_json(text, options) end

---Returns whether the template mentions `.field` anywhere.
---@param field string
---@return boolean
function Template:uses(field) end

---Go types, made once and used by many renderings.
---@class core.template.Types

---Compiles a template.
---@param text string
---@return core.template.Template
---@raise usage
function template.compile(text) end

---Describes Go types: {["container.Health"] = {"Status string", "FailingStreak int", "Log []*container.HealthcheckResult"}}.
---A field is "Name type [json name[,omitempty]]"; json name "." embeds, "-" leaves out. A string names the type it is made of.
---Types: bool string int int64 uint16 float64 ..., []T, [2]T, map[K]T, *T, interface{}, struct{}, time.Time, time.Duration.
---@param spec table<string, string[]|string>
---@return core.template.Types
---@raise internal
function template.types(spec) end

return template
