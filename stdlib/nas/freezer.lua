-- What the runtime says where the kernel cannot freeze is of no use to its reader.

---@param err Error of a pause
---@param nas docker.Nas
---@param name string of the container
---@return Error err the same, told in the reader's words
return function(err, nas, name)
  local text = err.engine or ""
  if text:find("freezer", 1, true) and err.category ~= "not_found" then
    err.category, err.code = "unsupported", "no_freezer"
    err.why = ("the kernel of %s has no freezer for cgroups; nothing can be paused there"):format(nas.name)
    err.hint = "qnap-docker stop " .. name
  end
  return err
end
