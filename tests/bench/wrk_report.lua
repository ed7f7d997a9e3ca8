-- wrk's own summary rounds; this prints what it counted. Only `done`, so that requests stay prepared in advance.
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('report %d %d %d %d %d\n', summary.duration, summary.requests, summary.bytes, e.status,
    e.connect + e.read + e.write + e.timeout))
end
