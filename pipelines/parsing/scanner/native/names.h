/* Namespaces in force, expanded names, paths: what a tag's name stands for. */
#ifndef RELAIS_NAMES_H
#define RELAIS_NAMES_H

#include "string_numbers.h"

/* libxml2 refuses names of 50,000 bytes; no name of an invoice comes near to this. */
#define NAME_BYTES_MAX 1000

/* Numbers that stand for the same in every table of names. */
enum { NO_NAMESPACE = 0, SCHEMA_INSTANCE = 1 }; /* of namespaces */
enum { NO_PREFIX = 0, XML_PREFIX = 1, XMLNS_PREFIX = 2 };

typedef struct {
    uint32_t parent, name;
    bool attribute;
    uint32_t rows;        /* of the batch so far */
    uint32_t last_parent; /* parent row of the last row, NONE without rows: tells a repeated attribute */
    uint32_t document;    /* of the last row, NONE without rows: tells a path that is new to a document */
} Path;

/* What a name stood for when it was last met below a path. It is only believed when its bytes, the path and the
 * binding of its prefix are the same; it holds nothing that could not be worked out anew. */
#define KNOWN_NAMES 4096
#define KNOWN_WAYS 4 /* places that one name may stand in */
#define KNOWN_BYTES 64

typedef struct {
    uint32_t generation; /* of the tables that the numbers belong to */
    uint32_t above;      /* path of the parent * 2 + 1 for an attribute */
    uint32_t length;
    uint32_t prefix, bound; /* the prefix, and what it must be bound to */
    uint32_t name, path;
    int32_t asked;     /* the state, or the type of an attribute's element, that `answer` was looked up for */
    const void *answer; /* an Edge or an Attribute of the automaton, or NULL */
    uint32_t first, follow, attribute; /* places of the names that last came next: child, sibling, attribute */
    byte bytes[KNOWN_BYTES];
} KnownName;

typedef struct {
    uint32_t prefix, before; /* what the prefix was bound to before this declaration */
} Declaration;

typedef struct {
    Seed seed;
    Strings prefixes, namespaces;
    Strings locals; /* names: four bytes of the namespace's number, then the local part */
    byte *key;
    size_t key_room;
    uint32_t *bindings; /* by prefix: number of the namespace, or NONE */
    size_t binding_room;
    Declaration *declarations;
    size_t declaration_room, declaration_count;
    Path *paths;
    size_t path_room;
    uint32_t path_count;
    uint32_t *path_slots; /* path + 1 by parent and name; 0 in an empty slot */
    size_t path_slot_room;
    KnownName *known; /* KNOWN_NAMES of them, and one for names that are too long to be kept */
    uint32_t generation;
    uint32_t turn; /* which place of several is given up next */
} Names;

/* A point to go back to. */
typedef struct {
    uint32_t namespaces, locals, paths;
} NamesMark;

bool names_made(Names *names, Seed seed);
void names_freed(Names *names);

/* Forgets all paths but the document node, and all names from `kept` on. */
bool paths_emptied(Names *names, NamesMark kept);

NamesMark names_mark(const Names *names);
void names_back_to(Names *names, NamesMark mark);

/* Forgets prefixes of former documents when there are many: a sender may invent any number of them. */
bool prefixes_trimmed(Names *names);

/* The number of an expanded name: `{namespace}local`, or of its parts. NONE without memory. */
uint32_t expanded_name(Names *names, const byte *text, size_t length);
uint32_t name_of(Names *names, uint32_t namespace, const byte *local, size_t length);

/* The number of a path below another, made when new. NONE without memory. */
uint32_t path_below(Names *names, uint32_t parent, uint32_t name, bool attribute);

/* Binds a prefix from here on. False without memory. */
bool declared(Names *names, uint32_t prefix, uint32_t namespace);

/* Takes back all declarations but the first `count`. */
static inline void undeclared_to(Names *names, size_t count)
{
    while (names->declaration_count > count) {
        Declaration last = names->declarations[--names->declaration_count];
        names->bindings[last.prefix] = last.before;
    }
}

/* The number of a prefix, with a binding when it is new. NONE without memory. */
uint32_t prefix_number(Names *names, const byte *text, size_t length);

/* Whether two texts are the same. Both may be read for `left` bytes; the second is the one that ends first. */
static inline bool same_bytes(const byte *one, const byte *other, size_t length, size_t left)
{
#ifdef __SSE2__
    if (left >= ((length + 15) & ~(size_t)15)) {
        for (;; one += 16, other += 16, length -= 16) {
            __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)one),
                                           _mm_loadu_si128((const __m128i *)(const void *)other));
            unsigned differ = ~(unsigned)_mm_movemask_epi8(equal) & 0xFFFF;
            if (length <= 16)
                return !(differ & ((1u << length) - 1));
            if (differ)
                return false;
        }
    }
#endif
    return left >= length && !memcmp(one, other, length);
}

/* Whether this is the name at `at`, whole, below the path `above`. What its prefix is bound to is another question. */
static inline bool is_known(const KnownName *known, const Names *names, uint32_t above, const byte *at,
                            const byte *end)
{
    return known->generation == names->generation && known->above == above &&
           (size_t)(end - at) > known->length && same_bytes(at, known->bytes, known->length, (size_t)(end - at)) &&
           !(CLASS[at[known->length]] & NAME_REST) && at[known->length] != ':';
}

/* The place of a name that is known, or that of one given up for it, which then holds nothing yet. */
uint32_t known_place(Names *names, uint32_t above, const byte *text, size_t length, const byte *end);

#endif
