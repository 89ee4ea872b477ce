// SPDX-License-Identifier: MIT
// What could strike now, by kind, and finding it again by name.
#include "explore/explore.h"
#include "fault/fault.h"

static const struct {
    fault_targets *targets;
    void (*strike)(struct world *w, const struct strike *s);
} kinds[FAULTS] = {
    [FAULT_ACTOR_CRASH] = {actor_crash_targets, actor_crash_strike},
    [FAULT_TASK_CANCEL] = {task_cancel_targets, task_cancel_strike},
    [FAULT_MEMORY] = {memory_targets, memory_strike},
    [FAULT_DELAY] = {delay_targets, delay_strike},
    [FAULT_NODE_CRASH] = {node_crash_targets, node_crash_strike},
    [FAULT_NODE_RESTART] = {node_restart_targets, node_restart_strike},
    [FAULT_NET_DROP] = {net_drop_targets, net_drop_strike},
    [FAULT_NET_DUPLICATE] = {net_duplicate_targets, net_duplicate_strike},
    [FAULT_NET_REORDER] = {net_reorder_targets, net_reorder_strike},
    [FAULT_NET_PARTITION] = {net_partition_targets, net_partition_strike},
    [FAULT_NET_ONEWAY] = {net_oneway_targets, net_oneway_strike},
    [FAULT_NET_HEAL] = {net_heal_targets, net_heal_strike},
};

uint32_t fault_list(struct world *w, enum fault_kind kind, struct strike *out, uint32_t room) {
    if (w->calm || !kinds[kind].targets)
        return 0;
    uint32_t count = kinds[kind].targets(w, out, room);
    for (uint32_t i = 0; i < count && i < room; i++)
        out[i].kind = (uint8_t)kind;
    return count;
}

void fault_strike(struct world *w, const struct strike *s) {
    kinds[s->kind].strike(w, s);
}

bool fault_find(struct world *w, const struct event_name *name, struct strike *out) {
    struct strike all[TARGETS_MAX];
    if (name->kind < EVENT_FAULT || name->kind >= EVENT_FAULT + FAULTS)
        return false;
    uint32_t count = fault_list(w, (enum fault_kind)(name->kind - EVENT_FAULT), all, TARGETS_MAX);
    for (uint32_t i = 0; i < count && i < TARGETS_MAX; i++) {
        struct event_name other = world_strike_name(w, &all[i]);
        if (!event_name_equal(&other, name))
            continue;
        *out = all[i];
        return true;
    }
    return false;
}

bool fault_find_id(struct world *w, uint64_t id, struct strike *out) {
    struct strike all[TARGETS_MAX];
    for (int kind = 0; kind < FAULTS; kind++) {
        uint32_t count = fault_list(w, (enum fault_kind)kind, all, TARGETS_MAX);
        for (uint32_t i = 0; i < count && i < TARGETS_MAX; i++)
            if (event_id_of_strike(w, &all[i]) == id) {
                *out = all[i];
                return true;
            }
    }
    return false;
}
