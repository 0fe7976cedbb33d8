/* The tables of a SchemaAutomaton, found by hash. */
#include "automaton.h"

#include <stdlib.h>

static size_t room_for(size_t count)
{
    size_t room = 16;
    while (room < count * 2)
        room *= 2;
    return room;
}

static bool in_range(int32_t number, size_t count) { return number >= 0 && (size_t)number < count; }

static bool edge_put(Automaton *automaton, Edge edge, size_t name_count)
{
    bool root = edge.state == AT_DOCUMENT;
    if (!in_range(edge.name, name_count) || !in_range(edge.type, automaton->type_count) ||
        (!root && (!in_range(edge.state, automaton->state_count) || !in_range(edge.next, automaton->state_count))))
        return false;
    size_t at = hash_of_pair(&automaton->seed, (uint32_t)edge.state, (uint32_t)edge.name) & (automaton->edge_room - 1);
    while (automaton->edges[at].type >= 0)
        at = (at + 1) & (automaton->edge_room - 1);
    automaton->edges[at] = edge;
    return true;
}

static bool attribute_put(Automaton *automaton, Attribute attribute, size_t name_count)
{
    if (!in_range(attribute.name, name_count) || !in_range(attribute.type, automaton->type_count))
        return false;
    size_t at = hash_of_pair(&automaton->seed, (uint32_t)attribute.type, (uint32_t)attribute.name) &
                (automaton->attribute_room - 1);
    while (automaton->attributes[at].type >= 0)
        at = (at + 1) & (automaton->attribute_room - 1);
    automaton->attributes[at] = attribute;
    if (attribute.required)
        automaton->types[attribute.type].required++;
    return true;
}

static bool rooms_made(Automaton *automaton, size_t edge_count, size_t attribute_count)
{
    automaton->edge_room = room_for(edge_count);
    automaton->attribute_room = room_for(attribute_count);
    automaton->edges = malloc(automaton->edge_room * sizeof(Edge));
    automaton->attributes = malloc(automaton->attribute_room * sizeof(Attribute));
    automaton->types = calloc(automaton->type_count + 1, sizeof(Type));
    automaton->accepting = calloc(automaton->state_count + 1, 1);
    if (!automaton->edges || !automaton->attributes || !automaton->types || !automaton->accepting)
        return false;
    for (size_t i = 0; i < automaton->edge_room; i++)
        automaton->edges[i].type = -1;
    for (size_t i = 0; i < automaton->attribute_room; i++)
        automaton->attributes[i].type = -1;
    return true;
}

bool automaton_made(Automaton *automaton, const int32_t *roots, size_t root_count, const int32_t *edges,
                    size_t edge_count, const byte *accepting, size_t state_count, const int32_t *types,
                    size_t type_count, const int32_t *attributes, size_t attribute_count, size_t name_count)
{
    automaton->type_count = type_count;
    automaton->state_count = state_count;
    if (!rooms_made(automaton, edge_count + root_count, attribute_count))
        return false;
    if (state_count)
        memcpy(automaton->accepting, accepting, state_count);
    for (size_t i = 0; i < type_count; i++, types += 4) {
        automaton->types[i] = (Type){types[0], types[1], types[2], types[3], 0};
        if (types[0] != NO_CHILDREN && !in_range(types[0], state_count))
            return false;
    }
    for (size_t i = 0; i < root_count; i++, roots += 3)
        if (!edge_put(automaton, (Edge){AT_DOCUMENT, roots[0], 0, roots[1]}, name_count))
            return false;
    for (size_t i = 0; i < edge_count; i++, edges += 4)
        if (!edge_put(automaton, (Edge){edges[0], edges[1], edges[2], edges[3]}, name_count))
            return false;
    for (size_t i = 0; i < attribute_count; i++, attributes += 6)
        if (!attribute_put(automaton,
                           (Attribute){attributes[0], attributes[1], attributes[2], attributes[3], attributes[4],
                                       attributes[5]},
                           name_count))
            return false;
    return true;
}

void automaton_freed(Automaton *automaton)
{
    free(automaton->edges);
    free(automaton->attributes);
    free(automaton->types);
    free(automaton->accepting);
}

const Edge *edge_of(const Automaton *automaton, int32_t state, uint32_t name)
{
    size_t at = hash_of_pair(&automaton->seed, (uint32_t)state, name) & (automaton->edge_room - 1);
    for (; automaton->edges[at].type >= 0; at = (at + 1) & (automaton->edge_room - 1))
        if (automaton->edges[at].state == state && (uint32_t)automaton->edges[at].name == name)
            return &automaton->edges[at];
    return NULL;
}

const Attribute *attribute_of(const Automaton *automaton, int32_t type, uint32_t name)
{
    size_t at = hash_of_pair(&automaton->seed, (uint32_t)type, name) & (automaton->attribute_room - 1);
    for (; automaton->attributes[at].type >= 0; at = (at + 1) & (automaton->attribute_room - 1))
        if (automaton->attributes[at].type == type && (uint32_t)automaton->attributes[at].name == name)
            return &automaton->attributes[at];
    return NULL;
}
