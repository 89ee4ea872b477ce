// SPDX-License-Identifier: MIT
// Lines of a source with underlines and labels, in display columns.
//
// A mark is a piece of one line that is underlined: a span over several lines becomes a mark on its
// first line (to the line's end) and one on its last. Marks are collected by line; a line is
// printed once, then a row of underlines with the rightmost label beside it, then a row for each
// further label, from right to left, under the place where its mark begins.
#include "frontend/diag/excerpt.h"

#include <assert.h>

enum { TAB_COLUMNS = 4, LINE_COLUMNS_MIN = 40, MARKS_MAX = 64 };

struct mark {
    const struct source *source;
    int32_t line;       // 1-based
    int32_t start, end; // byte offsets in the source, start <= end
    bool primary;
    struct str text;
};

struct marks {
    struct mark at[MARKS_MAX];
    int count;
};

const char *style_on(struct diag_style style, const char *sgr) {
    return style.color ? sgr : "";
}

const char *style_off(struct diag_style style) {
    return style.color ? "\033[0m" : "";
}

// ---- display columns -----------------------------------------------------------------

// Decodes the character at `p`; broken bytes count as one character each.
static uint32_t decode(const char *p, const char *end, int *len) {
    unsigned char c = (unsigned char)*p;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    uint32_t point = more == 3 ? c & 7 : more == 2 ? c & 15 : more == 1 ? c & 31 : c;
    *len = 1;
    if (c < 0x80 || !more || end - p <= more)
        return c < 0x80 ? c : 0xfffd;
    for (int i = 1; i <= more; i++) {
        if (((unsigned char)p[i] & 0xc0) != 0x80)
            return 0xfffd;
        point = point << 6 | ((unsigned char)p[i] & 0x3f);
    }
    *len = more + 1;
    return point;
}

struct range {
    uint32_t first, last;
};

static bool within(uint32_t c, const struct range *ranges, int count) {
    for (int i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

// Columns that terminals give a character: marks that combine have none, East Asian wide ones two.
static int char_columns(uint32_t c) {
    static const struct range combining[] = {
        {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
        {0x1ab0, 0x1aff}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
    static const struct range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0x33ff},
                                        {0x3400, 0x4dbf},   {0x4e00, 0x9fff},  {0xa000, 0xa4cf},
                                        {0xac00, 0xd7a3},   {0xf900, 0xfaff},  {0xfe30, 0xfe6f},
                                        {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                                        {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    if (c < 0x300)
        return 1;
    if (within(c, combining, sizeof combining / sizeof *combining))
        return 0;
    return within(c, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

static int columns_at(int column, const char *p, const char *end, int *len) {
    uint32_t c = decode(p, end, len);
    return c == '\t' ? TAB_COLUMNS - column % TAB_COLUMNS : char_columns(c);
}

// ---- one line ------------------------------------------------------------------------

// A line of the source as it is shown: cut to `columns` from column `from`.
struct view {
    const struct source *source;
    int32_t start, end; // byte offsets of the line without its end
    int from, columns;
};

static int column_of(const struct view *v, int32_t offset) {
    const char *text = v->source->text.data;
    int column = 0, len;
    for (int32_t i = v->start; i < v->end && i < offset; i += len)
        column += columns_at(column, text + i, text + v->end, &len);
    return column;
}

static struct view view_of(const struct source *s, int32_t line, const struct mark *first,
                           int columns) {
    struct view v = {.source = s, .start = s->line_starts[line - 1], .columns = columns};
    v.end = line < s->line_count ? s->line_starts[line] - 1 : (int32_t)s->text.len;
    if (v.end > v.start && s->text.data[v.end - 1] == '\r')
        v.end--;
    int mark = column_of(&v, first->start), mark_end = column_of(&v, first->end);
    if (mark_end > columns)
        v.from = mark > 16 ? mark - 16 : 0;
    return v;
}

// Control characters are shown as `?`, so that a source cannot speak to the terminal.
static void put_view(const struct view *v, struct text *out) {
    const char *text = v->source->text.data;
    int column = 0, len;
    for (int32_t i = v->start; i < v->end; i += len) {
        int width = columns_at(column, text + i, text + v->end, &len);
        uint32_t c = decode(text + i, text + v->end, &len);
        column += width;
        if (column - width < v->from || column > v->from + v->columns)
            continue;
        if (c == '\t')
            text_printf(out, "%*s", width, "");
        else if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0))
            text_putc(out, '?');
        else if (c == 0xfffd)
            text_put(out, STR("\xef\xbf\xbd"));
        else
            text_put(out, (struct str){text + i, (size_t)len});
    }
}

static int clamp(int n, int low, int high) {
    return n < low ? low : n > high ? high : n;
}

struct cells {
    int start, end; // columns within the view
};

static struct cells cells_of(const struct view *v, const struct mark *m) {
    int start = clamp(column_of(v, m->start) - v->from, 0, v->columns);
    int end = clamp(column_of(v, m->end) - v->from, 0, v->columns);
    return (struct cells){start, end > start ? end : start + 1};
}

static void put_gutter(struct diag_style style, int digits, int32_t line, struct text *out) {
    text_printf(out, "%s", style_on(style, SGR_FRAME));
    if (line)
        text_printf(out, "%*d |%s", digits, line, style_off(style));
    else
        text_printf(out, "%*s |%s", digits, "", style_off(style));
}

static void put_underlines(const struct view *v, const struct mark *marks, int count,
                           struct diag_style style, struct text *out) {
    char row[1024];
    int width = 0;
    memset(row, ' ', sizeof row);
    for (int pass = 0; pass < 2; pass++) { // the primary mark covers the others
        for (int i = 0; i < count; i++) {
            if (marks[i].primary != (pass == 1))
                continue;
            struct cells c = cells_of(v, &marks[i]);
            for (int j = c.start; j < c.end && j < (int)sizeof row; j++)
                row[j] = marks[i].primary ? '^' : '-';
            width = c.end > width ? c.end : width;
        }
    }
    width = clamp(width, 0, (int)sizeof row);
    text_printf(out, " %s%.*s%s", style_on(style, SGR_ERROR), width, row, style_off(style));
}

// The row of a label that found no room beside the underlines.
static void put_label_below(const struct view *v, const struct mark *m, int digits,
                            struct diag_style style, struct text *out) {
    put_gutter(style, digits, 0, out);
    text_printf(out, " %*s%.*s\n", cells_of(v, m).start, "", STR_ARGS(m->text));
}

// Prints a line and its marks, which are in the order of their start.
static void put_line(const struct mark *marks, int count, int digits, struct diag_style style,
                     struct text *out) {
    int room = style.width - digits - 4;
    struct view v =
        view_of(marks[0].source, marks[0].line, &marks[0], clamp(room, LINE_COLUMNS_MIN, 1000));
    put_gutter(style, digits, marks[0].line, out);
    text_putc(out, ' ');
    put_view(&v, out);
    while (out->len && out->data[out->len - 1] == ' ')
        out->data[--out->len] = 0;
    text_putc(out, '\n');
    put_gutter(style, digits, 0, out);
    put_underlines(&v, marks, count, style, out);
    const struct mark *last = &marks[count - 1];
    if (last->text.len)
        text_printf(out, " %.*s", STR_ARGS(last->text));
    text_putc(out, '\n');
    for (int i = count - 2; i >= 0; i--)
        if (marks[i].text.len)
            put_label_below(&v, &marks[i], digits, style, out);
}

// ---- the whole -----------------------------------------------------------------------

static void add_mark(struct marks *m, struct mark mark) {
    if (m->count < MARKS_MAX)
        m->at[m->count++] = mark;
}

static void add_span(struct marks *m, struct span span, struct str text, bool primary) {
    if (!span.source)
        return;
    int32_t first, last, column;
    struct mark mark = {span.source, 0, span.start, span.end, primary, text};
    source_position(span.source, span.start, &first, &column);
    source_position(span.source, span.end > span.start ? span.end - 1 : span.end, &last, &column);
    mark.line = first;
    if (first == last) {
        add_mark(m, mark);
        return;
    }
    mark.end = span.source->line_starts[first] - 1;
    mark.text = (struct str){0};
    add_mark(m, mark);
    mark = (struct mark){span.source, last,    span.source->line_starts[last - 1],
                         span.end,    primary, text};
    add_mark(m, mark);
}

// Marks of the primary file first, then by file name; within a file by line and column.
static bool mark_before(const struct mark *a, const struct mark *b, const struct source *primary) {
    if (a->source != b->source) {
        if (a->source == primary || b->source == primary)
            return a->source == primary;
        return strcmp(a->source->path, b->source->path) < 0;
    }
    return a->line != b->line ? a->line < b->line : a->start < b->start;
}

static void sort_marks(struct marks *m, const struct source *primary) {
    for (int i = 1; i < m->count; i++) {
        struct mark moved = m->at[i];
        int j = i;
        for (; j > 0 && mark_before(&moved, &m->at[j - 1], primary); j--)
            m->at[j] = m->at[j - 1];
        m->at[j] = moved;
    }
}

static int digits_of(const struct marks *m) {
    int32_t largest = 0;
    for (int i = 0; i < m->count; i++)
        largest = m->at[i].line > largest ? m->at[i].line : largest;
    int digits = 1;
    for (; largest >= 10; largest /= 10)
        digits++;
    return digits < 2 ? 2 : digits;
}

static void put_heading(const struct mark *m, int digits, struct diag_style style,
                        struct text *out) {
    int32_t line, column;
    source_position(m->source, m->start, &line, &column);
    text_printf(out, "%*s%s-->%s %s:%d:%d\n", digits, "", style_on(style, SGR_FRAME),
                style_off(style), m->source->path, line, column);
    put_gutter(style, digits, 0, out);
    text_putc(out, '\n');
}

void excerpt_put(struct arena *a, const struct diag *d, struct diag_style style, struct text *out) {
    struct marks *m = arena_new(a, struct marks);
    add_span(m, d->span, d->label, true);
    struct mark heading = m->at[0];
    for (int32_t i = 0; i < d->labels.len; i++)
        add_span(m, d->labels.at[i].span, d->labels.at[i].text, false);
    if (!m->count)
        return;
    sort_marks(m, d->span.source);
    int digits = digits_of(m);
    for (int i = 0, next; i < m->count; i = next) {
        const struct mark *mark = &m->at[i];
        bool new_file = i == 0 || mark->source != m->at[i - 1].source;
        if (new_file)
            put_heading(mark->source == heading.source ? &heading : mark, digits, style, out);
        else if (mark->line > m->at[i - 1].line + 1)
            text_printf(out, "%*s ...\n", digits, "");
        for (next = i; next < m->count && m->at[next].line == mark->line &&
                       m->at[next].source == mark->source;)
            next++;
        put_line(mark, next - i, digits, style, out);
    }
}
