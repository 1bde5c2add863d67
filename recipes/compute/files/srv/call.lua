-- Reads Lua code up to a line with a dot, runs it without input, output or files, writes what it returns.
local lines = {}
for line in io.lines() do
  if line:gsub("\r$", "") == "." then break end
  lines[#lines + 1] = line
end
local code, message = load(table.concat(lines, "\n"), "call", "t",
  {math = math, string = string, table = table, utf8 = utf8, ipairs = ipairs, pairs = pairs,
   select = select, tonumber = tonumber, tostring = tostring, type = type, error = error, pcall = pcall})
if not code then
  print("error: " .. message)
else
  local good, result = pcall(code)
  print((good and "result: " or "error: ") .. tostring(result))
end
