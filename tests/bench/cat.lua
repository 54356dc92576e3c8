-- cat.lua PROFILE FILE: what ssh nas cat FILE does: a command of the NAS writes the file into the connection; here nobody looks at it.
local docker = require "docker"
local ssh = require "ssh"

local profile, file = ...
local nas <close> = docker.connect(profile)
local command = nas.session.raw:exec("cat " .. ssh.quote(file), { bulk = true })
while command:read(64 * 1024) do end
return command:wait(60)
