-- A directory tree (a volume, or what a container has bound) from one NAS to another: how it can be worked on, what is in it, copy,
-- difference, removal, hashes. What is carried is kept whole: owners, modes, times, links, extended attributes; what a way cannot
-- carry stands in its `loses`. It knows nothing of containers that move, of plans or of commands.
--
-- Paths are bytes (a newline, a leading dash, no UTF-8), relative to the tree and without a leading "./"; the tree itself is ".".
-- A copy is a pipe with backpressure: nothing is kept on a disk between, and no whole tree in memory.
-- Dependencies: carry.*.
local M = {}

---A directory tree on a NAS: of `volume` and `path` exactly one is given.
---@class carry.Tree
---@field nas docker.Nas
---@field volume? string a volume's name
---@field path? string an absolute path on the NAS; as a target it need not be there yet (its folder is made by the copy)
---@field file? boolean `path` is a single file: its manifest has one entry, its name
---@field helper? string id of the container that works on it, as carry.helper makes it; needed by the ways "helper" and "engine"

---How a tree can be worked on.
---@class carry.Way
---@field kind "shell"|"helper"|"engine" commands on the NAS itself (as root, or by sudo -n) | the same in a running helper container
--- | the engine's archives of a helper container that is never started
---@field warm boolean a manifest can be taken while the tree is written to, parts of it can be copied and removed. A warm copy wants
--- this of both sides; else the cold strategy is the only one: everything at once, into an empty tree, frozen
---@field loses string[] what does not come through this way, in words for the plan: "extended attributes", "times below a second",
--- "sparse files", "times of symlinks". A copy loses what either of its ways loses; sockets stay behind in any case (Copied.unsupported).
--- A helper's is what its image is expected to lose, and is made right by carry.helper
---@field image? string helper, engine: the image (on the NAS already) that carry.helper uses
---@field why? string why it is not a better way
---@field tools? table what the tools there can do (carry.way)
---@field at string the folder that commands work in
---@field name? string of a tree that is a single file
---@field sudo? boolean shell: by sudo -n

---@class carry.WayOptions
---@field images? string[] images that will be on this NAS when the helper is made, the most fitting first (of the container that
--- moves: it is copied before its data). Those of containers that are there are looked into, too
---@field target? boolean it will be written to; a volume or a folder that is not there yet will be made (a volume as a plain local one:
--- ask again once it is there, when it may be another)
---@field like? carry.Way the source's: its image will be on this NAS, too
---@field kinds? ("shell"|"helper"|"engine")[] only these

---@class carry.Size
---@field bytes integer what the files hold (a sparse file: what it takes)
---@field files integer entries of all kinds
---@field free? integer bytes free on the disk it is on, for this account; nil: not known (way "engine")

---What is in a tree, at one moment. Opaque. Of a target compared with one of the source ({across = true}) it tells what a copy that
---was cut off still lacks: nothing has to be kept.
---@class carry.Manifest
---@field count integer entries
---@field bytes integer of regular files

---@class carry.Delta
---@field changed string[] to copy: new, or different in content or metadata; a group of hard links is in it as a whole
---@field removed string[] to remove before the copy, children first: gone, or of another kind now
---@field bytes integer what the regular files in `changed` hold

---@class carry.CopyOptions
---@field from carry.Tree
---@field from_way carry.Way
---@field to carry.Tree
---@field to_way carry.Way
---@field paths? string[] only these (of a Delta), folders without what is in them; from_way and to_way are warm. By the shell of the NAS a
--- path is read through a symlink that a container puts above it meanwhile: let parts be copied frozen, or by the way "helper"
---@field frozen? boolean nobody writes to the source: what changes or vanishes all the same is an error, not the delta's business
---@field manifest? carry.Manifest of the source, as it was a moment ago: a large whole tree goes in two streams then
---@field bytes? integer about so many will pass, where that is known
---@field progress? fun(bytes: integer, files: integer) now and then, and at the end; bytes of the stream so far
---@field bandwidth? integer bytes per second
---@field direct? boolean from NAS to NAS by the source's ssh, with a key made for this copy; a whole tree, both ways "shell" with GNU tar,
--- the target without symlinks yet; its host key is in known_hosts here, and its host and port are reached from the source, too.
--- Nobody judges the stream then: the source is trusted, within the tree. A direct copy goes on when this process is killed

---@class carry.Copied
---@field bytes integer of the stream
---@field files integer entries that went over
---@field unsupported {path: string, what: string}[] what stayed behind ("socket"); a thousand of them at most
---@field notes string[] what the tools said beside (an attribute that the target's file system does not take); a hundred at most

---@alias carry.Hashes table<string, string> path of a regular file -> SHA-256 in hex

---@class carry.CompareOptions
---@field manifest_from carry.Manifest
---@field manifest_to carry.Manifest
---@field hashes_from? carry.Hashes without them contents are not compared
---@field hashes_to? carry.Hashes
---@field max? integer differences that are listed (default 100)

M.AT = "/qnap-docker" -- where a helper container has the tree mounted

---The best way to a tree. Only reads. With a source and a target that exist it cannot fail for the lack of a way: the engine's
---archives always work.
---@async
---@param tree carry.Tree
---@param options? carry.WayOptions
---@return carry.Way
---@raise unsupported "no_way" (there is no image on the NAS that a helper could be made of)
function M.way(tree, options) return require("carry.way").find(tree, options or {}) end

---Makes the container that the ways "helper" and "engine" work through, and starts it for "helper". It has no network and no log,
---and `labels` (the caller's, who finds it by them and removes it by force when done). Sets tree.helper. The way "shell" needs none:
---nil then.
---@async
---@param tree carry.Tree
---@param way carry.Way
---@param options? {labels?: table<string, string>, name?: string, read_only?: boolean} read_only: of a source
---@return string? id
function M.helper(tree, way, options) return require("carry.helper").make(tree, way, options or {}) end

---@async
---@param tree carry.Tree
---@param way carry.Way
---@return carry.Size
function M.measure(tree, way) return require("carry.manifest").measure(tree, way) end

---What is in a tree. Through the way "engine" the whole tree is read for it, without ctime and inode.
---@async
---@param tree carry.Tree
---@param way carry.Way
---@param options? {attributes?: boolean} attributes: with extended attributes where the NAS has getfattr; they are compared by
--- carry.compare, where both manifests have them (a delta finds their changes without, by ctime)
---@return carry.Manifest
---@raise fail "tree_too_large", "manifest_failed"
function M.manifest(tree, way, options) return require("carry.manifest").take(tree, way, options) end

---What brings a copy of `before` to the state of `after`. Pure.
---@param before carry.Manifest
---@param after carry.Manifest of the same tree by the same way
---@param options? {across?: boolean} across: `before` is of the target, by any way: inodes and ctimes are not compared
---@return carry.Delta
function M.delta(before, after, options) return require("carry.delta").between(before, after, options) end

---Copies a tree, or `paths` of it. Files that are there are replaced, others are left alone. The source is only read.
---@async
---@param options carry.CopyOptions
---@return carry.Copied
---@raise conflict "no_space" on the target
---@raise fail "copy_failed", "source_changed" (frozen), "bad_archive" (the source sent what could leave the tree)
---@raise connect either NAS is gone
---@raise unsupported "no_direct"
---@raise auth "direct_refused" the target does not let the source in
function M.copy(options) return require("carry.copy").run(options) end

---Removes paths, and what is below them. What is not there is no error; a path that would leave the tree, through ".." or through a
---symlink, is refused.
---@async
---@param tree carry.Tree
---@param way carry.Way a warm one
---@param paths string[]
---@raise usage "outside"
---@raise fail "remove_failed"
function M.remove(tree, way, paths) return require("carry.remove").run(tree, way, paths) end

---SHA-256 of regular files, computed on the NAS (way "engine": here, of the engine's archive). What vanished is left out.
---@async
---@param tree carry.Tree
---@param way carry.Way
---@param options? {paths?: string[], progress?: fun(files: integer)} paths: only these, of which those that are no regular files are
--- passed over (default: all)
---@return carry.Hashes
function M.hash(tree, way, options) return require("carry.hash").run(tree, way, options or {}) end

---Differences between two trees, in words: "data/app.db: content", "run: only in the source". What the manifests' ways cannot tell is
---not compared. Pure. An empty list: they are equal.
---@param options carry.CompareOptions
---@return string[]
---@return integer count of all, where the list is cut
function M.compare(options) return require("carry.delta").compare(options) end

return M
