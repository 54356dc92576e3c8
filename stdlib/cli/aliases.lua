-- Second names of commands: docker's groups ("container ls") and v0.2's words. Words -> target words, with flags
-- that the alias implies. A target that does not exist makes the alias unknown, too.
---@type table<string, {[1]: string, args?: string[]}>
local M = {
  ["container ls"] = { "ps" }, ["container ps"] = { "ps" }, ["container list"] = { "ps" },
  ["container inspect"] = { "inspect", args = { "--type=container" } },
  ["image ls"] = { "images" }, ["image list"] = { "images" },
  ["image outdated"] = { "images", args = { "--outdated" } },
  ["image rm"] = { "rmi" }, ["image remove"] = { "rmi" },
  ["image inspect"] = { "inspect", args = { "--type=image" } },
  ["container remove"] = { "rm" },
  ["img"] = { "images" },
  ["volume list"] = { "volume ls" }, ["volume remove"] = { "volume rm" },
  ["network list"] = { "network ls" }, ["network remove"] = { "network rm" },
  ["profile ls"] = { "profile list" }, ["profile rm"] = { "profile remove" }, ["profile delete"] = { "profile remove" },
  ["alias ls"] = { "alias list" }, ["alias rm"] = { "alias remove" }, ["alias delete"] = { "alias remove" },
  ["recipe ls"] = { "recipe list" },
  ["info"] = { "system info" }, ["system events"] = { "events" },
  ["dr"] = { "disaster-recovery" },
}

for _, word in ipairs {
  "attach", "commit", "cp", "create", "diff", "exec", "export", "kill", "logs", "pause", "port", "rename", "restart",
  "rm", "run", "start", "stats", "stop", "top", "unpause", "update", "wait",
} do
  M["container " .. word] = { word }
end
for _, word in ipairs { "build", "history", "import", "load", "pull", "push", "save", "tag" } do
  M["image " .. word] = { word }
end
M["builder build"] = { "build" }

return M
