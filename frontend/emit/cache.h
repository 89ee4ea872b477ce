// SPDX-License-Identifier: MIT
// cache: what was compiled, kept under the hash of all that it depends on.
//
// An entry is a file that ends in a seal: its size and the XXH3 of what stands before. Linkers
// and loaders pass
// over what follows the parts of an ELF file that they know of, so objects and programs are used
// as they
// stand. An entry appears whole, by renaming; one that is cut short or damaged is no entry and is
// made again.
// Any number of processes may use one cache at once: two that make the same entry make the same
// bytes. Only
// trimming takes a lock.
#ifndef PRISM_EMIT_CACHE_H
#define PRISM_EMIT_CACHE_H

#include "frontend/base/base.h"

// All entries together, roughly; PRISM_CACHE_BYTES overrides.
#define CACHE_BYTES_MAX ((uint64_t)1 << 30)

// A program of Prism, with its runtime, is some hundred kilobytes long.
#define CACHE_ROOM_BYTES ((int64_t)1 << 20)

// PRISM_CACHE_DIR, else prism/ in the user's folder of caches, else .prism/cache here.
const char *cache_dir(struct arena *a);
// Where the entry of a key is or would be; `ending` is part of the name.
const char *cache_path(struct arena *a, struct str key, const char *ending);
// A name of this process beside `path`, for what is under way.
const char *cache_under_way(struct arena *a, const char *path, const char *ending);
// Is it there and whole? It then counts as used just now.
bool cache_has(const char *path);
// Seals the file `under_way` and makes it the entry. NULL, or what was wrong.
const char *cache_keep(struct arena *a, const char *under_way, const char *path);
// What an entry has before its seal, in the arena; false where there is no whole one.
bool cache_read(struct arena *a, const char *path, struct str *content);
// Can a file of some size be written beside `path`? NULL, or why not: a full disk, a limit.
const char *cache_no_room(struct arena *a, const char *path);
// Removes what was not used for longest until the cache is well below its limit, and what was
// left under way for
// an hour. Does nothing while somebody else does it.
void cache_trim(struct arena *a);

// Where a program is found: `name` itself when it has a slash, else on PATH. NULL if nowhere.
const char *cache_program_path(struct arena *a, const char *name);
// What tells this compiler from others: its path and what it says to --version. Asked once for a
// file of that
// size and time. NULL if it cannot be started.
const char *cache_compiler(struct arena *a, const char *path);

#endif
