// A parser and its grammar, which is a second module that shares the first one's memory and table.
import {readFile} from "node:fs/promises";
import {load, path, print} from "./package.mjs";

const {Language, Parser, Query} = await load("web-tree-sitter/web-tree-sitter.js");
await Parser.init({locateFile: (name) => path("web-tree-sitter", name)});
const language = await Language.load(path("tree-sitter-javascript/tree-sitter-javascript.wasm"));
const parser = new Parser();
parser.setLanguage(language);
const source = await readFile(path("web-tree-sitter/web-tree-sitter.js"), "utf8");
const tree = parser.parse(source);
print(tree.rootNode.toString().length, tree.rootNode.descendantCount, tree.rootNode.hasError);
for (const {name, node} of new Query(language, "(function_declaration name: (identifier) @f)").captures(tree.rootNode).slice(0, 20)) {
    print(name, node.text, node.startPosition.row);
}
const broken = parser.parse("let a = {b: [1, 2, `c${d}`], /x+/g; function");
print(broken.rootNode.toString());
