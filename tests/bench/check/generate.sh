#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# generate.sh BLOCKS: a program for measuring `prism check`. Each block is 46 lines, with a struct, an
# enum, functions that call those of the block before, an actor and an async function; no two are alike
# in names, all are in kind. The generator is fixed, so that figures of different days can be compared.
awk -v blocks="${1:-250}" 'BEGIN {
    print "// SPDX-License-Identifier: MIT"
    for (i = 0; i < blocks; i++)
        block(i)
    print "async function main() {"
    printf "    println!(\"{}\", await serve%d(3));\n", blocks - 1
    print "}"
}
function block(i) {
    printf "struct Point%d {\n    x: i64,\n    y: i64,\n    tags: List<String>,\n}\n\n", i
    printf "enum Shape%d {\n    Empty,\n    Circle(Point%d, i64),\n    Named(String),\n}\n\n", i, i
    printf "function area%d(shape: Shape%d) -> i64 {\n    match shape {\n", i, i
    printf "        Shape%d.Empty => 0,\n        Shape%d.Circle(p, r) => p.x * r + p.y,\n", i, i
    printf "        Shape%d.Named(name) => i64(name.len()),\n    }\n}\n\n", i
    printf "function fold%d(xs: List<i64>) -> i64 {\n    let mut sum: i64 = 0;\n", i
    print "    for x in xs {\n        if x % 2 == 0 {\n            sum += x * 3;\n        }\n    }"
    printf "    return sum + %s;\n}\n\n", i ? sprintf("fold%d([sum])", i - 1) : "1"
    printf "actor Keeper%d {\n    private seen: Map<String, i64> = Map.new();\n\n", i
    print "    message Add(name: String, n: i64) -> i64 {\n        self.seen.insert(name, n);"
    print "        return i64(self.seen.len());\n    }\n}\n"
    printf "async function serve%d(n: i64) -> i64 {\n    let keeper = Keeper%d.spawn();\n", i, i
    printf "    let p = Point%d { x: n, y: %d, tags: [\"a\", \"b\"] };\n", i, i
    printf "    let more = await keeper.send(Add(format!(\"k{}\", n), area%d(Shape%d.Circle(p, 2))));\n", i, i
    printf "    return more + fold%d([1, 2, 3].map(|v| v + n));\n}\n\n", i
}'
