/* A scanner: what stays between batches, the batch, and the document being read. */
#ifndef RELAIS_SCANNER_H
#define RELAIS_SCANNER_H

#include "automaton.h"
#include "names.h"

/* The numbers of `Status` in reading.py, and the want of memory, which is no verdict on a document. */
enum { UNREAD = 0, READ = 1, PROVED = 2, OUT_OF_MEMORY = -1 };

#define COMPLEX UINT32_MAX

typedef struct {
    size_t document_bytes, depth, attributes, elements, text_bytes;
    size_t declarations, paths; /* of one document */
    size_t known_paths;         /* of the dictionary, before it is begun anew */
} Limits;

/* One node in the tables. Rows are kept in document order and sorted by path when the batch is done. */
typedef struct {
    uint32_t path, parent, text, order;
} Row;

/* An open element. Frame 0 is the document node. */
typedef struct {
    const byte *name;
    uint32_t name_length;
    uint32_t path, row;
    uint32_t node; /* its place in `rows` */
    uint32_t place, last; /* in `known`: itself, its last child so far (KNOWN_NAMES: none yet) */
    uint32_t declarations; /* how many were in force around it */
    int32_t state, type;
    bool complex; /* it has child elements */
} Frame;

/* An attribute as it stands in its tag. */
typedef struct {
    const byte *name, *value;
    uint32_t name_length, value_length, prefix_length; /* without the colon; 0 without prefix */
    bool odd; /* its value may hold references, TAB, LF or CR */
} RawAttribute;

/* The text of the innermost element, as long as it has no child elements. */
typedef struct {
    const byte *bytes; /* in the document, or in `merged` */
    size_t length;
    bool merged; /* more than one piece, or changed: it lies in the buffer */
} Text;

typedef struct {
    Limits limits;
    Automaton automaton;
    Names names;
    NamesMark kept; /* the names of the automaton and our own, which are never forgotten */
    uint32_t locations[2]; /* the names xsi:schemaLocation and xsi:noNamespaceSchemaLocation */

    Strings strings;
    Row *rows;
    size_t row_room, row_count;

    const byte *start, *at, *end; /* of the document */
    uint32_t base;                /* bytes of the batch before it */
    uint32_t number;              /* its place in the batch */
    size_t paths;                 /* different ones in it so far */
    Frame *frames;
    size_t depth;
    RawAttribute *attributes;
    size_t attribute_count, declaration_count; /* of the tag being read; declarations stand at the end of the array */
    Text text;
    byte *merged;
    size_t merged_room;
    bool proving;
    bool out_of_memory;
} Scanner;

/* Reads one document: its status. Rows and strings of one that is not READ stay, for the caller to take back. */
int read_document(Scanner *scanner, const byte *data, size_t length, uint32_t number, uint32_t base);

/* A tag, opened (document.c) and named (tags.c). Both return false when the document is not read. */
bool start_tag(Scanner *scanner);
bool end_tag(Scanner *scanner);

/* Whether `xmlns` is spelled no more often than a tag may: the gate counts it so, in whatever looks like a tag. */
bool spells_few(const byte *at, const byte *end, size_t most);

/* Takes the text before the next tag, or cuts what is no text. */
bool text_piece(Scanner *scanner, const byte *bytes, size_t length, bool odd);

/* The text of the innermost element is whole: puts it into the tables, and proves it. */
bool text_done(Scanner *scanner);

static inline bool no_memory(Scanner *scanner)
{
    scanner->out_of_memory = true;
    return false;
}

#endif
