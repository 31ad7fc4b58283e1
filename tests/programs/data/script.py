import json
words = ["%05d" % (i * 7919 % 1009) for i in range(2000)]
counts = {}
for w in words:
    counts[w] = counts.get(w, 0) + 1
print(len(counts), json.dumps(sorted(counts)[:3]))
with open("/work/out.txt", "w") as f:
    f.write("\n".join(sorted(words)))
