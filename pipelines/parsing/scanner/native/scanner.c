/* The library's face: a scanner is opened for a schema, reads batches, and hands over their tables.
 *
 * A scanner belongs to one thread at a time. Numbers given back are 0 or more; OUT_OF_MEMORY stands for all failures.
 */
#include "scanner.h"

#include <stdlib.h>

#if defined(_WIN32)
#define FACE __declspec(dllexport)
#else
#define FACE __attribute__((visibility("default")))
#endif

/* Raised with every change of this face: native.py asks for its own. */
#define FACE_VERSION 2

/* What native.py hands over to open a scanner. Arrays as in SchemaAutomaton; names one behind the other, cut by NUL. */
typedef struct {
    uint64_t seed;
    uint64_t document_bytes, depth, attributes, elements, text_bytes, declarations, paths, known_paths;
    const char *names;
    uint64_t name_bytes, name_count;
    const int32_t *roots, *edges, *types, *schema_attributes;
    const uint8_t *accepting;
    uint64_t root_count, edge_count, type_count, schema_attribute_count, state_count;
} Opening;

FACE int64_t relais_scanner_version(void) { return FACE_VERSION; }

FACE void relais_scanner_close(Scanner *scanner)
{
    if (!scanner)
        return;
    automaton_freed(&scanner->automaton);
    names_freed(&scanner->names);
    strings_freed(&scanner->strings);
    free(scanner->rows);
    free(scanner->frames);
    free(scanner->attributes);
    free(scanner->merged);
    free(scanner);
}

/* The names of the automaton get the numbers that they have there; ours follow. */
static bool names_known(Scanner *scanner, const Opening *opening)
{
    const char *name = opening->names, *end = opening->names + opening->name_bytes;
    for (uint64_t i = 0; i < opening->name_count; i++) {
        const char *stop = name < end ? memchr(name, 0, (size_t)(end - name)) : NULL;
        if (!stop || expanded_name(&scanner->names, (const byte *)name, (size_t)(stop - name)) != i)
            return false;
        name = stop + 1;
    }
    static const char *const LOCATIONS[] = {"schemaLocation", "noNamespaceSchemaLocation"};
    for (int i = 0; i < 2; i++) {
        scanner->locations[i] =
            name_of(&scanner->names, SCHEMA_INSTANCE, (const byte *)LOCATIONS[i], strlen(LOCATIONS[i]));
        if (scanner->locations[i] == NONE)
            return false;
    }
    scanner->kept = names_mark(&scanner->names);
    return true;
}

static bool made(Scanner *scanner, const Opening *opening)
{
    Seed seed = seed_from(opening->seed);
    scanner->limits = (Limits){opening->document_bytes, opening->depth, opening->attributes, opening->elements,
                               opening->text_bytes, opening->declarations, opening->paths, opening->known_paths};
    scanner->frames = calloc(opening->depth + 1, sizeof(Frame));
    scanner->attributes = calloc(2 * opening->attributes + 1, sizeof(RawAttribute));
    scanner->automaton.seed = seed;
    return scanner->frames && scanner->attributes && names_made(&scanner->names, seed) &&
           names_known(scanner, opening) &&
           automaton_made(&scanner->automaton, opening->roots, opening->root_count, opening->edges,
                          opening->edge_count, opening->accepting, opening->state_count, opening->types,
                          opening->type_count, opening->schema_attributes, opening->schema_attribute_count,
                          opening->name_count);
}

/* NULL without memory, or when the arrays do not fit each other. */
FACE Scanner *relais_scanner_open(const Opening *opening)
{
    Scanner *scanner = calloc(1, sizeof *scanner);
    if (scanner && made(scanner, opening))
        return scanner;
    relais_scanner_close(scanner);
    return NULL;
}

/* Forgets all paths: the caller starts a new dictionary. */
FACE int64_t relais_paths_forget(Scanner *scanner)
{
    return paths_emptied(&scanner->names, scanner->kept) ? 0 : OUT_OF_MEMORY;
}

/* Adds a path that others found. Returns its number. */
FACE int64_t relais_path_add(Scanner *scanner, uint32_t parent, const char *name, uint64_t length, int32_t attribute)
{
    if (parent >= scanner->names.path_count)
        return OUT_OF_MEMORY;
    uint32_t number = expanded_name(&scanner->names, (const byte *)name, length);
    uint32_t path = number == NONE ? NONE : path_below(&scanner->names, parent, number, attribute != 0);
    return path == NONE ? OUT_OF_MEMORY : (int64_t)path;
}

FACE uint64_t relais_path_count(const Scanner *scanner) { return scanner->names.path_count; }

/* A path, and its name in three pieces. */
FACE void relais_path(const Scanner *scanner, uint32_t number, uint32_t *parent, int32_t *attribute,
                      const byte **namespace, uint64_t *namespace_length, const byte **local, uint64_t *local_length)
{
    const Names *names = &scanner->names;
    const Path *path = &names->paths[number];
    size_t length;
    const byte *name = string_bytes(&names->locals, path->name, &length);
    uint32_t space;
    memcpy(&space, name, 4);
    *parent = path->parent;
    *attribute = path->attribute;
    *local = name + 4;
    *local_length = length - 4;
    *namespace = string_bytes(&names->namespaces, space, &length);
    *namespace_length = length;
}

/* Takes back what a document put into the tables after these marks. */
static void taken_back(Scanner *scanner, size_t rows, uint32_t strings, NamesMark names)
{
    while (scanner->row_count > rows) {
        Path *path = &scanner->names.paths[scanner->rows[--scanner->row_count].path];
        path->rows--;
        path->last_parent = NONE;
    }
    strings_cut(&scanner->strings, strings);
    names_back_to(&scanner->names, names);
}

static bool batch_begun(Scanner *scanner)
{
    scanner->row_count = 0;
    for (uint32_t path = 0; path < scanner->names.path_count; path++) {
        scanner->names.paths[path].rows = 0;
        scanner->names.paths[path].last_parent = scanner->names.paths[path].document = NONE;
    }
    return strings_emptied(&scanner->strings) &&
           string_number(&scanner->strings, &scanner->names.seed, (const byte *)"", 0) == 0;
}

/* Reads a batch, whose documents have less than 2**31 bytes in all. The last batch is forgotten. */
FACE int64_t relais_scan(Scanner *scanner, const char *const *documents, const int64_t *lengths, int64_t count,
                         int8_t *statuses)
{
    if (!batch_begun(scanner))
        return OUT_OF_MEMORY;
    uint64_t base = 0;
    for (int64_t i = 0; i < count; i++) {
        size_t rows = scanner->row_count;
        uint32_t strings = scanner->strings.count;
        if (!prefixes_trimmed(&scanner->names))
            return OUT_OF_MEMORY;
        NamesMark names = names_mark(&scanner->names);
        int status = read_document(scanner, (const byte *)documents[i], (size_t)lengths[i], (uint32_t)i,
                                   (uint32_t)base);
        if (status <= UNREAD)
            taken_back(scanner, rows, strings, names);
        if (status == OUT_OF_MEMORY)
            return OUT_OF_MEMORY;
        statuses[i] = (int8_t)status;
        base += (uint64_t)lengths[i];
    }
    return 0;
}

/* Sizes of the batch read last: rows, paths, strings, bytes of all strings with a NUL behind each. */
FACE void relais_sizes(const Scanner *scanner, uint64_t sizes[4])
{
    sizes[0] = scanner->row_count;
    sizes[1] = scanner->names.path_count;
    sizes[2] = scanner->strings.count;
    sizes[3] = scanner->strings.used;
}

/* Writes the columns of all paths one behind the other; those of path p start at starts[p]. */
FACE void relais_columns(Scanner *scanner, int32_t *parents, int32_t *texts, int32_t *orders, int64_t *starts)
{
    Path *paths = scanner->names.paths;
    uint32_t at = 0;
    for (uint32_t path = 0; path < scanner->names.path_count; path++) {
        uint32_t rows = paths[path].rows;
        starts[path] = paths[path].rows = at;
        at += rows;
    }
    starts[scanner->names.path_count] = at;
    for (size_t i = 0; i < scanner->row_count; i++) {
        const Row *row = &scanner->rows[i];
        uint32_t place = paths[row->path].rows++;
        parents[place] = (int32_t)row->parent;
        texts[place] = (int32_t)row->text;
        orders[place] = (int32_t)row->order;
    }
    scanner->row_count = 0;
}

FACE const byte *relais_strings(const Scanner *scanner) { return scanner->strings.bytes; }

/* Gives back what a huge batch needed beyond what is kept. */
FACE void relais_batch_end(Scanner *scanner)
{
    scanner->row_count = 0;
    strings_emptied(&scanner->strings);
    shrunk((void **)&scanner->rows, &scanner->row_room, sizeof(Row));
    shrunk((void **)&scanner->merged, &scanner->merged_room, 1);
}
