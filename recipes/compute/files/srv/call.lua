-- Reads Lua functions, each up to a line with a dot, runs each without input, output or files, and writes what it
-- returns, or its error. Exit status 0 if there was one.
local STEPS <const> = 10000000

-- One who goes on for ever is told so, and that is the end.
local function out_of_steps()
  print("error: more than " .. STEPS .. " steps")
  io.stdout:flush()
  os.exit(0)
end

local function run(text)
  local code, message = load(text, "call", "t",
    {math = math, string = string, table = table, utf8 = utf8, ipairs = ipairs, pairs = pairs,
     select = select, tonumber = tonumber, tostring = tostring, type = type, error = error, pcall = pcall})
  if not code then return "error: " .. message end
  debug.sethook(out_of_steps, "", STEPS)
  local good, result = pcall(code)
  debug.sethook()
  return (good and "result: " or "error: ") .. tostring(result)
end

local count = 0
local lines = {}
io.stdout:setvbuf("line")
for line in io.lines() do
  line = line:gsub("\r$", "")
  if line == "." then
    count = count + 1
    print(run(table.concat(lines, "\n")))
    lines = {}
  else
    lines[#lines + 1] = line
  end
end
os.exit(count > 0)
