return {
  summary = "Show the version",
  group = "help",
  run = function() end,
}
