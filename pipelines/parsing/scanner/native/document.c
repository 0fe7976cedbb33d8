/* One document from its first byte to its last: what stands between tags. */
#include "scanner.h"

/* Shorter bytes cannot hold as many elements: the shortest is `<a/>`. The gate of XML counts from there on. */
#define SHORTEST_ELEMENT 4

#define SPELLED 5 /* bytes of `xmlns` */

static bool starts(const byte *at, const byte *end, const char *text, size_t length)
{
    return (size_t)(end - at) >= length && !memcmp(at, text, length);
}

static const byte *past_blanks(const byte *at, const byte *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* The gate counts every `<`, `=` and quote of a long document, wherever they stand: so must we. */
static bool counts_within(const Scanner *scanner, const byte *text, size_t length)
{
    size_t most = scanner->limits.elements;
    if (length <= SHORTEST_ELEMENT * most)
        return true;
    size_t elements = 0, equals = 0, quotes = 0;
    for (size_t i = 0; i < length; i++) {
        elements += text[i] == '<' && (i + 1 == length || text[i + 1] != '/');
        equals += text[i] == '=';
        quotes += text[i] == '"' || text[i] == '\'';
    }
    return elements <= most && (equals < quotes / 2 ? equals : quotes / 2) <= most;
}

bool spells_few(const byte *at, const byte *end, size_t most)
{
    size_t found = 0;
    if ((size_t)(end - at) <= SPELLED * most)
        return true;
    while (end - at >= SPELLED && (at = memchr(at, 'x', (size_t)(end - at) - (SPELLED - 1)))) {
        found += !memcmp(at, "xmlns", SPELLED);
        at++;
    }
    return found <= most;
}

/* One pseudo-attribute of the XML declaration: blanks before it, its value in quotes. Returns what follows, or NULL. */
static const byte *pseudo_attribute(const byte *at, const byte *end, const char *name, size_t length,
                                    const byte **value, size_t *value_length)
{
    const byte *from = past_blanks(at, end);
    if (from == at || !starts(from, end, name, length))
        return NULL;
    from = past_blanks(from + length, end);
    if (from == end || *from++ != '=')
        return NULL;
    from = past_blanks(from, end);
    if (from == end || (*from != '"' && *from != '\''))
        return NULL;
    *value = from + 1;
    const byte *close = memchr(*value, *from, (size_t)(end - *value));
    if (!close)
        return NULL;
    *value_length = (size_t)(close - *value);
    return close + 1;
}

static bool is_utf8(const byte *value, size_t length)
{
    return length == 5 && (value[0] | 32) == 'u' && (value[1] | 32) == 't' && (value[2] | 32) == 'f' &&
           value[3] == '-' && value[4] == '8';
}

/* Goes past the XML declaration, if there is one. */
static bool declaration(Scanner *scanner)
{
    const byte *at = scanner->at, *end = scanner->end, *value, *next;
    size_t length;
    if (!starts(at, end, "<?xml", 5) || end - at == 5 || !is_blank(at[5]))
        return true;
    at = pseudo_attribute(at + 5, end, "version", 7, &value, &length);
    if (!at || length != 3 || memcmp(value, "1.0", 3))
        return false;
    next = pseudo_attribute(at, end, "encoding", 8, &value, &length);
    if (next) {
        if (!is_utf8(value, length))
            return false;
        at = next;
    }
    next = pseudo_attribute(at, end, "standalone", 10, &value, &length);
    if (next) {
        if (!(length == 3 && !memcmp(value, "yes", 3)) && !(length == 2 && !memcmp(value, "no", 2)))
            return false;
        at = next;
    }
    at = past_blanks(at, end);
    scanner->at = at + 2;
    return starts(at, end, "?>", 2);
}

static const byte *comment_end(const byte *at, const byte *end)
{
    while (end - at >= 3 && (at = memchr(at, '-', (size_t)(end - at) - 2))) {
        if (at[1] == '-')
            return at[2] == '>' ? at + 3 : NULL;
        at++;
    }
    return NULL;
}

/* `at` stands behind `<?`. */
static const byte *instruction_end(const byte *at, const byte *end)
{
    const byte *target = at;
    if (at == end || !(CLASS[*at] & NAME_FIRST))
        return NULL;
    while (at < end && (CLASS[*at] & NAME_REST))
        at++;
    size_t length = (size_t)(at - target);
    if (length > NAME_BYTES_MAX ||
        (length == 3 && (target[0] | 32) == 'x' && (target[1] | 32) == 'm' && (target[2] | 32) == 'l'))
        return NULL;
    if (!starts(at, end, "?>", 2) && (at == end || !is_blank(*at)))
        return NULL;
    while (end - at >= 2 && (at = memchr(at, '?', (size_t)(end - at) - 1))) {
        if (at[1] == '>')
            return at + 2;
        at++;
    }
    return NULL;
}

/* Goes past a comment or a processing instruction. */
static bool skipped(Scanner *scanner)
{
    const byte *at = scanner->at, *end = scanner->end;
    const byte *after = starts(at, end, "<!--", 4)  ? comment_end(at + 4, end)
                        : starts(at, end, "<?", 2) ? instruction_end(at + 2, end)
                                                   : NULL;
    if (!after)
        return false;
    /* What the gate takes for a tag may start inside a comment and end behind it, but no `<` is ever in it. */
    const byte *less = memchr(after, '<', (size_t)(end - after));
    if (!spells_few(at, less ? less : end, scanner->limits.attributes))
        return false;
    scanner->at = after;
    return true;
}

/* Goes past what may stand before and behind the root element. */
static bool outside(Scanner *scanner)
{
    for (;;) {
        scanner->at = past_blanks(scanner->at, scanner->end);
        if (scanner->end - scanner->at < 2 || (scanner->at[1] != '!' && scanner->at[1] != '?'))
            return true;
        if (!skipped(scanner))
            return false;
    }
}

/* From behind the root's start tag to behind its end tag. */
static bool inside(Scanner *scanner)
{
    while (scanner->depth) {
        bool odd;
        const byte *at = scanner->at, *less = text_end(at, scanner->end, &odd);
        if (scanner->end - less < 2)
            return false;
        if (less > at && !text_piece(scanner, at, (size_t)(less - at), odd))
            return false;
        scanner->at = less;
        if (less[1] == '/') {
            if (!end_tag(scanner))
                return false;
        } else if (less[1] == '!' || less[1] == '?') {
            if (!skipped(scanner))
                return false;
        } else if (!start_tag(scanner)) {
            return false;
        }
    }
    return true;
}

/* Puts a piece behind those that came before it, its references resolved. */
static bool merged_piece(Scanner *scanner, const byte *bytes, size_t length)
{
    Text *text = &scanner->text;
    size_t before = text->length;
    if (!grown((void **)&scanner->merged, &scanner->merged_room, before + length + 1, 1))
        return no_memory(scanner);
    if (before && !text->merged)
        memcpy(scanner->merged, text->bytes, before);
    int64_t added = resolved_text(bytes, length, false, scanner->merged + before);
    text->merged = true;
    text->bytes = scanner->merged;
    text->length = before + (size_t)(added < 0 ? 0 : added);
    return added >= 0;
}

bool text_piece(Scanner *scanner, const byte *bytes, size_t length, bool odd)
{
    const Frame *frame = &scanner->frames[scanner->depth];
    Text *text = &scanner->text;
    if (length > scanner->limits.text_bytes)
        return false;
    if (!frame->complex) {
        if (odd || text->length)
            return merged_piece(scanner, bytes, length);
        text->bytes = bytes;
        text->length = length;
        return true;
    }
    if (scanner->proving && scanner->automaton.types[frame->type].content != ANY_CONTENT)
        scanner->proving = only_blank(bytes, length);
    if (!odd)
        return true;
    /* Beside child elements texts are in no table, but they must be well-formed. */
    text->length = 0;
    return merged_piece(scanner, bytes, length);
}

bool text_done(Scanner *scanner)
{
    const Frame *frame = &scanner->frames[scanner->depth];
    const Text *text = &scanner->text;
    if (text->length > scanner->limits.text_bytes)
        return false;
    uint32_t number = text->length ? string_number(&scanner->strings, &scanner->names.seed, text->bytes, text->length)
                                   : 0;
    if (number == NONE)
        return no_memory(scanner);
    scanner->rows[frame->node].text = number;
    if (scanner->proving) {
        const Type *type = &scanner->automaton.types[frame->type];
        /* The schema speaks of the text as it is read, references resolved: so do we. */
        scanner->proving =
            (type->first == NO_CHILDREN || scanner->automaton.accepting[frame->state]) &&
            content_proved(type->content, type->shortest, type->longest, text->bytes, text->length);
    }
    return true;
}

int read_document(Scanner *scanner, const byte *data, size_t length, uint32_t number, uint32_t base)
{
    if (length > scanner->limits.document_bytes || !legal_characters(data, length) ||
        !counts_within(scanner, data, length) || !spells_few(data, data + length, scanner->limits.declarations))
        return UNREAD;
    scanner->start = scanner->at = data;
    scanner->end = data + length;
    scanner->base = base;
    scanner->number = number;
    scanner->paths = 0;
    scanner->depth = 0;
    scanner->proving = true;
    scanner->out_of_memory = false;
    Frame *document = &scanner->frames[0];
    document->path = 0;
    document->row = number;
    document->state = AT_DOCUMENT;
    document->type = 0;
    document->place = document->last = KNOWN_NAMES;
    document->complex = true;
    if (starts(data, scanner->end, "\xEF\xBB\xBF", 3))
        scanner->at += 3;
    bool read = declaration(scanner) && outside(scanner) && scanner->at < scanner->end && *scanner->at == '<' &&
                start_tag(scanner) && inside(scanner) && outside(scanner) && scanner->at == scanner->end;
    undeclared_to(&scanner->names, 0);
    return scanner->out_of_memory ? OUT_OF_MEMORY : !read ? UNREAD : scanner->proving ? PROVED : READ;
}
