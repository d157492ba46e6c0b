-- What the sandbox adds in Lua itself, because only Lua functions can be waited in.
-- Called with the table `host` of Rust functions; sets globals, returns nothing.
local host = ...

local raw_pcall, raw_xpcall, raw_error, raw_select = pcall, xpcall, error, select
local raw_create, raw_resume, raw_yield = coroutine.create, coroutine.resume, coroutine.yield
local raw_setmetatable, raw_get, raw_type = setmetatable, rawget, type
local pending, stop_if_due, find_module, as_table = host.pending, host.stop_if_due, host.find_module, host.as_table

-- Ctrl-C passes through every pcall, so that no loop around one can hold it back.
local function settle(ok, ...)
  if not ok then stop_if_due() end
  return ok, ...
end

function pcall(f, ...) return settle(raw_pcall(f, ...)) end

function xpcall(f, handler, ...) return settle(raw_xpcall(f, handler, ...)) end

-- try(f, ...): what f returns, or nil and the error as a table.
local function outcome(ok, ...)
  if ok then return ... end
  return nil, as_table((...))
end

function try(f, ...) return outcome(pcall(f, ...)) end

-- A wait inside a coroutine of the runbook is handed up to the runner, which waits, and comes back down.
local function pass_on(thread, ok, first, ...)
  if ok and first == pending then return pass_on(thread, raw_resume(thread, raw_yield(first))) end
  return settle(ok, first, ...)
end

function coroutine.resume(thread, ...) return pass_on(thread, raw_resume(thread, ...)) end

local function unwrap(ok, ...)
  if not ok then raw_error((...), 0) end
  return ...
end

function coroutine.wrap(f)
  local thread = raw_create(f)
  return function(...) return unwrap(coroutine.resume(thread, ...)) end
end

-- Lua switches the interrupt off while a finalizer runs, so there are none.
function setmetatable(value, metatable)
  if raw_type(metatable) == "table" and raw_get(metatable, "__gc") ~= nil then
    raw_error("a runbook cannot set __gc", 2)
  end
  return raw_setmetatable(value, metatable)
end

local loaded, loading = {}, {}

function require(name)
  local key = find_module(name)
  if loaded[key.path] ~= nil then return loaded[key.path] end
  if loading[key.path] then raw_error("module '" .. name .. "' requires itself", 2) end
  loading[key.path] = true
  local value = key.chunk(name)
  loading[key.path] = nil
  if value == nil then value = true end
  loaded[key.path] = value
  return value
end
