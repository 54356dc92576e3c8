-- Addresses and routes of a NAS, against which new networks are checked: a network over the NAS's own address cuts it off.
local cidr = require "net.cidr"

local M = {}

local LIMIT = 15 -- seconds
local MOST = 1 << 18

-- Without `ip` (old firmware) the kernel's own table says the routes; the address is the one that we are connected to.
M.SCRIPT = [==[
PATH=/bin:/usr/bin:/sbin:/usr/sbin:$PATH; export PATH
for c in $SSH_CONNECTION; do n=$((n+1)); case $n in 1) echo "peer $c";; 3) echo "self $c";; esac; done
ip -o addr show 2>/dev/null | while read -r i d f a r; do case $f in inet|inet6) echo "addr $a $d";; esac; done
while read -r d t g f x y z m r; do echo "route $t $m $d"; done < /proc/net/route
]==]

---@class nas.Route
---@field kind "self"|"peer"|"addr"|"route" self: the address that we are connected to; peer: where we are
---@field network net.Address
---@field text string in CIDR form
---@field device? string

-- "0000FEA9" of /proc/net/route, as the processor (little-endian on every QNAP) has it.
local function from_hex(text)
  local n = #text == 8 and tonumber(text, 16)
  return n and string.pack("<I4", n) or nil
end

local function bits_of(mask)
  local bits = 0
  for _, byte in ipairs { mask:byte(1, 4) } do
    while byte & 0x80 ~= 0 do
      bits, byte = bits + 1, (byte << 1) & 0xFF
    end
  end
  return bits
end

local READ = {}

function READ.self(address)
  local bytes = cidr.address(address)
  return bytes and { network = { bytes = bytes, bits = #bytes * 8 }, text = address }
end

READ.peer = READ.self

function READ.addr(text, device)
  local network = cidr.parse(text)
  return network and { network = network, text = text, device = device }
end

function READ.route(target, mask, device)
  local bytes, mask_bytes = from_hex(target), from_hex(mask or "")
  local bits = mask_bytes and bits_of(mask_bytes)
  if not bytes or not bits or bits == 0 then return nil end
  return { network = { bytes = bytes, bits = bits }, text = ("%d.%d.%d.%d"):format(bytes:byte(1, 4)) .. "/" .. bits, device = device }
end

---What the script's answer means; lines that say nothing are passed over.
---@param text string
---@return nas.Route[]
function M.parse(text)
  local out = {}
  for line in text:gmatch "[^\n]+" do
    local kind, a, b, c = line:match "^(%l+) (%S+) ?(%S*) ?(%S*)"
    local read = READ[kind]
    local entry = read and (kind == "route" and read(a, b, c) or kind ~= "route" and read(a, b))
    if entry then
      entry.kind = kind
      out[#out + 1] = entry
    end
  end
  return out
end

---Addresses and routes, asked over a session; nothing where there is none or it does not answer.
---@async
---@param session? ssh.Session
---@return nas.Route[]
function M.of(session)
  if not session then return {} end
  local answer = try(session.run, session, "sh -c '" .. M.SCRIPT .. "'", { timeout = LIMIT, max_output = MOST })
  return answer and M.parse(answer.stdout) or {}
end

-- Devices that Docker makes for its own networks: the engine itself answers for those.
local function is_docker(device) return device ~= nil and (device:find "^docker" or device:find "^br%-" or device:find "^veth") ~= nil end

---Whether a network over it cuts off the NAS from us.
---@param entry nas.Route
---@return boolean
function M.is_fatal(entry) return entry.kind == "self" or entry.kind == "peer" end

---What a subnet collides with. The worst comes first: the two ends of our own connection, then others.
---@param routes nas.Route[]
---@param subnet string
---@return nas.Route[]
function M.collisions(routes, subnet)
  local network = cidr.parse(subnet)
  local out = {}
  for _, entry in ipairs(network and routes or {}) do
    if not is_docker(entry.device) and cidr.overlap(network, entry.network) then
      table.insert(out, M.is_fatal(entry) and 1 or #out + 1, entry)
    end
  end
  return out
end

return M
