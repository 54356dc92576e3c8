-- The group's own words; its commands are the files beside this one.
return {
  summary = "Automations: those that come with the program, and your own",
  group = "automation",
}
