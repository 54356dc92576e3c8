-- The group's own words; its commands are the files beside this one.
return {
  summary = "Words of your own for commands",
  group = "help",
}
