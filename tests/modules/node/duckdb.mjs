// A database of columns, the build that Node gets for its features; BUNDLE is mvp or eh.
import {path, print, require} from "./package.mjs";

const duckdb = require("@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs");
const file = path("@duckdb/duckdb-wasm/dist", `duckdb-${process.argv[3]}.wasm`);
const bundle = {mainModule: file, mainWorker: null};
const db = await duckdb.createDuckDB({mvp: bundle, eh: process.argv[3] === "eh" ? bundle : undefined}, new duckdb.VoidLogger(), duckdb.NODE_RUNTIME);
await db.instantiate(() => {});
const connection = db.connect();
for (const sql of ["create table t as select i, i * 7 % 13 as k, 'name ' || (i % 10) as s from range(20000) r(i)",
                   "select k, count(*)::int as n, sum(i)::double as total, max(s) as last from t group by k order by k",
                   "select s, avg(i) over (partition by s order by i rows 3 preceding) as a from t order by i limit 5"]) {
    print(JSON.stringify(connection.query(sql).toArray().map((row) => ({...row})), (_, v) => typeof v === "bigint" ? String(v) : v));
}
try {
    connection.query("select nothing from nowhere");
} catch (e) {
    print(e.message);
}
process.exit(0);
