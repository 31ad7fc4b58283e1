-- Tables, strings, closures, coroutines, and errors that are caught.
local words = {}
for i = 1, 3000 do
  words[i] = string.format("%05d-%s", (i * 7919) % 3001, string.rep("x", i % 7))
end
table.sort(words)
print(#words, words[1], words[#words])
local function produce()
  for i = 1, 500 do coroutine.yield(i * i) end
end
local co, sum = coroutine.wrap(produce), 0
for i = 1, 500 do sum = sum + co() end
print(sum)
local caught = 0
for i = 1, 200 do
  if not pcall(function() error({i}) end) then caught = caught + 1 end
end
print(caught, (("abc"):gsub("%w", string.upper)))
