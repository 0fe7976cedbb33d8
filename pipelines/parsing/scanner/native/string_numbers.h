/* Memory that grows within bounds, and strings that get a number each. */
#ifndef RELAIS_STRING_NUMBERS_H
#define RELAIS_STRING_NUMBERS_H

#include "lexis.h"

#include <string.h>

/* Every function that may need memory returns false, or NONE, when there is none: nothing is lost or half done. */
#define NONE UINT32_MAX

/* What a buffer may keep between two batches; a huge batch must not hold on to its memory for ever. */
#define KEPT_BYTES ((size_t)32 << 20)

/* Makes room for `needed` items in all. */
bool grown(void **items, size_t *room, size_t needed, size_t item);

/* Gives a buffer back when it is larger than what is kept. It must be empty. */
void shrunk(void **items, size_t *room, size_t item);

/* Secret numbers that no sender knows, so that none can make strings that meet in one place of a table. */
typedef struct {
    uint64_t words[4];
} Seed;

Seed seed_from(uint64_t secret);

static inline uint64_t mixed(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX), high = (a >> 32) * (b >> 32);
    uint64_t left = (a >> 32) * (b & UINT32_MAX), right = (a & UINT32_MAX) * (b >> 32);
    uint64_t middle = left + (low >> 32) + (right & UINT32_MAX);
    return ((middle << 32) | (low & UINT32_MAX)) ^ (high + (middle >> 32) + (right >> 32));
#endif
}

static inline uint64_t word(const byte *at)
{
    uint64_t value;
    memcpy(&value, at, 8);
    return value;
}

static inline uint64_t half_word(const byte *at)
{
    uint32_t value;
    memcpy(&value, at, 4);
    return value;
}

static inline uint32_t hash_of(const Seed *seed, const byte *text, size_t length)
{
    uint64_t a, b, state = seed->words[0];
    if (length > 16) {
        size_t left = length;
        for (; left > 16; left -= 16, text += 16)
            state = mixed(word(text) ^ seed->words[1], word(text + 8) ^ state);
        /* The last 16 bytes, which may overlap those already mixed: nothing is read beyond the text. */
        a = word(text + left - 16);
        b = word(text + left - 8);
    } else if (length >= 8) {
        a = word(text);
        b = word(text + length - 8);
    } else if (length >= 4) {
        a = half_word(text);
        b = half_word(text + length - 4);
    } else {
        a = length ? (uint64_t)text[0] << 16 | (uint64_t)text[length >> 1] << 8 | text[length - 1] : 0;
        b = 0;
    }
    state = mixed(a ^ seed->words[2], b ^ state);
    state = mixed(state ^ length, seed->words[3]);
    return (uint32_t)(state ^ (state >> 32));
}

static inline uint32_t hash_of_pair(const Seed *seed, uint32_t first, uint32_t second)
{
    uint64_t state = mixed(((uint64_t)first << 32 | second) ^ seed->words[1], seed->words[2]);
    return (uint32_t)(state ^ (state >> 32));
}

typedef struct {
    uint32_t hash;
    uint32_t number; /* number of the string + 1; 0 in an empty slot */
} StringSlot;

typedef struct {
    uint32_t start;
    uint32_t hash;
} StringPlace;

/* Distinct strings, numbered from 0 as they come. They lie one behind the other, each with a NUL behind it: NUL is no
 * character of XML, so the whole can be cut at it. */
typedef struct {
    StringSlot *slots;
    size_t slot_room; /* a power of two */
    StringPlace *places;
    size_t place_room;
    byte *bytes;
    size_t byte_room;
    size_t used; /* bytes */
    uint32_t count;
} Strings;

/* The number of a string, given when new; NONE when there is no memory. */
uint32_t string_number(Strings *strings, const Seed *seed, const byte *text, size_t length);

/* Forgets all strings from number `count` on. */
void strings_cut(Strings *strings, uint32_t count);

/* Forgets all strings, and gives back what is more than is kept. */
bool strings_emptied(Strings *strings);
void strings_freed(Strings *strings);

static inline const byte *string_bytes(const Strings *strings, uint32_t number, size_t *length)
{
    size_t start = strings->places[number].start;
    size_t next = number + 1 < strings->count ? strings->places[number + 1].start : strings->used;
    *length = next - start - 1;
    return strings->bytes + start;
}

#endif
