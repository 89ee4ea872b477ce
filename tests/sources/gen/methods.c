// SPDX-License-Identifier: MIT
// Methods of the library: each row is one, on what it is called, how what it gives follows from
// that, and its text.
#include "tests/sources/gen/source_gen.h"

enum gives { SAME, ITEM, VALUE, OPTION_ITEM, OPTION_VALUE, LIST_ITEM, LIST_VALUE, KIND, LIST_KIND };

// In a text %v is what it is called on, %s something of its type, %i of its item's, %x of the
// item's as well, but a literal, %t the item's type, %n a small number, %b a condition, and `each`
// an item.
struct method {
    enum type_kind on;
    enum gives gives;
    const char *text;
    bool is_ordered; // the items are
    enum type_kind kind;
};

static const struct method methods[] = {
    {T_LIST, SAME, .text = "%v.sorted()", .is_ordered = true},
    {T_LIST, SAME, .text = "%v.slice(0, min(%n, %v.len()))"},
    {T_LIST, SAME, .text = "%v[%n..]"},
    {T_LIST, SAME, .text = "%v[..%n]"},
    {T_LIST, SAME, .text = "%v.chunks(2).flatten()"},
    {T_LIST, SAME, .text = "%v.enumerate().filter(|(at, _)| at != %n).map(|(_, each)| each)"},
    {T_LIST, SAME, .text = "%v.zip(%s).map(|(left, right)| if %b { left } else { right })"},
    {T_LIST, SAME, .text = "%v.flat_map(|each| [each, %x])"},
    {T_LIST, SAME, .text = "%v.filter_map(|each| if each == %x { None } else { Some(each) })"},
    {T_LIST, SAME, .text = "%v.iter().collect()"},
    {T_LIST, SAME, .text = "%v.step_by(2)"},
    {T_LIST, SAME, .text = "%v.windows(2).map(|two| two[1])"},
    {T_LIST, SAME, .text = "%v.partition(|each| each == %x).1"},
    {T_LIST, OPTION_ITEM, .text = "%v.max_by_key(|each| each == %x)"},
    {T_LIST, KIND, .text = "%v.sorted().binary_search(%i).unwrap_or(%n)", .is_ordered = true,
     .kind = T_USIZE},
    {T_LIST, ITEM, .text = "%v.fold(%i, |_, each| each)"},
    {T_LIST, ITEM, .text = "%v.rev()[%n]"},
    {T_LIST, ITEM, .text = "%v.first().unwrap_or(%i)"},
    {T_LIST, ITEM, .text = "%v.get(%n).unwrap_or(%i)"},
    {T_LIST, ITEM, .text = "%v.max().unwrap_or(%i)", .is_ordered = true},
    {T_LIST, OPTION_ITEM, .text = "%v.last()"},
    {T_LIST, OPTION_ITEM, .text = "%v.get(%n)"},
    {T_LIST, OPTION_ITEM, .text = "%v.min()", .is_ordered = true},
    {T_LIST, OPTION_ITEM, .text = "%v.find(|each| each == %x)"},
    {T_LIST, KIND, .text = "%v.any(|each| each != %x)", .kind = T_BOOL},
    {T_LIST, KIND, .text = "%v.all(|each| each == %x)", .kind = T_BOOL},
    {T_LIST, KIND, .text = "%v.count(|each| each != %x)", .kind = T_USIZE},
    {T_LIST, KIND, .text = "%v.len()", .kind = T_USIZE},
    {T_LIST, KIND, .text = "%v.index_of(%i).unwrap_or(%n)", .kind = T_USIZE},
    {T_SET, SAME, .text = "%v.union(%s)"},
    {T_SET, SAME, .text = "%v.intersection(%s)"},
    {T_SET, SAME, .text = "%v.difference(%s)"},
    {T_SET, LIST_ITEM, .text = "%v.iter().rev()"},
    {T_SET, KIND, .text = "%v.contains(%i)", .kind = T_BOOL},
    {T_QUEUE, LIST_ITEM, .text = "%v.iter()"},
    {T_QUEUE, OPTION_ITEM, .text = "%v.peek()"},
    {T_QUEUE, KIND, .text = "%v.contains(%i)", .kind = T_BOOL},
    {T_MAP, LIST_ITEM, .text = "%v.keys()"},
    {T_MAP, LIST_VALUE, .text = "%v.values()"},
    {T_MAP, OPTION_VALUE, .text = "%v.get(%i)"},
    {T_MAP, KIND, .text = "%v.contains_key(%i)", .kind = T_BOOL},
    {T_MAP, SAME, .text = "%v.iter().rev().collect()"},
    {T_OPTION, SAME, .text = "%v.or(%s)"},
    {T_OPTION, SAME, .text = "%v.filter(|each| each != %x)"},
    {T_OPTION, SAME, .text = "%v.and_then(|each| if %b { Some(each) } else { None })"},
    {T_OPTION, SAME, .text = "%v.map(|_| { let other: %t = %i; other })"},
    {T_OPTION, ITEM, .text = "%v.unwrap_or_else(|| %i)"},
    {T_OPTION, ITEM, .text = "%v.expect(\"nothing there\")"},
    {T_RESULT, SAME, .text = "%v.map(|each| each)"},
    {T_RESULT, SAME, .text = "%v.map_err(|fail| Fail { code: fail.code / 2 })"},
    {T_RESULT, SAME,
     .text = "%v.and_then(|each| if %b { Ok(each) } else { Err(Fail { code: %n }) })"},
    {T_RESULT, ITEM, .text = "%v.unwrap_or_else(|_| %i)"},
    {T_RESULT, OPTION_ITEM, .text = "%v.ok()"},
    {T_RESULT, KIND, .text = "%v.err().map(|fail| fail.code).unwrap_or(%n)", .kind = T_I64},
    {T_STRING, SAME, .text = "%v.to_upper()"},
    {T_STRING, SAME, .text = "%v.trim()"},
    {T_STRING, SAME, .text = "%v.trim_start()"},
    {T_STRING, SAME, .text = "%v.strip_suffix(%s).unwrap_or(%s)"},
    {T_STRING, SAME, .text = "%v.split_once(%s).map(|(_, behind)| behind).unwrap_or(%s)"},
    {T_STRING, LIST_KIND, .text = "%v.words()", .kind = T_STRING},
    {T_STRING, KIND, .text = "%v.parse_float().unwrap_or(2.5)", .kind = T_F64},
    {T_CHAR, SAME, .text = "%v.to_upper()"},
    {T_CHAR, KIND, .text = "%v.is_letter()", .kind = T_BOOL},
    {T_STRING, SAME, .text = "%v.repeat(%n)"},
    {T_STRING, SAME, .text = "%v.replace(%s, %s)"},
    {T_STRING, SAME, .text = "%v.slice(0, %v.len() / 2)"},
    {T_STRING, SAME, .text = "%v[%n..]"},
    {T_STRING, SAME, .text = "(%v + %s)"},
    {T_STRING, LIST_KIND, .text = "%v.split(\" \")", .kind = T_STRING},
    {T_STRING, LIST_KIND, .text = "%v.lines()", .kind = T_STRING},
    {T_STRING, LIST_KIND, .text = "%v.chars()", .kind = T_CHAR},
    {T_STRING, KIND, .text = "%v.chars().rev().collect()", .kind = T_STRING},
    {T_STRING, KIND, .text = "%v.to_bytes()", .kind = T_BYTES},
    {T_STRING, KIND, .text = "%v.contains(%s)", .kind = T_BOOL},
    {T_STRING, KIND, .text = "%v.starts_with(%s)", .kind = T_BOOL},
    {T_STRING, KIND, .text = "%v.find(%s).unwrap_or(%n)", .kind = T_USIZE},
    {T_STRING, KIND, .text = "%v.parse_int().unwrap_or(%n)", .kind = T_I64},
    {T_BYTES, SAME, .text = "%v.slice(0, %v.len() / 2)"},
    {T_BYTES, SAME, .text = "%v[%n..]"},
    {T_BYTES, KIND, .text = "%v[%n]", .kind = T_U8},
    {T_BYTES, KIND, .text = "%v.len()", .kind = T_USIZE},
    {T_BYTES, KIND, .text = "%v.text().unwrap_or(\"no text\")", .kind = T_STRING},
    {T_CHAR, KIND, .text = "u32(%v)", .kind = T_U32},
    {T_CHAR, KIND, .text = "format!(\"{}\", %v)", .kind = T_STRING},
    {T_U32, KIND, .text = "char(%v % 256)", .kind = T_CHAR},
    {T_DURATION, SAME, .text = "(%v * %n)"},
    {T_DURATION, SAME, .text = "(%v / %n)"},
    {T_DURATION, SAME, .text = "(-%v)"},
    {T_DURATION, KIND, .text = "%v.as_milliseconds()", .kind = T_I64},
    {T_I64, KIND, .text = "Duration.from_milliseconds(%v)", .kind = T_DURATION},
    {T_F64, SAME, .text = "sqrt(%v)"},
    {T_F64, SAME, .text = "(-%v)"},
    {T_F64, SAME, .text = "(%v / 0.0)"},
    {T_F64, SAME, .text = "max(%v, %s)"},
    {T_F64, SAME, .text = "f64_of_bits(f64_bits(%v))"},
    {T_F64, KIND, .text = "f64_bits(%v)", .kind = T_U64},
    {T_F64, KIND, .text = "f32(%v)", .kind = T_F32},
    {T_F64, KIND, .text = "i64(%v.trunc())", .kind = T_I64},
    {T_F32, SAME, .text = "abs(%v.floor())"},
    {T_F32, KIND, .text = "f64(%v)", .kind = T_F64},
    {T_DISTINCT, SAME, .text = "max(%v, %s)"},
    {T_PAIR, SAME, .text = "%v.swapped().swapped()"},
    {T_PAIR, ITEM, .text = "%v.swapped().right"},
};

static bool gives(const struct method *m, const struct type *on, const struct type *t) {
    switch (m->gives) {
    case SAME:
        return type_equal(on, t);
    case ITEM:
        return type_equal(on->a, t);
    case VALUE:
        return type_equal(on->b, t);
    case OPTION_ITEM:
        return t->kind == T_OPTION && type_equal(on->a, t->a);
    case OPTION_VALUE:
        return t->kind == T_OPTION && type_equal(on->b, t->a);
    case LIST_ITEM:
        return t->kind == T_LIST && type_equal(on->a, t->a);
    case LIST_VALUE:
        return t->kind == T_LIST && type_equal(on->b, t->a);
    case KIND:
        return t->kind == m->kind;
    case LIST_KIND:
        return t->kind == T_LIST && t->a->kind == m->kind;
    }
    return false;
}

static void hole(struct gen *g, char which, const char *on, const struct type *t, int depth) {
    switch (which) {
    case 'v':
        text_put(&g->out, str_from(on));
        break;
    case 's':
        expression(g, t, depth);
        break;
    case 'i':
        expression(g, t->a, depth);
        break;
    case 'x':
        literal(g, t->a, 1);
        break;
    case 't':
        text_put(&g->out, str_from(type_name(g, t->a)));
        break;
    case 'n':
        text_printf(&g->out, "%d", (int)roll(g, 4));
        break;
    default:
        expression(g, simple(T_BOOL), depth);
        break;
    }
}

static void put_method(struct gen *g, const struct method *m, const struct variable *v, int depth) {
    const char *on = v->name;
    const struct type *t = v->type;
    bool outer = g->in_closure;
    g->in_closure = true; // some of it is within one
    for (const char *at = m->text; *at; at++)
        if (*at == '%' && strchr("vsixtnb", at[1]))
            hole(g, *++at, on, t, depth - 1);
        else
            text_putc(&g->out, *at);
    g->in_closure = outer;
}

bool method_call(struct gen *g, const struct type *t, int depth) {
    enum { ROWS = sizeof methods / sizeof *methods };
    for (uint64_t at = roll(g, ROWS), tries = ROWS; tries > 0; tries--, at = (at + 1) % ROWS) {
        const struct method *m = &methods[at];
        const struct variable *v = find_kind(g, m->on, false);
        bool fits = v && gives(m, v->type, t) && (!m->is_ordered || is_ordered(g, v->type->a));
        if (fits && !has_trait(v->type)) {
            put_method(g, m, v, depth);
            return true;
        }
    }
    return false;
}
