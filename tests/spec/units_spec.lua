local units = require "units"

describe("units", function()
  it("reads docker's forms", function()
    h.eq(units.size "1.5GiB", 1610612736)
    h.eq(units.duration "1h30m", 5400.0)
    h.eq(units.duration_ns "1µs", 1000)
    h.eq({ units.time("90s", 1000) }, { 910, 0 })
    h.eq({ units.rfc3339 "2024-05-01T12:51:30.5Z" }, { 1714567890, 500000000 })
  end)

  it("prints as docker", function()
    h.eq(units.human_size(1234567, 3), "1.23MB")
    h.eq(units.bytes_size(1536), "1.5KiB")
    h.eq(units.human_duration(7200), "2 hours")
  end)

  it("raises docker's words and shows the forms", function()
    local _, err = try(units.duration, "10")
    h.eq(err.category, "usage")
    h.eq(err.message, 'time: missing unit in duration "10"')
    h.eq(err.hint, "write numbers with units: 90s, 1h30m, 500ms")
  end)
end)
