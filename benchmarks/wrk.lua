-- The requests of one kind for wrk: a file of them (method, path with query, body; tabs between), one after the other.

local requests, number = {}, 0

function init(arguments)
    for line in io.lines(arguments[1]) do
        local method, path, body = line:match("([^\t]*)\t([^\t]*)\t(.*)")
        local headers = { ["Content-Type"] = "application/json" }
        requests[#requests + 1] = wrk.format(method, path, body ~= "" and headers or nil, body ~= "" and body or nil)
    end
end

function request()
    number = number + 1
    return requests[(number - 1) % #requests + 1]
end

-- What is measured, as JSON; microseconds.
function done(summary, latency, _)
    io.write(string.format(
        '\n{"requests": %d, "microseconds": %d, "errors": %d, "p50": %d, "p99": %d, "slowest": %d}\n',
        summary.requests, summary.duration,
        summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
            + summary.errors.timeout,
        latency:percentile(50), latency:percentile(99), latency.max
    ))
end
