/* Tags: read whole, then named under the namespaces that they declare themselves, then put into the tables. */
#include "scanner.h"

/* The end of a qualified name, or NULL. `prefix_length` is 0 when it has no prefix. */
static const byte *name_end(const byte *at, const byte *end, uint32_t *prefix_length)
{
    const byte *from = at;
    *prefix_length = 0;
    for (;;) {
        if (at == end || !(CLASS[*at] & NAME_FIRST))
            return NULL;
        while (at < end && (CLASS[*at] & NAME_REST))
            at++;
        if (at - from > NAME_BYTES_MAX)
            return NULL;
        if (at == end || *at != ':')
            return at;
        if (*prefix_length)
            return NULL;
        *prefix_length = (uint32_t)(at - from);
        at++;
    }
}

/* One attribute with the blanks within it. Returns what follows its value, or NULL. */
static const byte *raw_attribute(const byte *at, const byte *end, RawAttribute *attribute)
{
    attribute->name = at;
    at = name_end(at, end, &attribute->prefix_length);
    if (!at)
        return NULL;
    attribute->name_length = (uint32_t)(at - attribute->name);
    while (at < end && is_blank(*at))
        at++;
    if (at == end || *at++ != '=')
        return NULL;
    while (at < end && is_blank(*at))
        at++;
    if (at == end || (*at != '"' && *at != '\''))
        return NULL;
    byte quote = *at++, common = PLAIN;
    attribute->value = at;
    for (; at < end && *at != quote && *at != '<' && *at != '>'; at++)
        common &= CLASS[*at];
    attribute->odd = !common;
    attribute->value_length = (uint32_t)(at - attribute->value);
    return at < end && *at == quote ? at + 1 : NULL;
}

static bool is_declaration(const RawAttribute *attribute)
{
    return !memcmp(attribute->name, "xmlns", 5) &&
           (attribute->prefix_length == 5 || (!attribute->prefix_length && attribute->name_length == 5));
}

/* All attributes of a tag: those that declare namespaces at the end of the array. Returns the `>` or `/`, or NULL. */
static const byte *raw_attributes(Scanner *scanner, const byte *at)
{
    const byte *end = scanner->end, *from = at;
    size_t most = scanner->limits.attributes, room = 2 * most + 1;
    scanner->attribute_count = scanner->declaration_count = 0;
    for (;;) {
        const byte *before = at;
        while (at < end && is_blank(*at))
            at++;
        if (at == end)
            return NULL;
        if (*at == '>' || *at == '/')
            return spells_few(from, at, most) ? at : NULL;
        RawAttribute *attribute = &scanner->attributes[scanner->attribute_count];
        if (at == before || !(at = raw_attribute(at, end, attribute)))
            return NULL;
        if (attribute->name_length >= 5 && is_declaration(attribute)) {
            if (++scanner->declaration_count > most)
                return NULL;
            scanner->attributes[room - scanner->declaration_count] = *attribute;
        } else if (++scanner->attribute_count > most) {
            return NULL;
        }
    }
}

/* Binds the prefix of one declaration. `mark`: the declarations in force around this element. */
static bool declare(Scanner *scanner, const RawAttribute *attribute, uint32_t mark)
{
    Names *names = &scanner->names;
    bool prefixed = attribute->prefix_length != 0;
    const byte *prefix = attribute->name + (prefixed ? 6 : 5);
    uint32_t number = prefix_number(names, prefix, (size_t)(attribute->name + attribute->name_length - prefix));
    if (number == NONE)
        return no_memory(scanner);
    if (number == XML_PREFIX || number == XMLNS_PREFIX)
        return false;
    for (size_t i = mark; i < names->declaration_count; i++)
        if (names->declarations[i].prefix == number)
            return false;
    if (attribute->value_length ? !plain_namespace(attribute->value, attribute->value_length) : prefixed)
        return false;
    uint32_t namespace = string_number(&names->namespaces, &names->seed, attribute->value, attribute->value_length);
    return (namespace != NONE && declared(names, number, namespace)) || no_memory(scanner);
}

static bool declare_all(Scanner *scanner, uint32_t mark)
{
    size_t room = 2 * scanner->limits.attributes + 1;
    for (size_t i = 1; i <= scanner->declaration_count; i++)
        if (!declare(scanner, &scanner->attributes[room - i], mark))
            return false;
    return true;
}

/* Whether an attribute only says where schemas lie: every schema allows it. */
static bool is_location(const Scanner *scanner, uint32_t name)
{
    return name == scanner->locations[0] || name == scanner->locations[1];
}

/* Works out what a name stands for, and fills its place with it. */
static bool name_resolved(Scanner *scanner, KnownName *known, const byte *name, size_t length, uint32_t prefix_length)
{
    Names *names = &scanner->names;
    bool attribute = known->above & 1;
    known->generation = 0; /* nothing is known until all of it is */
    uint32_t prefix = NO_PREFIX, namespace = NO_NAMESPACE;
    if (prefix_length || !attribute) {
        prefix = prefix_number(names, name, prefix_length);
        if (prefix == NONE)
            return no_memory(scanner);
        namespace = known->bound = names->bindings[prefix];
        if (namespace == NONE)
            return false;
    } else {
        /* Default namespaces say nothing of attributes: such a name hangs on a prefix that nobody may bind. */
        prefix = XMLNS_PREFIX;
        known->bound = NONE;
    }
    known->prefix = prefix;
    size_t local = prefix_length ? prefix_length + 1 : 0;
    known->name = name_of(names, namespace, name + local, length - local);
    if (known->name == NONE)
        return no_memory(scanner);
    /* Other attributes of this namespace change how an element is to be read. */
    if (attribute && namespace == SCHEMA_INSTANCE && !is_location(scanner, known->name))
        return false;
    uint32_t before = names->path_count;
    known->path = path_below(names, known->above / 2, known->name, attribute);
    if (known->path == NONE)
        return no_memory(scanner);
    /* One path beyond what is kept, so that whoever keeps the dictionary sees that it is full. */
    if (names->path_count > before && before > scanner->limits.known_paths)
        return false;
    /* A name that is too long to be kept is forgotten at once. */
    known->generation = known->length <= KNOWN_BYTES ? names->generation : 0;
    return true;
}

/* The place of a name whose bounds are known, its meaning under the bindings in force; NONE when it has none. */
static uint32_t named(Scanner *scanner, uint32_t above, uint32_t predicted, const byte *name, size_t length,
                      uint32_t prefix_length)
{
    Names *names = &scanner->names;
    uint32_t place = is_known(&names->known[predicted], names, above, name, scanner->end)
                         ? predicted
                         : known_place(names, above, name, length, scanner->end);
    KnownName *known = &names->known[place];
    if (known->generation == names->generation && names->bindings[known->prefix] == known->bound)
        return place;
    known->asked = INT32_MIN;
    return name_resolved(scanner, known, name, length, prefix_length) ? place : NONE;
}

static bool row_added(Scanner *scanner, uint32_t path, uint32_t parent, const byte *at)
{
    if (!grown((void **)&scanner->rows, &scanner->row_room, scanner->row_count + 1, sizeof(Row)))
        return no_memory(scanner);
    scanner->rows[scanner->row_count++] =
        (Row){path, parent, 0, scanner->base + (uint32_t)(at - scanner->start)};
    Path *table = &scanner->names.paths[path];
    table->rows++;
    table->last_parent = parent;
    if (table->document == scanner->number)
        return true;
    table->document = scanner->number;
    return ++scanner->paths <= scanner->limits.paths;
}

/* The value of an attribute as it is read. */
static bool value_resolved(Scanner *scanner, RawAttribute *attribute)
{
    /* The buffer is free: the parent's text is looked at no more, the element's own does not exist yet. */
    if (!grown((void **)&scanner->merged, &scanner->merged_room, (size_t)attribute->value_length + 1, 1))
        return no_memory(scanner);
    int64_t length = resolved_text(attribute->value, attribute->value_length, true, scanner->merged);
    attribute->value = scanner->merged;
    attribute->value_length = (uint32_t)length;
    return length >= 0;
}

/* Proves one attribute. Returns whether it is one that must be there. */
static bool attribute_proved(Scanner *scanner, KnownName *known, int32_t type, const RawAttribute *raw)
{
    if (known->asked != type) {
        known->asked = type;
        known->answer = attribute_of(&scanner->automaton, type, known->name);
    }
    const Attribute *told = known->answer;
    scanner->proving =
        told && content_proved(told->content, told->shortest, told->longest, raw->value, raw->value_length);
    return scanner->proving && told->required;
}

static bool attributes_added(Scanner *scanner, const Frame *frame)
{
    Names *names = &scanner->names;
    int32_t required = 0;
    uint32_t last = KNOWN_NAMES;
    for (size_t i = 0; i < scanner->attribute_count; i++) {
        RawAttribute *raw = &scanner->attributes[i];
        uint32_t predicted = i ? names->known[last].follow : names->known[frame->place].attribute;
        uint32_t place = named(scanner, frame->path * 2 + 1, predicted, raw->name, raw->name_length,
                               raw->prefix_length);
        if (place == NONE)
            return false;
        *(i ? &names->known[last].follow : &names->known[frame->place].attribute) = place;
        last = place;
        KnownName *known = &names->known[place];
        if (names->paths[known->path].last_parent == frame->row)
            return false; /* twice the same one, perhaps by two prefixes */
        if (raw->odd && !value_resolved(scanner, raw))
            return false;
        uint32_t value = string_number(&scanner->strings, &names->seed, raw->value, raw->value_length);
        if (value == NONE)
            return no_memory(scanner);
        if (!row_added(scanner, known->path, frame->row, raw->name))
            return false;
        scanner->rows[scanner->row_count - 1].text = value;
        if (scanner->proving && !is_location(scanner, known->name))
            required += attribute_proved(scanner, known, frame->type, raw);
    }
    if (scanner->proving)
        scanner->proving = required == scanner->automaton.types[frame->type].required;
    return true;
}

/* Takes the edge of the parent's content model that this child stands for. */
static void child_proved(Scanner *scanner, Frame *parent, Frame *child, KnownName *known)
{
    const Automaton *automaton = &scanner->automaton;
    if (known->asked != parent->state) {
        known->asked = parent->state;
        known->answer = edge_of(automaton, parent->state, known->name);
    }
    const Edge *edge = known->answer;
    if (!edge) {
        scanner->proving = false;
        return;
    }
    if (parent->state != AT_DOCUMENT)
        parent->state = edge->next;
    child->type = edge->type;
    child->state = automaton->types[edge->type].first;
}

/* An element that had none gets its first child: what stood before it is no leaf's text. */
static void made_complex(Scanner *scanner, Frame *frame)
{
    frame->complex = true;
    scanner->rows[frame->node].text = COMPLEX;
    const Text *text = &scanner->text;
    if (scanner->proving && text->length && scanner->automaton.types[frame->type].content != ANY_CONTENT)
        scanner->proving = only_blank(text->bytes, text->length);
}

/* Where the place of the name is kept that came next the last time: as first child, or behind this sibling. It is a
 * guess; whether the name is the same is always asked. */
static uint32_t *expected_place(Names *names, const Frame *parent)
{
    return parent->last == KNOWN_NAMES ? &names->known[parent->place].first : &names->known[parent->last].follow;
}

/* Opens an element whose tag is read: its name, its row, its place in the schema, its attributes. */
static bool opened(Scanner *scanner, Frame *parent, const byte *name, size_t length, uint32_t prefix_length)
{
    Names *names = &scanner->names;
    Frame *frame = parent + 1;
    frame->declarations = (uint32_t)names->declaration_count;
    if (scanner->declaration_count && !declare_all(scanner, frame->declarations))
        return false;
    uint32_t *expected = expected_place(names, parent);
    uint32_t place = named(scanner, parent->path * 2, *expected, name, length, prefix_length);
    if (place == NONE)
        return false;
    *expected = parent->last = place;
    KnownName *known = &names->known[place];
    if (!parent->complex)
        made_complex(scanner, parent);
    frame->name = name;
    frame->name_length = (uint32_t)length;
    frame->path = known->path;
    frame->row = names->paths[known->path].rows;
    frame->node = (uint32_t)scanner->row_count;
    frame->place = place;
    frame->last = KNOWN_NAMES;
    frame->complex = false;
    if (scanner->proving)
        child_proved(scanner, parent, frame, known);
    scanner->depth++;
    scanner->text = (Text){name, 0, false};
    return row_added(scanner, frame->path, parent->row, name - 1) && attributes_added(scanner, frame);
}

static void closed(Scanner *scanner)
{
    undeclared_to(&scanner->names, scanner->frames[scanner->depth].declarations);
    scanner->depth--;
}

bool start_tag(Scanner *scanner)
{
    const byte *name = scanner->at + 1, *end = scanner->end;
    Frame *parent = &scanner->frames[scanner->depth];
    if (scanner->depth >= scanner->limits.depth)
        return false;
    Names *names = &scanner->names;
    const KnownName *guess = &names->known[*expected_place(names, parent)];
    const byte *at = is_known(guess, names, parent->path * 2, name, end) ? name + guess->length : NULL;
    uint32_t prefix_length = 0;
    /* Without attributes nothing can change what a known name stands for; else its parts are asked for. */
    if (!at || names->bindings[guess->prefix] != guess->bound || *at != '>')
        at = name_end(name, end, &prefix_length);
    if (!at)
        return false;
    size_t length = (size_t)(at - name);
    if (at < end && *at == '>')
        scanner->attribute_count = scanner->declaration_count = 0;
    else if (!(at = raw_attributes(scanner, at)))
        return false;
    bool empty = *at == '/';
    if (empty && (end - at < 2 || at[1] != '>'))
        return false;
    if (!opened(scanner, parent, name, length, prefix_length))
        return false;
    scanner->at = at + (empty ? 2 : 1);
    if (!empty)
        return true;
    bool done = text_done(scanner);
    closed(scanner);
    return done;
}

bool end_tag(Scanner *scanner)
{
    const Frame *frame = &scanner->frames[scanner->depth];
    const byte *at = scanner->at + 2, *end = scanner->end;
    size_t left = (size_t)(end - at);
    if (left <= frame->name_length || !same_bytes(frame->name, at, frame->name_length, left))
        return false;
    at += frame->name_length;
    while (at < end && is_blank(*at))
        at++;
    if (at == end || *at != '>')
        return false;
    scanner->at = at + 1;
    if (!frame->complex) {
        if (!text_done(scanner))
            return false;
    } else if (scanner->proving) {
        const Type *type = &scanner->automaton.types[frame->type];
        scanner->proving = type->first != NO_CHILDREN && scanner->automaton.accepting[frame->state];
    }
    closed(scanner);
    return true;
}
