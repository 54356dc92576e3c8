print(...)
local task = require "task"
print(table.concat(task.map({ 3, 1, 2 }, function(x) task.sleep(x / 50) return x * 2 end), " "))
return 0
