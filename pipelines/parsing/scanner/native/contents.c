/* The lexical forms that can be proved: the same as `FORMS` in lexis.py, which says why these. */
#include "automaton.h"

static bool digits(const byte *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(CLASS[text[i]] & DIGIT))
            return false;
    return true;
}

static int two_digits(const byte *text) { return (text[0] - '0') * 10 + text[1] - '0'; }

static bool decimal(const byte *text, size_t length)
{
    size_t at = length && (text[0] == '+' || text[0] == '-');
    size_t whole = at;
    while (at < length && (CLASS[text[at]] & DIGIT))
        at++;
    if (at == whole || at - whole > 15)
        return false;
    if (at == length)
        return true;
    size_t parts = length - at - 1;
    return text[at] == '.' && parts >= 1 && parts <= 20 && digits(text + at + 1, parts);
}

/* A time zone, or nothing. libxml2 goes to 14:00; this side of it, all minutes are sure. */
static bool zone(const byte *text, size_t length)
{
    if (length == 0 || (length == 1 && text[0] == 'Z'))
        return true;
    return length == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' && digits(text + 1, 2) &&
           digits(text + 4, 2) && two_digits(text + 1) <= 13 && two_digits(text + 4) <= 59;
}

/* The ten bytes of a day that its month has in every year. */
static bool day(const byte *text, size_t length)
{
    static const byte DAYS[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (length < 10 || text[4] != '-' || text[7] != '-' || !digits(text, 4) || !digits(text + 5, 2) ||
        !digits(text + 8, 2))
        return false;
    int century = two_digits(text), month = two_digits(text + 5), number = two_digits(text + 8);
    return (century == 19 || century == 20) && month >= 1 && month <= 12 && number >= 1 && number <= DAYS[month];
}

static bool date(const byte *text, size_t length) { return day(text, length) && zone(text + 10, length - 10); }

static bool clock_time(const byte *text, size_t length)
{
    if (length < 8 || text[2] != ':' || text[5] != ':' || !digits(text, 2) || !digits(text + 3, 2) ||
        !digits(text + 6, 2) || two_digits(text) > 23 || two_digits(text + 3) > 59 || two_digits(text + 6) > 59)
        return false;
    size_t at = 8;
    if (at < length && text[at] == '.') {
        while (++at < length && (CLASS[text[at]] & DIGIT))
            continue;
        if (at == 9 || at > 15)
            return false;
    }
    return zone(text + at, length - at);
}

static bool boolean(const byte *text, size_t length)
{
    return (length == 1 && (text[0] == '0' || text[0] == '1')) || (length == 4 && !memcmp(text, "true", 4)) ||
           (length == 5 && !memcmp(text, "false", 5));
}

/* The last group when it is padded: the bits that it does not use must be zero. */
static bool padded(const byte *text)
{
    if (text[3] != '=' || !(CLASS[text[0]] & CLASS[text[1]] & BASE64))
        return false;
    if (text[2] == '=')
        return text[1] && strchr("AQgw", text[1]);
    return (CLASS[text[2]] & BASE64) && strchr("AEIMQUYcgkosw048", text[2]);
}

static bool base64(const byte *text, size_t length)
{
    bool ended = false;
    for (size_t at = 0;; at += 4) {
        while (at < length && is_blank(text[at]))
            at++;
        if (at == length)
            return true;
        if (ended || length - at < 4)
            return false;
        const byte *group = text + at;
        if (!(CLASS[group[0]] & CLASS[group[1]] & CLASS[group[2]] & CLASS[group[3]] & BASE64)) {
            if (!padded(group))
                return false;
            ended = true;
        }
    }
}

static bool language(const byte *text, size_t length)
{
    size_t part = 0;
    bool first = true;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '-') {
            if (!part)
                return false;
            part = 0;
            first = false;
        } else if (!(CLASS[text[i]] & (first ? LETTER : LETTER | DIGIT)) || ++part > 8) {
            return false;
        }
    }
    return part > 0;
}

static bool all_of(const byte *text, size_t length, byte classes)
{
    for (size_t i = 0; i < length; i++)
        if (!(CLASS[text[i]] & classes))
            return false;
    return true;
}

static bool letter_or_digit(byte c) { return (CLASS[c] & (LETTER | DIGIT)) != 0; }

static bool uri(const byte *text, size_t length)
{
    if (!length)
        return false;
    if (all_of(text, length, NAME_REST))
        return true;
    size_t at = 0;
    while (at < length && (CLASS[text[at]] & LETTER))
        at++;
    if (at < 2 || at > 12 || at == length || text[at] != ':')
        return false;
    at++;
    if (length - at < 2 || text[at] != '/' || text[at + 1] != '/')
        return at < length && letter_or_digit(text[at]) && all_of(text + at, length - at, URI_REST);
    size_t host = at += 2;
    while (at < length && (letter_or_digit(text[at]) || text[at] == '.' || text[at] == '-'))
        at++;
    if (at == host)
        return false;
    return at == length || ((text[at] == '/' || text[at] == '?') && all_of(text + at, length - at, URI_REST));
}

static bool printable(const byte *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] >= 127)
            return false;
    return true;
}

bool content_proved(int32_t content, int32_t shortest, int32_t longest, const byte *text, size_t length)
{
    switch (content) {
    case ANY_CONTENT:
        return true;
    case BLANK_CONTENT:
        return only_blank(text, length);
    case DECIMAL_CONTENT:
        return decimal(text, length);
    case DATE_CONTENT:
        return date(text, length);
    case BOOLEAN_CONTENT:
        return boolean(text, length);
    case TIME_CONTENT:
        return clock_time(text, length);
    case DATE_TIME_CONTENT:
        return length > 11 && text[10] == 'T' && day(text, 10) && clock_time(text + 11, length - 11);
    case BASE64_CONTENT:
        return base64(text, length);
    case LANGUAGE_CONTENT:
        return language(text, length);
    case URI_CONTENT:
        return uri(text, length);
    case LENGTH_CONTENT:
        return shortest >= 0 && longest >= 0 && length >= (size_t)shortest && length <= (size_t)longest &&
               printable(text, length);
    default:
        return false;
    }
}
