-- Host keys of a NAS: which are known, which one it shows, and how a new one comes to be trusted (never by itself).
-- Dependencies: nas.reach.
local profile = require "profile"
local record = require "profile.record"

local M = {}

---@class profile.HostKey
---@field type string "ssh-ed25519"
---@field fingerprint string "SHA256:..."
---@field source string "file:line", "profile", "shown now"
---@field state "trusted"|"revoked"|"pinned"|"new"|"changed"

---@alias profile.Verdict "trusted"|"new"|"changed"|"revoked"

-- What the known keys say about the one that is shown. As ssh does: a match anywhere wins, unless it is revoked.
local function judge(p, shown, known)
  local verdict = "new"
  for _, key in ipairs(known) do
    if key.fingerprint == shown.fingerprint then
      if key.marker == "revoked" then
        return "revoked"
      end
      verdict = "trusted"
    elseif key.type == shown.type and key.marker ~= "revoked" and verdict == "new" then
      verdict = "changed"
    end
  end
  if p.host_key and verdict ~= "revoked" then
    return p.host_key == shown.fingerprint and "trusted" or "changed"
  end
  return verdict
end

-- Rows of what is known, and the fingerprint that the shown key would replace.
local function rows(p, shown, known)
  local keys, old = {}, nil
  for _, key in ipairs(known) do
    keys[#keys + 1] = {
      type = key.type, fingerprint = key.fingerprint, source = ("%s:%d"):format(key.file, key.line),
      state = key.marker == "revoked" and "revoked" or "trusted",
    }
    old = old or key.type == shown.type and key.marker ~= "revoked" and key.fingerprint or nil
  end
  if p.host_key then
    keys[#keys + 1] = { type = "", fingerprint = p.host_key, source = "profile", state = "pinned" }
    old = p.host_key
  end
  return keys, old
end

---What is known about the NAS's host key, and the key it shows now.
---@async
---@param p profile.Profile
---@param options? {timeout?: number}
---@return {verdict: profile.Verdict, shown: table, keys: profile.HostKey[], old?: string}
function M.look(p, options)
  local reach = require "nas.reach"
  local known = reach.known_keys(p)
  local shown = reach.host_key(p, options or {})
  local verdict = judge(p, shown, known)
  local keys, old = rows(p, shown, known)
  keys[#keys + 1] = { type = shown.type, fingerprint = shown.fingerprint, source = "shown now", state = verdict }
  return { verdict = verdict, shown = shown, keys = keys, old = old }
end

---What is known now, after a decision.
---@param p profile.Profile
---@param look table from M.look
---@return profile.HostKey[]
function M.known(p, look)
  return (rows(profile.get(p.name), look.shown, require("nas.reach").known_keys(p)))
end

local function refuse(p, code, fields)
  fields.category, fields.code, fields.profile = "auth", code, p.name
  Error(fields)
end

local function check_fingerprint(p, look, wanted)
  if wanted and not wanted:find "^SHA256:" then
    wanted = "SHA256:" .. wanted
  end
  if wanted and wanted:gsub("=+$", "") ~= look.shown.fingerprint then
    refuse(p, "host_key_differs", {
      message = ("%s shows another host key than the one given"):format(record.place(p)),
      why = ("it shows %s %s"):format(look.shown.type, look.shown.fingerprint),
      hint = "ask the NAS itself, on its console: ssh-keygen -lf on its file ssh_host_*_key.pub",
    })
  end
end

local function changed(p, look)
  local now = look.shown.fingerprint
  refuse(p, "host_key_changed", {
    message = ("the host key of %s has changed"):format(record.place(p)),
    why = ("known is %s, shown is %s: a firmware reset, another machine at this address, or an attack"):format(look.old, now),
    hint = ("if you know why: qnap-docker profile trust %s --replace --fingerprint %s"):format(p.name, now),
  })
end

-- A new key needs the word "yes" from a person who saw it, or its fingerprint from the command line.
local function ask(p, look)
  local ui = require "ui"
  if not ui.can_ask() then
    refuse(p, "host_key_unknown", {
      message = ("the host key of %s is not known"):format(record.place(p)),
      why = ("it shows %s %s, and there is no terminal to ask on"):format(look.shown.type, look.shown.fingerprint),
      hint = ("qnap-docker profile trust %s --fingerprint %s"):format(p.name, look.shown.fingerprint),
    })
  end
  require("cli.output").err(("%s shows this host key for the first time:\n  %s %s\nTrust it? Type yes (--fingerprint): "):format(
    record.place(p), look.shown.type, look.shown.fingerprint))
  local answer = (ui.read_line() or ""):match "^%s*(.-)%s*$"
  if answer ~= "yes" and answer ~= look.shown.fingerprint then
    Error { category = "aborted", code = "aborted", message = "the host key was not trusted", why = "the answer was not yes" }
  end
end

---Trusts the key that the NAS shows, as far as the flags and the reader allow. Returns what was done.
---@async
---@param ctx cli.Context with flags fingerprint, replace
---@param p profile.Profile
---@param look table from M.look
---@return "known"|"added"|"replaced"
---@raise auth
---@raise aborted
function M.decide(ctx, p, look)
  check_fingerprint(p, look, ctx.flags.fingerprint)
  if look.verdict == "revoked" then
    refuse(p, "host_key_revoked", {
      message = ("the host key of %s is revoked"):format(record.place(p)), why = ("%s is marked @revoked"):format(look.shown.fingerprint),
      hint = "give the NAS a new host key, or remove the line that revokes this one",
    })
  elseif look.verdict == "trusted" then
    return "known"
  end
  local reach = require "nas.reach"
  if look.verdict == "changed" then
    if not ctx.flags.replace then
      changed(p, look)
    end
    ctx:confirm {
      level = 3, name = p.name, question = ("Replace the host key of %s?"):format(record.place(p)),
      items = { "known: " .. look.old, "shown: " .. look.shown.fingerprint },
    }
    reach.trust_key(p, look.shown, true)
    if p.host_key then
      profile.update(p.name, { host_key = look.shown.fingerprint })
    end
    return "replaced"
  end
  if not ctx.flags.fingerprint then
    ask(p, look)
  end
  reach.trust_key(p, look.shown, false)
  return "added"
end

return M
