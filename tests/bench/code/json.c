// SPDX-License-Identifier: MIT
// With jansson: through its tree, both ways.
// link: -ljansson
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
enum { ORDERS = 500, ROUNDS = 60, TAGS = 3 };
typedef struct {
    char *name;
    double price;
    uint32_t count;
    char *tags[TAGS];
    int has_discount;
    int64_t discount;
} item;
typedef struct {
    uint64_t id;
    char *customer;
    int is_open;
    size_t count;
    item *items;
} order;
static char *text_of(const char *format, unsigned long n) {
    char text[64];
    snprintf(text, sizeof text, format, n);
    return strdup(text);
}
static item make_item(uint64_t order, uint64_t at) {
    uint64_t n = order * 7 + at * 13;
    item made = {.name = text_of("item \"%lu\"", n),
                 .price = (double)(n * 2 + 1) / 8,
                 .count = n % 100,
                 .tags = {strdup("blue"), strdup("größe"), text_of("t%lu", at)},
                 .has_discount = n % 3 != 0,
                 .discount = (int64_t)n - 500};
    return made;
}
static json_t *item_json(const item *i) {
    json_t *tags = json_array();
    for (int k = 0; k < TAGS; k++)
        json_array_append_new(tags, json_string(i->tags[k]));
    json_t *o = json_object();
    json_object_set_new_nocheck(o, "name", json_string(i->name));
    json_object_set_new_nocheck(o, "price", json_real(i->price));
    json_object_set_new_nocheck(o, "count", json_integer(i->count));
    json_object_set_new_nocheck(o, "tags", tags);
    json_object_set_new_nocheck(o, "discount",
                                i->has_discount ? json_integer(i->discount) : json_null());
    return o;
}
static json_t *orders_json(const order *orders) {
    json_t *all = json_array();
    for (int k = 0; k < ORDERS; k++) {
        json_t *items = json_array(), *o = json_object();
        for (size_t i = 0; i < orders[k].count; i++)
            json_array_append_new(items, item_json(&orders[k].items[i]));
        json_object_set_new_nocheck(o, "id", json_integer((json_int_t)orders[k].id));
        json_object_set_new_nocheck(o, "customer", json_string(orders[k].customer));
        json_object_set_new_nocheck(o, "is_open", json_boolean(orders[k].is_open));
        json_object_set_new_nocheck(o, "items", items);
        json_array_append_new(all, o);
    }
    return all;
}
static item item_of(json_t *o) {
    json_t *discount = json_object_get(o, "discount"), *tags = json_object_get(o, "tags");
    item i = {.name = strdup(json_string_value(json_object_get(o, "name"))),
              .price = json_real_value(json_object_get(o, "price")),
              .count = (uint32_t)json_integer_value(json_object_get(o, "count")),
              .has_discount = json_is_integer(discount),
              .discount = json_integer_value(discount)};
    for (size_t k = 0; k < TAGS; k++)
        i.tags[k] = strdup(json_string_value(json_array_get(tags, k)));
    return i;
}
static void read_orders(json_t *all, order *orders) {
    for (size_t k = 0; k < ORDERS; k++) {
        json_t *o = json_array_get(all, k), *items = json_object_get(o, "items");
        order *to = &orders[k];
        to->id = (uint64_t)json_integer_value(json_object_get(o, "id"));
        to->customer = strdup(json_string_value(json_object_get(o, "customer")));
        to->is_open = json_is_true(json_object_get(o, "is_open"));
        to->count = json_array_size(items);
        to->items = malloc(to->count * sizeof *to->items);
        for (size_t i = 0; i < to->count; i++)
            to->items[i] = item_of(json_array_get(items, i));
    }
}
static void drop_orders(order *orders) {
    for (int k = 0; k < ORDERS; k++) {
        for (size_t i = 0; i < orders[k].count; i++) {
            free(orders[k].items[i].name);
            for (int t = 0; t < TAGS; t++)
                free(orders[k].items[i].tags[t]);
        }
        free(orders[k].items);
        free(orders[k].customer);
    }
}
static double total(const order *orders) {
    double sum = 0;
    for (int k = 0; k < ORDERS; k++)
        for (size_t i = 0; i < orders[k].count; i++) {
            const item *it = &orders[k].items[i];
            sum += it->price * it->count + (double)(it->has_discount ? it->discount : 0) + TAGS;
        }
    return sum;
}
int main(void) {
    static order orders[ORDERS];
    for (uint64_t id = 0; id < ORDERS; id++) {
        order *o = &orders[id];
        o->id = id * 1000003;
        o->customer = text_of("customer %lu of many", id);
        o->is_open = id % 2 == 0;
        o->count = 1 + id % 9;
        o->items = malloc(o->count * sizeof *o->items);
        for (uint64_t at = 0; at < o->count; at++)
            o->items[at] = make_item(id, at);
    }
    size_t bytes = 0;
    double sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        json_t *written = orders_json(orders);
        char *text = json_dumps(written, JSON_COMPACT);
        bytes += strlen(text);
        json_decref(written);
        drop_orders(orders);
        json_t *read = json_loads(text, 0, NULL);
        read_orders(read, orders);
        json_decref(read);
        free(text);
        sum += total(orders);
    }
    printf("%zu %ld\n", bytes, (long)sum);
}
