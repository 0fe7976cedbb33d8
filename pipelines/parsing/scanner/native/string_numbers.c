/* Memory that grows within bounds, and strings that get a number each. */
#include "string_numbers.h"

#include <stdlib.h>

#define SLOTS_LEAST 1024

bool grown(void **items, size_t *room, size_t needed, size_t item)
{
    if (needed <= *room)
        return true;
    size_t wanted = *room < 64 ? 64 : *room + *room / 2;
    if (wanted < needed)
        wanted = needed;
    if (wanted > SIZE_MAX / 2 / item)
        return false;
    void *larger = realloc(*items, wanted * item);
    if (!larger)
        return false;
    *items = larger;
    *room = wanted;
    return true;
}

void shrunk(void **items, size_t *room, size_t item)
{
    if (*room > KEPT_BYTES / item) {
        free(*items);
        *items = NULL;
        *room = 0;
    }
}

Seed seed_from(uint64_t secret)
{
    Seed seed;
    for (int i = 0; i < 4; i++) {
        /* The steps of SplitMix64; words are made odd so that none of them is 0. */
        uint64_t word = secret += 0x9E3779B97F4A7C15u;
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
        word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
        seed.words[i] = (word ^ (word >> 31)) | 1;
    }
    return seed;
}

static void slot_put(Strings *strings, uint32_t number)
{
    uint32_t hash = strings->places[number].hash;
    size_t slot = hash & (strings->slot_room - 1);
    while (strings->slots[slot].number)
        slot = (slot + 1) & (strings->slot_room - 1);
    strings->slots[slot] = (StringSlot){hash, number + 1};
}

static bool slots_grown(Strings *strings)
{
    size_t room = strings->slot_room ? strings->slot_room * 2 : SLOTS_LEAST;
    StringSlot *slots = calloc(room, sizeof *slots);
    if (!slots)
        return false;
    free(strings->slots);
    strings->slots = slots;
    strings->slot_room = room;
    for (uint32_t number = 0; number < strings->count; number++)
        slot_put(strings, number);
    return true;
}

static uint32_t string_added(Strings *strings, const byte *text, size_t length, uint32_t hash)
{
    size_t used = strings->used + length + 1;
    if (used >= NONE || strings->count >= NONE - 2 ||
        !grown((void **)&strings->bytes, &strings->byte_room, used, 1) ||
        !grown((void **)&strings->places, &strings->place_room, (size_t)strings->count + 1, sizeof(StringPlace)))
        return NONE;
    if (length)
        memcpy(strings->bytes + strings->used, text, length);
    strings->bytes[used - 1] = 0;
    strings->places[strings->count] = (StringPlace){(uint32_t)strings->used, hash};
    strings->used = used;
    slot_put(strings, strings->count);
    return strings->count++;
}

uint32_t string_number(Strings *strings, const Seed *seed, const byte *text, size_t length)
{
    /* At most half of the slots are taken. */
    if (strings->count >= strings->slot_room / 2 && !slots_grown(strings))
        return NONE;
    uint32_t hash = hash_of(seed, text, length);
    size_t slot = hash & (strings->slot_room - 1);
    for (; strings->slots[slot].number; slot = (slot + 1) & (strings->slot_room - 1)) {
        if (strings->slots[slot].hash != hash)
            continue;
        uint32_t number = strings->slots[slot].number - 1;
        size_t known;
        const byte *bytes = string_bytes(strings, number, &known);
        if (known == length && (!length || !memcmp(bytes, text, length)))
            return number;
    }
    return string_added(strings, text, length, hash);
}

void strings_cut(Strings *strings, uint32_t count)
{
    /* Taken out last in, first out, every slot stands as if the string had never come. */
    while (strings->count > count) {
        uint32_t number = strings->count - 1;
        size_t slot = strings->places[number].hash & (strings->slot_room - 1);
        while (strings->slots[slot].number != number + 1)
            slot = (slot + 1) & (strings->slot_room - 1);
        strings->slots[slot].number = 0;
        strings->used = strings->places[number].start;
        strings->count = number;
    }
}

bool strings_emptied(Strings *strings)
{
    /* A few strings in a large table are taken out one by one, which is cheaper than to wipe it. */
    bool few = strings->count < strings->slot_room / 64;
    if (few)
        strings_cut(strings, 0);
    strings->count = 0;
    strings->used = 0;
    shrunk((void **)&strings->bytes, &strings->byte_room, 1);
    shrunk((void **)&strings->places, &strings->place_room, sizeof(StringPlace));
    shrunk((void **)&strings->slots, &strings->slot_room, sizeof(StringSlot));
    if (!strings->slots)
        return slots_grown(strings);
    if (!few)
        memset(strings->slots, 0, strings->slot_room * sizeof *strings->slots);
    return true;
}

void strings_freed(Strings *strings)
{
    free(strings->slots);
    free(strings->places);
    free(strings->bytes);
    *strings = (Strings){0};
}
