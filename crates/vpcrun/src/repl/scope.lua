-- The environment of a session's chunks. Called with the globals and the name of `keep`; returns the environment and the
-- table of functions that read kept locals. See locals.rs.
local globals, KEEP = ...
local setmetatable = setmetatable
local getters, setters = {}, {}

local function keep(name, get, set)
  getters[name], setters[name] = get, set
end

local environment = setmetatable({}, {
  __index = function(_, name)
    local get = getters[name]
    if get then return get() end
    if name == KEEP then return keep end
    return globals[name]
  end,
  __newindex = function(_, name, value)
    if setters[name] then return setters[name](value) end
    -- A constant of an earlier chunk gives way.
    getters[name] = nil
    globals[name] = value
  end,
  __metatable = false,
})

return environment, getters
