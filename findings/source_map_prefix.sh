#!/usr/bin/env bash
# Guess: a source map is a file of JSON, so whatever reads JSON reads it; or, for those who know that ECMA-426 has readers pass over a first line
# that begins with `)]}'` (a server's guard against inclusion as a script), that readers in wide use do.
#
# Found: source-map and source-map-js do, @jridgewell/trace-mapping, below many of today's JavaScript tools, hands the text to JSON.parse and
# throws a SyntaxError.
#
# source-map 0.7.6, source-map-js 1.2.1, @jridgewell/trace-mapping 0.3.31 on npm; 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . source-map@0.7.6 source-map-js@1.2.1 @jridgewell/trace-mapping@0.3.31 >/dev/null
cat >read.cjs <<'EOF'
const { TraceMap, originalPositionFor } = require("@jridgewell/trace-mapping");
const at = { line: 1, column: 0 };
const readers = {
    "source-map": async (text) => (await new (require("source-map").SourceMapConsumer)(text)).originalPositionFor(at),
    "source-map-js": async (text) => new (require("source-map-js").SourceMapConsumer)(text).originalPositionFor(at),
    "trace-mapping": async (text) => originalPositionFor(new TraceMap(text), at),
};
(async () => {
    const json = JSON.stringify({ version: 3, sources: ["a.ts"], names: [], mappings: "AAAA" });
    for (const [what, text] of [["alone", json], ["behind a line", ")]}'\n" + json]])
        for (const [name, read] of Object.entries(readers))
            console.log(`${what}, ${name}: ${await read(text).then((p) => p.source, (e) => e.constructor.name)}`);
})();
EOF
node read.cjs | tee seen
if diff seen - <<'EOF'; then
alone, source-map: a.ts
alone, source-map-js: a.ts
alone, trace-mapping: a.ts
behind a line, source-map: a.ts
behind a line, source-map-js: a.ts
behind a line, trace-mapping: SyntaxError
EOF
    echo "as found"
else
    echo "not as found"
    exit 1
fi
