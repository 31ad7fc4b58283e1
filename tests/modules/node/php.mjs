// PHP, whose exceptions are those of the older proposal, which Node runs.
import {load, print} from "./package.mjs";

const {PhpNode} = await load("php-wasm/PhpNode.mjs");
const php = new PhpNode({version: process.argv[3]});
php.addEventListener("output", (e) => process.stdout.write(e.detail.join("")));
php.addEventListener("error", (e) => process.stdout.write(e.detail.join("")));
await php.binary;
print(await php.run(`<?php
function fib($n) { return $n < 2 ? $n : fib($n - 1) + fib($n - 2); }
class Odd extends Exception {}
try { if (fib(15) % 2 == 0) throw new Odd("odd one"); } catch (Odd $e) { echo get_class($e), $e->getMessage(), "\\n"; }
$a = range(1, 50); usort($a, fn($x, $y) => crc32((string) $x) <=> crc32((string) $y));
echo json_encode($a), preg_replace('/(\\d)(\\d)/', '$2$1', implode(",", $a)), md5(serialize($a)), "\\n";
`));
process.exit(0);
