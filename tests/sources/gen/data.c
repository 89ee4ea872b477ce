// SPDX-License-Identifier: MIT
// Plain data as JSON and CBOR and back, whole and cut short. What is wrong with the latter is said
// by the fault that a reader comes to first, and the interpreter's looks at the form of all before
// it looks at the types: only whether there is one is compared.
#include "tests/sources/gen/source_gen.h"

void data_part(struct gen *g) {
    const struct type *t = any_type(g);
    for (int tries = 0; tries < 3 && t->kind < SIMPLE_TYPES; tries++)
        t = any_type(g); // rather something that has parts
    if (has_trait(t))
        t = simple(T_STRING); // a trait's name says nothing about what is to be read
    begin_use(g);
    form(g,
         "let value: %t = %e;\n"
         "let text = Json.encode(value);\n"
         "note(out, \"json\", text);\n"
         "let back: Result<%t, DecodeError> = Json.decode(text);\n"
         "note(out, \"back\", back);\n"
         "let part: Result<%t, DecodeError> = Json.decode(text.slice(0, text.len() / %d));\n"
         "note(out, \"part\", part.ok());\n",
         t, t, t, t, (int)roll(g, 3) + 2);
    form(g,
         "let bytes = Cbor.encode(value);\n"
         "note(out, \"cbor\", bytes.len());\n"
         "let again: Result<%t, DecodeError> = Cbor.decode(bytes.slice(0, bytes.len() - %d));\n"
         "note(out, \"again\", again.ok());\n",
         t, (int)roll(g, 3) == 0);
    end_use(g, "data");
}
