// A second reader of source maps and of the URLs that name them: Node's own (module.SourceMap, the URL standard, fetch of data: URLs).
// Reads {"maps": [{"map": …, "columns": […]}], "urls": [[URL, module's path], …]} and writes what becomes of them.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const input = JSON.parse(readFileSync(0, 'utf-8'));

function positions({ map, columns }) {
  const reader = new SourceMap(map);
  return columns.map((column) => {
    const e = reader.findEntry(0, column);
    return e.originalSource == null ? null : [e.originalSource, e.originalLine + 1, e.originalColumn + 1, e.generatedColumn];
  });
}

async function resolve([reference, module]) {
  try {
    const url = new URL(reference, pathToFileURL(module));
    if (url.protocol === 'data:')
      return { data: Buffer.from(await (await fetch(url)).arrayBuffer()).toString('base64') };
    return url.protocol === 'file:' ? { path: fileURLToPath(url) } : { elsewhere: url.href };
  } catch {
    return {};
  }
}

console.log(JSON.stringify({ maps: input.maps.map(positions), urls: await Promise.all(input.urls.map(resolve)) }));
