/* What characters are, and the few searches that every byte of a document goes through. */
#ifndef RELAIS_LEXIS_H
#define RELAIS_LEXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef uint8_t byte;

enum {
    NAME_FIRST = 1, /* [A-Za-z_] */
    NAME_REST = 2,  /* [A-Za-z0-9_.-] */
    BLANK = 4,      /* space, TAB, LF, CR: white space of XML */
    DIGIT = 8,
    LETTER = 16,
    URI_REST = 32,  /* [A-Za-z0-9._~:/?=,;+-]: what may follow the authority of a plain URI */
    PLAIN = 64,     /* stands in an attribute's value for itself: all but < > & quotes, and blanks other than space */
    BASE64 = 128    /* [A-Za-z0-9+/] */
};

extern const byte CLASS[256];

static inline bool is_blank(byte c) { return (CLASS[c] & BLANK) != 0; }

/* Whether all bytes are characters of XML 1.0 in strict UTF-8, U+FFFE and U+FFFF apart. */
bool legal_characters(const byte *text, size_t length);

/* Whether all bytes are white space: what may stand between child elements. */
static inline bool only_blank(const byte *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_blank(text[i]))
            return false;
    return true;
}

/* The next `<` from `at` on, or `end`. `odd` tells whether one of & > CR stands before it. */
static inline const byte *text_end(const byte *at, const byte *end, bool *odd)
{
    bool found = false;
#ifdef __SSE2__
    const __m128i less = _mm_set1_epi8('<'), mark = _mm_set1_epi8('&');
    const __m128i more = _mm_set1_epi8('>'), cr = _mm_set1_epi8('\r');
    while (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i odds = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, mark), _mm_cmpeq_epi8(bytes, more)),
                                    _mm_cmpeq_epi8(bytes, cr));
        unsigned stops = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, less));
        unsigned oddities = (unsigned)_mm_movemask_epi8(odds);
        if (stops) {
            *odd = found || (oddities & (stops - 1) & ~stops) != 0;
            return at + __builtin_ctz(stops);
        }
        found |= oddities != 0;
        at += 16;
    }
#endif
    for (; at < end && *at != '<'; at++)
        found |= *at == '&' || *at == '>' || *at == '\r';
    *odd = found;
    return at;
}

/* Writes a text with its references resolved and its line ends as LF; the blanks of an attribute's value as spaces.
 * Returns the bytes written, at most `length`; -1 when the text holds what is not read: `]]>`, another reference. */
int64_t resolved_text(const byte *text, size_t length, bool attribute, byte *out);

/* Whether a namespace name is one that libxml2 surely takes: a plain absolute URI or URN. */
bool plain_namespace(const byte *name, size_t length);

#endif
