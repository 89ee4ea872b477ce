// SPDX-License-Identifier: MIT
// syntax: from the bytes of a source file to its tree. This is the door of frontend/syntax/.
//
//   source ─ lexer ─▶ tokens ─ parser ─▶ module_ast ─ syntax_dump ─▶ text
//
// The grammar is docs/grammar.md. Any bytes at all give a tree: what is wrong with them goes to the
// sink (P1xxx), several errors in one run, and the parser goes on at the next statement or item.
#ifndef PRISM_SYNTAX_H
#define PRISM_SYNTAX_H

#include "frontend/syntax/ast.h"

// How deep blocks, brackets, operators and calls may nest, counted together along one path of the
// tree. What is deeper gets P1004 and is skipped, so that no later stage runs out of stack.
#define SYNTAX_NESTING_MAX 500

// Reads a source. Never NULL. The tree lives in `a` and refers to `source`, `names` and the text.
struct module_ast *syntax_parse(struct arena *a, struct intern_table *names,
                                const struct source *source, struct diag_sink *sink);

// Reads a source that is one capability, or one effect, as a clause holds it, and nothing else.
struct ast_ability syntax_parse_ability(struct arena *a, struct intern_table *names,
                                        const struct source *source, struct diag_sink *sink);

// Writes the tree as indented lines, one a node, the same for the same tree.
void syntax_dump(const struct module_ast *module, struct text *out);

// "+", "<=", … of an operator, and the word of an item's kind ("actor", "function").
const char *syntax_binary_text(enum ast_binary op);
const char *syntax_item_word(const struct ast_item *item);

#endif
