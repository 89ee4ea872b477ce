// SPDX-License-Identifier: MIT
// Tasks, time and failures. What is limited in time never comes, or does not wait; of a race one
// never comes, or all give the same; what is noted is the same in all orders.
#include "tests/sources/gen/source_gen.h"

// ---- time ---------------------------------------------------------------------------------------

static void too_late(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *name = fresh(g, "late");
    form(g,
         "async function %s(value: %t) -> %t {\n"
         "    return async with timeout(%d.milliseconds) {\n"
         "        await silence(value)\n"
         "    } catch TimeoutError {\n"
         "        %e\n"
         "    };\n"
         "}\n\n",
         name, t, t, (int)roll(g, 3) + 1, t);
    begin_use(g);
    form(g, "note(out, \"late\", await %s(%e));\n", name, t);
    form(g,
         "let never: %t = %e;\n"
         "note(out, \"limited\", await silence(never).timeout(1.millisecond));\n",
         t, t);
    end_use(g, name);
}

// Nothing in it waits, so it is never too late.
static void in_time(struct gen *g) {
    const struct type *t = shared_type(g);
    begin_use(g);
    form(g,
         "let value: %t = async with timeout(1.hour) {\n"
         "    %e\n"
         "} catch TimeoutError {\n"
         "    %l\n"
         "};\n",
         t, t, t);
    note(g, "in time", "value");
    end_use(g, "in time");
}

static void nested_limits(struct gen *g) {
    begin_use(g);
    form(g,
         "let which = async with timeout(%d.milliseconds) {\n"
         "    async with timeout(1.hour) {\n"
         "        await silence(1)\n"
         "    } catch TimeoutError {\n"
         "        2\n"
         "    }\n"
         "} catch TimeoutError {\n"
         "    3\n"
         "};\n",
         (int)roll(g, 2) + 1);
    note(g, "limits", "which > 1");
    end_use(g, "limits");
}

// ---- several at once ----------------------------------------------------------------------------

static void race(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *name = fresh(g, "give"), *value = fresh(g, "v");
    form(g,
         "async function %s(value: %t, pauses: i64) -> %t {\n"
         "    for _ in 0..pauses {\n"
         "        await yield_now();\n"
         "    }\n"
         "    return value;\n"
         "}\n\n",
         name, t, t);
    begin_use(g);
    form(g, "let %s: %t = %e;\n", value, t, t);
    form(g, "let first = async.race(silence(%s), %s(%s, %d));\n", value, name, value,
         (int)roll(g, 4));
    note(g, "first", "first");
    form(g, "let same = async.race(%s(%s, %d), %s(%s, %d));\n", name, value, (int)roll(g, 3), name,
         value, (int)roll(g, 3));
    note(g, "same", "same");
    declare(g, value, t, false);
    form(g,
         "let (a, b, c) = async.join(%s(%e, %d), %s(%e, 0), async { %s });\n"
         "out.push(format!(\"{} {} {}\", a, b, c));\n",
         name, t, (int)roll(g, 3), name, t, value);
    end_use(g, "race");
}

static void try_join(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *name = fresh(g, "check");
    form(g,
         "async function %s(value: %t, code: i64) -> Result<%t, Fail> {\n"
         "    await yield_now();\n"
         "    if code > 0 {\n"
         "        return Err(Fail { code: code });\n"
         "    }\n"
         "    return Ok(value);\n"
         "}\n\n",
         name, t, t);
    begin_use(g);
    form(g,
         "match async.try_join(%s(%e, 0), %s(%e, %d)) {\n"
         "    Ok((a, b)) => out.push(format!(\"both {} {}\", a, b)),\n"
         "    Err(fail) => out.push(format!(\"one failed {}\", fail)),\n"
         "}\n",
         name, t, name, t, (int)roll(g, 2));
    form(g,
         "let all = [%s(%e, 0), %s(%e, %d)];\n"
         "note(out, \"all\", async.join(all));\n",
         name, t, name, t, (int)roll(g, 2));
    end_use(g, "try_join");
}

static void mapped(struct gen *g) {
    const struct type *t = shared_type(g), *given = shared_type(g);
    const char *x = fresh(g, "x");
    begin_use(g);
    form(g, "let items: List<%t> = [%e, %e, %e];\n", t, t, t, t);
    declare(g, x, t, false);
    form(g,
         "let mapped = async.map(items, |%s| async {\n"
         "    await yield_now();\n"
         "    let result: %t = %e;\n"
         "    result\n"
         "});\n",
         x, given, given);
    note(g, "mapped", "mapped");
    g->scope.len = 0;
    end_use(g, "map");
}

static void in_parallel(struct gen *g) {
    const struct type *given = shared_type(g);
    const char *x = fresh(g, "x");
    begin_use(g);
    form(g, "let numbers: List<i64> = (0..%d).map(|n| n * %d %% 17);\n", (int)roll(g, 40),
         (int)roll(g, 50));
    declare(g, x, simple(T_I64), false);
    form(g, "let made = parallel.map(numbers, |%s| { let result: %t = %e; result });\n", x, given,
         given);
    note(g, "made", "made");
    form(g, "let kept = parallel.filter(numbers, |%s| %e);\n", x, simple(T_BOOL));
    note(g, "kept", "kept");
    form(g,
         "out.push(format!(\"{} {} {}\", parallel.reduce(numbers, |a, b| wrapping_add(a, b)), "
         "parallel.sort(numbers), parallel.validate(numbers, |%s| %e)));\n",
         x, simple(T_BOOL));
    form(
        g,
        "let many: Set<i64> = numbers.collect();\n"
        "note(out, \"flat\", parallel.flatMap(many, |%s| { let result: List<%t> = [%e, %e]; result "
        "}, workers: %d));\n"
        "note(out, \"range\", parallel.map(0..%d, |%s| { let result: %t = %e; result }));\n"
        "note(out, \"none\", parallel.reduce(many.iter().filter(|n| n > 20), |a, b| max(a, b)));\n",
        x, given, given, given, (int)roll(g, 3) + 1, (int)roll(g, 300), x, given, given);
    g->scope.len = 0;
    end_use(g, "parallel");
}

// ---- being cancelled ----------------------------------------------------------------------------

// The task has begun when it is cancelled, so that it has something to leave behind.
static void scopes(struct gen *g) {
    const struct type *t = shared_type(g);
    begin_use(g);
    form(g,
         "let marks: Channel<%t> = Channel.unbounded();\n"
         "let begun: Channel<()> = Channel.new(1);\n"
         "let value: %t = %e;\n"
         "async with cancellation_scope() as scope {\n"
         "    let task = scope.spawn(async { value });\n"
         "    scope.spawn(async {\n"
         "        defer marks.send(%e);\n"
         "        begun.send(());\n"
         "        let _ = await silence(0);\n"
         "        marks.send(%l);\n"
         "    });\n"
         "    begun.recv();\n"
         "    out.push(format!(\"task {} {}\", await task, scope.is_cancelled()));\n"
         "}\n"
         "out.push(format!(\"left {} {}\", marks.try_recv(), marks.try_recv()));\n",
         t, t, t, t, t);
    end_use(g, "scope");
}

static void tokens(struct gen *g) {
    const struct type *t = shared_type(g);
    begin_use(g);
    form(g,
         "let token = CancellationToken.new();\n"
         "let begun: Channel<()> = Channel.new(1);\n"
         "let value: %t = %e;\n"
         "let task = spawn_with_cancellation(token, async {\n"
         "    begun.send(());\n"
         "    await silence(value)\n"
         "});\n"
         "begun.recv();\n"
         "token.cancel();\n"
         "note(out, \"\", token.check_cancelled().is_err());\n"
         "async with error_boundary() {\n"
         "    note(out, \"\", await task);\n"
         "} catch CancelledError {\n"
         "    out.push(\"cancelled\");\n"
         "}\n",
         t, t);
    end_use(g, "token");
}

// ---- failing ------------------------------------------------------------------------------------

static void failures(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *name = fresh(g, "fail");
    form(g,
         "struct Other%s {\n"
         "    why: %t,\n"
         "}\n\n"
         "async function %s(how: i64) -> %t {\n"
         "    defer await yield_now();\n"
         "    let list: List<i64> = [%d];\n"
         "    match how {\n"
         "        0 => crash(Fail { code: 1 }),\n"
         "        1 => crash(Other%s { why: %e }),\n"
         "        2 => return %l,\n"
         "        3 => {\n"
         "            let _ = list[7];\n"
         "        }\n"
         "        _ => {\n"
         "            let none: Option<i64> = None;\n"
         "            let _ = none.unwrap();\n"
         "        }\n"
         "    }\n"
         "    return %l;\n"
         "}\n\n",
         name, t, name, t, (int)roll(g, 5), name, t, t, t);
    begin_use(g);
    form(g,
         "for how in 0..5 {\n"
         "    async with error_boundary() {\n"
         "        async with error_boundary() {\n"
         "            defer out.push(\"left\");\n"
         "            note(out, \"gives\", await %s(how));\n"
         "        } catch Fail {\n"
         "            out.push(\"a Fail\");\n"
         "        } catch Other%s {\n"
         "            crash(Fail { code: how });\n"
         "        }\n"
         "    } catch_boundary(error) {\n"
         "        note(out, \"outer\", error);\n"
         "    }\n"
         "}\n",
         name, name);
    end_use(g, "failures");
}

// A conversion on the way of `?`.
static void converted(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *name = fresh(g, "Why");
    form(g,
         "enum %s {\n"
         "    Code(i64),\n"
         "    Nothing,\n"
         "}\n\n"
         "impl From<Fail> for %s {\n"
         "    function from(value: Fail) -> Self {\n"
         "        return %s.Code(value.code);\n"
         "    }\n"
         "}\n\n"
         "function try_%s(given: Result<%t, Fail>, other: Option<%t>) -> Result<(%t, %t), %s> {\n"
         "    let a = given?;\n"
         "    let b = other.ok_or(%s.Nothing)?;\n"
         "    return (a, b);\n"
         "}\n\n",
         name, name, name, name, t, t, t, t, name, name);
    begin_use(g);
    form(g,
         "note(out, \"\", try_%s(Ok(%e), Some(%e)));\n"
         "note(out, \"\", try_%s(Err(Fail { code: %e }), None));\n"
         "note(out, \"\", try_%s(Ok(%e), None));\n",
         name, t, t, name, simple(T_I64), name, t);
    end_use(g, "converted");
}

static void (*const kinds[])(struct gen *) = {
    too_late,    in_time, nested_limits, race,     try_join,  mapped,
    in_parallel, scopes,  tokens,        failures, converted,
};

void task_part(struct gen *g) {
    g->scope.len = 0;
    enter(g, true, false, false, NULL);
    g->in_closure = true;
    g->budget = PART_NODES;
    kinds[roll(g, sizeof kinds / sizeof *kinds)](g);
}
