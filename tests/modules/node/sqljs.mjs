// A database with an index, a join, a window function and a recursive query; then its file.
import {digest, print, require} from "./package.mjs";

const SQL = await require("sql.js")();
const db = new SQL.Database();
db.run("create table parts (id integer primary key, name text, price real); create table uses (part integer, in_part integer, n integer)");
db.run("create index by_part on uses (in_part)");
const insert = db.prepare("insert into parts values (?, ?, ?)");
for (let i = 1; i <= 2000; i++) {
    insert.run([i, `part ${(i * 7919) % 1000}`, i / 8]);
}
insert.free();
db.run("insert into uses select id, id / 3, id % 5 from parts where id >= 3");
for (const sql of ["select count(*), sum(price), min(name), group_concat(id) from parts where id % 191 = 0",
                   "select in_part, sum(n * price) from uses join parts on part = id group by in_part order by 2 desc limit 5",
                   "select id, rank() over (order by name, id) from parts order by id limit 5",
                   "with recursive tree(p, d) as (values (1, 0) union all select part, d + 1 from uses join tree on in_part = p)"
                       + " select d, count(*) from tree group by d"]) {
    print(JSON.stringify(db.exec(sql)));
}
try {
    db.exec("select no_such_column from parts");
} catch (e) {
    print(e.message);
}
print(digest(db.export()));
