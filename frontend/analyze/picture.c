// SPDX-License-Identifier: MIT
// Pictures. Parties stand in columns, each to the right of who reaches it first; between two of
// them goes one arrow for each kind of link, with the messages on it.
#include "frontend/analyze/inner.h"

#include <assert.h>

// ---- arrows: links of one pair and kind ---------------------------------------------------------

static bool is_first_of_arrow(const struct analysis *all, int32_t at) {
    const struct link *k = &all->links.at[at];
    for (int32_t i = 0; i < at; i++)
        if (all->links.at[i].from == k->from && all->links.at[i].to == k->to &&
            all->links.at[i].kind == k->kind)
            return false;
    return true;
}

static void put_label(const struct analysis *all, int32_t at, struct text *out) {
    const struct link *k = &all->links.at[at];
    const char *before = " ";
    text_put(out, str_from(link_word(k->kind)));
    for (int32_t i = at; i < all->links.len; i++) {
        const struct link *other = &all->links.at[i];
        if (other->from != k->from || other->to != k->to || other->kind != k->kind ||
            !other->message)
            continue;
        text_printf(out, "%s%s", before, other->message);
        before = ", ";
    }
}

static bool is_shown(const struct analysis *all, int32_t party) {
    for (int32_t i = 0; i < all->links.len; i++)
        if (all->links.at[i].from == party || all->links.at[i].to == party)
            return true;
    return all->parties.at[party].kind == PARTY_ACTOR && !all->parties.at[party].is_library;
}

// ---- Mermaid ------------------------------------------------------------------------------------

void analysis_mermaid(const struct analysis *all, struct text *out) {
    text_put(out, STR("flowchart LR\n"));
    for (int32_t i = 0; i < all->parties.len; i++) {
        const struct party *p = &all->parties.at[i];
        if (!is_shown(all, i))
            continue;
        text_printf(out, "    p%d%s", (int)i, p->kind == PARTY_ACTOR ? "([\"" : "[\"");
        text_xml(out, str_from(p->name));
        text_printf(out, "%s%s\n", p->is_many ? " (many)" : "",
                    p->kind == PARTY_ACTOR ? "\"])" : "\"]");
    }
    for (int32_t i = 0; i < all->links.len; i++) {
        const struct link *k = &all->links.at[i];
        if (!is_first_of_arrow(all, i))
            continue;
        text_printf(out, "    p%d %s|\"", (int)k->from, k->kind == LINK_SPAWNS ? "-.->" : "-->");
        struct text label = {.arena = out->arena};
        put_label(all, i, &label);
        text_xml(out, text_str(&label));
        text_printf(out, "\"| p%d\n", (int)k->to);
    }
}

// ---- SVG ----------------------------------------------------------------------------------------

enum { BOX_HEIGHT = 44, LETTER = 9, GAP = 240, ROW_STEP = 92, MARGIN = 24, BULGE = 60 };

struct layout {
    int32_t *column, *row; // by party; column -1: not shown
    int32_t columns, rows;
    int box_width; // of all boxes: the longest name decides
};

// Columns by breadth first from main and the tests.
static struct layout lay_out(struct arena *a, const struct analysis *all) {
    struct layout l = {arena_array(a, int32_t, all->parties.len + 1),
                       arena_array(a, int32_t, all->parties.len + 1), 0, 0, 120};
    int32_t *used = arena_array(a, int32_t, all->parties.len + 2);
    for (int32_t i = 0; i < all->parties.len; i++)
        l.column[i] = all->parties.at[i].kind != PARTY_ACTOR && is_shown(all, i) ? 0 : -1;
    for (int32_t depth = 0; depth < all->parties.len; depth++)
        for (int32_t i = 0; i < all->links.len; i++) {
            const struct link *k = &all->links.at[i];
            if (l.column[k->from] == depth && l.column[k->to] < 0)
                l.column[k->to] = depth + 1;
        }
    for (int32_t i = 0; i < all->parties.len; i++) {
        if (l.column[i] < 0 && is_shown(all, i))
            l.column[i] = 0;
        if (l.column[i] < 0)
            continue;
        int width = (int)strlen(all->parties.at[i].name) * LETTER + 24;
        l.box_width = width > l.box_width ? width : l.box_width;
        l.row[i] = used[l.column[i]]++;
        l.columns = l.column[i] + 1 > l.columns ? l.column[i] + 1 : l.columns;
        l.rows = l.row[i] + 1 > l.rows ? l.row[i] + 1 : l.rows;
    }
    return l;
}

static int x_of(const struct layout *l, int32_t party) {
    return MARGIN + l->column[party] * (l->box_width + GAP);
}
static int y_of(const struct layout *l, int32_t party) {
    return MARGIN + l->row[party] * ROW_STEP;
}

static void put_box(const struct analysis *all, const struct layout *l, int32_t i,
                    struct text *out) {
    const struct party *p = &all->parties.at[i];
    int x = x_of(l, i), y = y_of(l, i), round = p->kind == PARTY_ACTOR ? BOX_HEIGHT / 2 : 4;
    if (p->is_many) // another one behind it
        text_printf(
            out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" class=\"box\"/>\n",
            x + 5, y + 5, l->box_width, BOX_HEIGHT, round);
    text_printf(out,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" class=\"box\"/>\n"
                "<text x=\"%d\" y=\"%d\" class=\"name\">",
                x, y, l->box_width, BOX_HEIGHT, round, x + l->box_width / 2,
                y + BOX_HEIGHT / 2 + 5);
    text_xml(out, str_from(p->name));
    text_put(out, STR("</text>\n"));
}

// A curve from the side of the one to the nearer side of the other; within a column it bulges to
// the right. `lane` keeps the arrows of a pair apart.
static void put_arrow(const struct analysis *all, const struct layout *l, int32_t at, int32_t lane,
                      struct text *out) {
    const struct link *k = &all->links.at[at];
    int to_right = l->column[k->to] - l->column[k->from], self = k->from == k->to;
    int x1 = x_of(l, k->from) + (to_right >= 0 ? l->box_width : 0);
    int x2 = x_of(l, k->to) + (to_right > 0 ? 0 : l->box_width);
    int y1 = y_of(l, k->from) + BOX_HEIGHT / 2 + lane * 12 - 6 - self * 8;
    int y2 = y_of(l, k->to) + BOX_HEIGHT / 2 + lane * 12 - 6 + self * 8;
    int out1 = to_right ? (x2 - x1) / 2 : BULGE, out2 = to_right ? -out1 : BULGE;
    int label_x = to_right ? (x1 + x2) / 2 : x1 + BULGE * 3 / 4 + 6;
    text_printf(out,
                "<path d=\"M %d %d C %d %d, %d %d, %d %d\" class=\"%s\" "
                "marker-end=\"url(#head)\"/>\n<text x=\"%d\" y=\"%d\" class=\"label\"%s>",
                x1, y1, x1 + out1, y1, x2 + out2, y2, x2, y2,
                k->kind == LINK_SPAWNS ? "spawns" : "sends", label_x, (y1 + y2) / 2 - 4,
                to_right ? " text-anchor=\"middle\"" : "");
    struct text label = {.arena = out->arena};
    put_label(all, at, &label);
    text_xml(out, text_str(&label));
    text_put(out, STR("</text>\n"));
}

static int32_t lane_of(const struct analysis *all, int32_t at) {
    int32_t lane = 0;
    for (int32_t i = 0; i < at; i++)
        lane += all->links.at[i].from == all->links.at[at].from &&
                all->links.at[i].to == all->links.at[at].to && is_first_of_arrow(all, i);
    return lane;
}

void analysis_svg(struct arena *a, const struct analysis *all, struct text *out) {
    struct layout l = lay_out(a, all);
    int columns = l.columns > 1 ? l.columns : 1;
    int width = 2 * MARGIN + columns * l.box_width + (columns - 1) * GAP + GAP;
    int height = 2 * MARGIN + BOX_HEIGHT + (l.rows > 1 ? (l.rows - 1) * ROW_STEP : 0) + 30;
    text_printf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n"
                "<style>.box{fill:#fff;stroke:#345}.name{font-size:14px;text-anchor:middle}"
                ".label{font-size:11px;fill:#345}"
                ".sends{fill:none;stroke:#345}.spawns{fill:none;stroke:#89a;"
                "stroke-dasharray:4 3}</style>\n"
                "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
                "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
                "<path d=\"M 0 0 L 8 4 L 0 8 z\" fill=\"#345\"/></marker></defs>\n"
                "<rect width=\"100%%\" height=\"100%%\" fill=\"#f8f9fa\"/>\n",
                width, height, width, height);
    for (int32_t i = 0; i < all->parties.len; i++)
        if (l.column[i] >= 0)
            put_box(all, &l, i, out);
    for (int32_t i = 0; i < all->links.len; i++)
        if (is_first_of_arrow(all, i))
            put_arrow(all, &l, i, lane_of(all, i), out);
    text_put(out, STR("</svg>\n"));
}
