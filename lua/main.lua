-- Task 0: the command line. Its result is the exit code.
local argv = { ... }

if #argv == 1 and (argv[1] == "--version" or argv[1] == "-v") then
  io.stdout:write(require("cli.version").line())
  return 0
end
return require("cli.dispatch").run(argv)
