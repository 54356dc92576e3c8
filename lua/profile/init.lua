-- The group's own words; its commands are the files beside this one.
return {
  summary = "Manage the NASes you use",
  group = "profiles",
}
