/* The schemas' content models, and the forms of text that they ask for. */
#ifndef RELAIS_AUTOMATON_H
#define RELAIS_AUTOMATON_H

#include "string_numbers.h"

/* The numbers of `Content` in automaton.py. */
enum {
    ANY_CONTENT, BLANK_CONTENT, DECIMAL_CONTENT, DATE_CONTENT, BOOLEAN_CONTENT, TIME_CONTENT, DATE_TIME_CONTENT,
    BASE64_CONTENT, LANGUAGE_CONTENT, URI_CONTENT, LENGTH_CONTENT, NEVER_CONTENT
};

/* In place of a state: the document node, whose child is the root element. */
#define AT_DOCUMENT (-2)
#define NO_CHILDREN (-1)

typedef struct {
    int32_t state, name, next, type;
} Edge;

typedef struct {
    int32_t type, name, content, shortest, longest, required;
} Attribute;

typedef struct {
    int32_t first, content, shortest, longest, required; /* required: number of attributes that must be there */
} Type;

typedef struct {
    Seed seed;
    Edge *edges; /* open addressing; an empty place has no type */
    size_t edge_room;
    Attribute *attributes; /* likewise */
    size_t attribute_room;
    Type *types;
    size_t type_count;
    byte *accepting;
    size_t state_count;
} Automaton;

/* Copies the arrays of a SchemaAutomaton. False without memory, or when a number points outside its array. */
bool automaton_made(Automaton *automaton, const int32_t *roots, size_t root_count, const int32_t *edges,
                    size_t edge_count, const byte *accepting, size_t state_count, const int32_t *types,
                    size_t type_count, const int32_t *attributes, size_t attribute_count, size_t name_count);
void automaton_freed(Automaton *automaton);

/* The edge of a name from a state, or the attribute of a name in a type; NULL when there is none. */
const Edge *edge_of(const Automaton *automaton, int32_t state, uint32_t name);
const Attribute *attribute_of(const Automaton *automaton, int32_t type, uint32_t name);

/* Whether a text, as it stands in the document and without references, is surely of its type. */
bool content_proved(int32_t content, int32_t shortest, int32_t longest, const byte *text, size_t length);

#endif
