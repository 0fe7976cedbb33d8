/* Namespaces in force, expanded names, paths: what a tag's name stands for. */
#include "names.h"

#include <stdlib.h>

#define PREFIXES_KEPT 4096

static const char INSTANCE[] = "http://www.w3.org/2001/XMLSchema-instance";

static bool prefixes_begun(Names *names)
{
    names->declaration_count = 0;
    if (!strings_emptied(&names->prefixes))
        return false;
    bool begun = prefix_number(names, (const byte *)"", 0) == NO_PREFIX &&
                 prefix_number(names, (const byte *)"xml", 3) == XML_PREFIX &&
                 prefix_number(names, (const byte *)"xmlns", 5) == XMLNS_PREFIX;
    if (begun)
        names->bindings[NO_PREFIX] = NO_NAMESPACE;
    return begun;
}

bool names_made(Names *names, Seed seed)
{
    names->seed = seed;
    names->generation = 1;
    names->known = calloc(KNOWN_NAMES + 1, sizeof(KnownName));
    if (!names->known || !prefixes_begun(names) || !strings_emptied(&names->namespaces) ||
        !strings_emptied(&names->locals))
        return false;
    if (string_number(&names->namespaces, &seed, (const byte *)"", 0) != NO_NAMESPACE ||
        string_number(&names->namespaces, &seed, (const byte *)INSTANCE, sizeof INSTANCE - 1) != SCHEMA_INSTANCE)
        return false;
    return paths_emptied(names, names_mark(names));
}

void names_freed(Names *names)
{
    strings_freed(&names->prefixes);
    strings_freed(&names->namespaces);
    strings_freed(&names->locals);
    free(names->bindings);
    free(names->declarations);
    free(names->paths);
    free(names->path_slots);
    free(names->known);
    free(names->key);
}

/* All that is known of names speaks of numbers that are gone. */
static void known_forgotten(Names *names)
{
    if (++names->generation == 0) {
        memset(names->known, 0, (KNOWN_NAMES + 1) * sizeof(KnownName));
        names->generation = 1;
    }
}

static size_t path_slot(const Names *names, uint32_t parent, uint32_t name, bool attribute)
{
    return hash_of_pair(&names->seed, parent * 2 + attribute, name) & (names->path_slot_room - 1);
}

static void path_slot_put(Names *names, uint32_t number)
{
    const Path *path = &names->paths[number];
    size_t slot = path_slot(names, path->parent, path->name, path->attribute);
    while (names->path_slots[slot])
        slot = (slot + 1) & (names->path_slot_room - 1);
    names->path_slots[slot] = number + 1;
}

static bool path_slots_grown(Names *names)
{
    size_t room = names->path_slot_room ? names->path_slot_room * 2 : 1024;
    uint32_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return false;
    free(names->path_slots);
    names->path_slots = slots;
    names->path_slot_room = room;
    for (uint32_t number = 1; number < names->path_count; number++)
        path_slot_put(names, number);
    return true;
}

bool paths_emptied(Names *names, NamesMark kept)
{
    names->path_count = 0;
    strings_cut(&names->namespaces, kept.namespaces);
    strings_cut(&names->locals, kept.locals);
    known_forgotten(names);
    shrunk((void **)&names->paths, &names->path_room, sizeof(Path));
    shrunk((void **)&names->path_slots, &names->path_slot_room, sizeof(uint32_t));
    if (!grown((void **)&names->paths, &names->path_room, 1, sizeof(Path)))
        return false;
    names->paths[0] = (Path){NONE, 0, false, 0, NONE, NONE};
    names->path_count = 1;
    if (names->path_slots)
        memset(names->path_slots, 0, names->path_slot_room * sizeof(uint32_t));
    return names->path_slots || path_slots_grown(names);
}

NamesMark names_mark(const Names *names)
{
    return (NamesMark){names->namespaces.count, names->locals.count, names->path_count};
}

void names_back_to(Names *names, NamesMark mark)
{
    if (names->path_count > mark.paths || names->locals.count > mark.locals ||
        names->namespaces.count > mark.namespaces)
        known_forgotten(names);
    while (names->path_count > mark.paths) {
        const Path *path = &names->paths[--names->path_count];
        size_t slot = path_slot(names, path->parent, path->name, path->attribute);
        while (names->path_slots[slot] != names->path_count + 1)
            slot = (slot + 1) & (names->path_slot_room - 1);
        names->path_slots[slot] = 0;
    }
    strings_cut(&names->locals, mark.locals);
    strings_cut(&names->namespaces, mark.namespaces);
}

bool prefixes_trimmed(Names *names)
{
    if (names->prefixes.count <= PREFIXES_KEPT)
        return true;
    known_forgotten(names);
    shrunk((void **)&names->bindings, &names->binding_room, sizeof(uint32_t));
    shrunk((void **)&names->declarations, &names->declaration_room, sizeof(Declaration));
    return prefixes_begun(names);
}

uint32_t prefix_number(Names *names, const byte *text, size_t length)
{
    uint32_t number = string_number(&names->prefixes, &names->seed, text, length);
    if (number == NONE)
        return NONE;
    if (number == names->prefixes.count - 1) {
        /* It may be new: the bindings of all before it are there. */
        size_t before = names->binding_room;
        if (!grown((void **)&names->bindings, &names->binding_room, (size_t)number + 1, sizeof(uint32_t))) {
            strings_cut(&names->prefixes, number);
            return NONE;
        }
        for (size_t i = before; i < names->binding_room; i++)
            names->bindings[i] = NONE;
    }
    return number;
}

bool declared(Names *names, uint32_t prefix, uint32_t namespace)
{
    if (!grown((void **)&names->declarations, &names->declaration_room, names->declaration_count + 1,
               sizeof(Declaration)))
        return false;
    names->declarations[names->declaration_count++] = (Declaration){prefix, names->bindings[prefix]};
    names->bindings[prefix] = namespace;
    return true;
}

uint32_t name_of(Names *names, uint32_t namespace, const byte *local, size_t length)
{
    if (!grown((void **)&names->key, &names->key_room, length + 4, 1))
        return NONE;
    memcpy(names->key, &namespace, 4);
    memcpy(names->key + 4, local, length);
    return string_number(&names->locals, &names->seed, names->key, length + 4);
}

uint32_t expanded_name(Names *names, const byte *text, size_t length)
{
    const byte *close = length && text[0] == '{' ? memchr(text, '}', length) : NULL;
    if (!close)
        return name_of(names, NO_NAMESPACE, text, length);
    uint32_t namespace =
        string_number(&names->namespaces, &names->seed, text + 1, (size_t)(close - text) - 1);
    return namespace == NONE ? NONE : name_of(names, namespace, close + 1, (size_t)(text + length - close) - 1);
}

uint32_t path_below(Names *names, uint32_t parent, uint32_t name, bool attribute)
{
    if (names->path_count >= names->path_slot_room / 2 && !path_slots_grown(names))
        return NONE;
    size_t slot = path_slot(names, parent, name, attribute);
    for (; names->path_slots[slot]; slot = (slot + 1) & (names->path_slot_room - 1)) {
        const Path *path = &names->paths[names->path_slots[slot] - 1];
        if (path->parent == parent && path->name == name && path->attribute == attribute)
            return names->path_slots[slot] - 1;
    }
    if (names->path_count >= INT32_MAX - 1 ||
        !grown((void **)&names->paths, &names->path_room, (size_t)names->path_count + 1, sizeof(Path)))
        return NONE;
    names->paths[names->path_count] = (Path){parent, name, attribute, 0, NONE, NONE};
    path_slot_put(names, names->path_count);
    return names->path_count++;
}

uint32_t known_place(Names *names, uint32_t above, const byte *text, size_t length, const byte *end)
{
    uint32_t hash = hash_of(&names->seed, text, length) ^ hash_of_pair(&names->seed, above, 0);
    uint32_t first = hash & (KNOWN_NAMES - KNOWN_WAYS);
    for (uint32_t place = first; place < first + KNOWN_WAYS; place++)
        if (names->known[place].length == length && is_known(&names->known[place], names, above, text, end))
            return place;
    if (length > KNOWN_BYTES)
        first = KNOWN_NAMES;
    else
        first += names->turn++ & (KNOWN_WAYS - 1);
    KnownName *known = &names->known[first];
    known->generation = 0;
    known->above = above;
    known->length = (uint32_t)length;
    known->asked = INT32_MIN;
    known->first = known->follow = known->attribute = KNOWN_NAMES;
    if (length <= KNOWN_BYTES)
        memcpy(known->bytes, text, length);
    return first;
}
