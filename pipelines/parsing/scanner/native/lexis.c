/* Characters, references, namespace names: what is told from bytes alone. */
#include "lexis.h"

#include <string.h>

#define NAMESPACE_BYTES_MAX 1000

#define ALPHA (NAME_FIRST | NAME_REST | LETTER | URI_REST | PLAIN | BASE64)
#define NUMERAL (NAME_REST | DIGIT | URI_REST | PLAIN | BASE64)

const byte CLASS[256] = {
    ['\t'] = BLANK, ['\n'] = BLANK, ['\r'] = BLANK, [' '] = BLANK | PLAIN,
    ['!'] = PLAIN, ['#'] = PLAIN, ['$'] = PLAIN, ['%'] = PLAIN, ['('] = PLAIN, [')'] = PLAIN, ['*'] = PLAIN,
    ['+'] = PLAIN | URI_REST | BASE64, [','] = PLAIN | URI_REST, ['-'] = NAME_REST | PLAIN | URI_REST,
    ['.'] = NAME_REST | PLAIN | URI_REST, ['/'] = PLAIN | URI_REST | BASE64,
    ['0'] = NUMERAL, NUMERAL, NUMERAL, NUMERAL, NUMERAL, NUMERAL, NUMERAL, NUMERAL, NUMERAL, NUMERAL,
    [':'] = PLAIN | URI_REST, [';'] = PLAIN | URI_REST, ['='] = PLAIN | URI_REST, ['?'] = PLAIN | URI_REST,
    ['@'] = PLAIN,
    ['A'] = ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA,
    ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA,
    ['['] = PLAIN, ['\\'] = PLAIN, [']'] = PLAIN, ['^'] = PLAIN,
    ['_'] = NAME_FIRST | NAME_REST | PLAIN | URI_REST, ['`'] = PLAIN,
    ['a'] = ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA,
    ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA, ALPHA,
    ['{'] = PLAIN, ['|'] = PLAIN, ['}'] = PLAIN, ['~'] = PLAIN | URI_REST, [127] = PLAIN,
    [128 ... 255] = PLAIN,
};

/* The bytes of one character above ASCII; 0 when it is not strict UTF-8, or U+FFFE or U+FFFF. */
static size_t wide_character(const byte *at, size_t left)
{
    byte first = at[0];
    size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || left < length)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    /* The second byte tells overlong forms, surrogates and what lies beyond U+10FFFF. */
    if ((first == 0xE0 && at[1] < 0xA0) || (first == 0xED && at[1] > 0x9F) || (first == 0xF0 && at[1] < 0x90) ||
        (first == 0xF4 && at[1] > 0x8F) || (first == 0xEF && at[1] == 0xBF && at[2] >= 0xBE))
        return 0;
    return length;
}

#ifdef __SSE2__
/* The end of the leading blocks of 16 bytes that hold nothing but ASCII and legal controls. */
static size_t past_plain_blocks(const byte *text, size_t at, size_t length)
{
    /* As signed numbers, bytes above ASCII and controls are both below a space: one comparison finds them. */
    const __m128i space = _mm_set1_epi8(' '), tab = _mm_set1_epi8('\t');
    const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    for (; length - at >= 16; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        __m128i blanks = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, lf), _mm_cmpeq_epi8(bytes, tab)),
                                      _mm_cmpeq_epi8(bytes, cr));
        if (_mm_movemask_epi8(_mm_andnot_si128(blanks, _mm_cmplt_epi8(bytes, space))))
            break;
    }
    return at;
}
#endif

bool legal_characters(const byte *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t stop = length;
#ifdef __SSE2__
        at = past_plain_blocks(text, at, length);
        stop = length - at >= 16 ? at + 16 : length;
#endif
        while (at < stop) {
            byte c = text[at];
            if (c >= 0x80) {
                size_t wide = wide_character(text + at, length - at);
                if (!wide)
                    return false;
                at += wide;
            } else if (c < ' ' && !is_blank(c)) {
                return false;
            } else {
                at++;
            }
        }
    }
    return true;
}

static size_t encoded(uint32_t character, byte *out)
{
    if (character < 0x80) {
        out[0] = (byte)character;
        return 1;
    }
    size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (byte)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    static const byte lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (byte)(lead[length] | character);
    return length;
}

static bool legal_reference(uint32_t character)
{
    if (character < 0x20)
        return character == 9 || character == 10 || character == 13;
    return character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF) && character != 0xFFFE &&
           character != 0xFFFF;
}

/* `&#...;` at `at`, which stands behind `&#`. Returns what follows the semicolon, or NULL. */
static const byte *character_reference(const byte *at, const byte *end, uint32_t *character)
{
    uint32_t base = 10, value = 0;
    if (at < end && *at == 'x') {
        base = 16;
        at++;
    }
    const byte *digits = at;
    for (; at < end && *at != ';'; at++) {
        byte c = *at;
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit >= base)
            return NULL;
        value = value * base + digit;
        if (value > 0x10FFFF)
            return NULL;
    }
    if (at == end || at == digits || !legal_reference(value))
        return NULL;
    *character = value;
    return at + 1;
}

static const byte *named_reference(const byte *at, const byte *end, uint32_t *character)
{
    static const struct { const char *name; size_t length; char character; } NAMES[] = {
        {"amp;", 4, '&'}, {"lt;", 3, '<'}, {"gt;", 3, '>'}, {"quot;", 5, '"'}, {"apos;", 5, '\''},
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if ((size_t)(end - at) >= NAMES[i].length && !memcmp(at, NAMES[i].name, NAMES[i].length)) {
            *character = (byte)NAMES[i].character;
            return at + NAMES[i].length;
        }
    return NULL;
}

int64_t resolved_text(const byte *text, size_t length, bool attribute, byte *out)
{
    const byte *at = text, *end = text + length;
    byte *to = out;
    while (at < end) {
        byte c = *at++;
        if (c == '&') {
            uint32_t character = 0;
            at = at < end && *at == '#' ? character_reference(at + 1, end, &character)
                                        : named_reference(at, end, &character);
            if (!at)
                return -1;
            /* The shortest reference, `&#9;`, has four bytes, and `&#x10FFFF;` has ten: the text never grows. */
            to += encoded(character, to);
        } else if (c == '\r') {
            if (at == end || *at != '\n')
                *to++ = attribute ? ' ' : '\n';
        } else if (attribute && (c == '\n' || c == '\t')) {
            *to++ = ' ';
        } else if (c == '>' && at - text >= 3 && at[-2] == ']' && at[-3] == ']') {
            return -1;
        } else {
            *to++ = c;
        }
    }
    return to - out;
}

static bool is(const byte *text, size_t length, const char *other)
{
    return strlen(other) == length && !memcmp(text, other, length);
}

/* Goes past letters, digits and the signs given. */
static size_t past(const byte *text, size_t at, size_t length, const char *signs)
{
    while (at < length && ((CLASS[text[at]] & (LETTER | DIGIT)) || (text[at] && strchr(signs, text[at]))))
        at++;
    return at;
}

bool plain_namespace(const byte *name, size_t length)
{
    if (length > NAMESPACE_BYTES_MAX || is(name, length, "http://www.w3.org/XML/1998/namespace") ||
        is(name, length, "http://www.w3.org/2000/xmlns/"))
        return false;
    size_t host = 0, at = past(name, 0, length, "");
    if (at < 2 || (CLASS[name[0]] & DIGIT) || length - at < 2 || name[at++] != ':')
        return false;
    if (length >= 8 && name[at] == '/')
        host = !memcmp(name, "http://", 7) ? 7 : !memcmp(name, "https://", 8) ? 8 : 0;
    if (host) {
        at = past(name, host, length, ".-");
        if (at == host || (at < length && name[at] != '/' && name[at] != '#'))
            return false;
    } else if (!(CLASS[name[at]] & (LETTER | DIGIT))) {
        return false;
    }
    at = past(name, at, length, ":/._-");
    if (at < length && name[at] == '#')
        at = past(name, at + 1, length, "/._-");
    return at == length;
}
