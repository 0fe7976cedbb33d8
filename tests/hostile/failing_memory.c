/* Memory that runs out when it is told to: linked into the scanner with --wrap, for the test of what then happens. */
#include <stddef.h>
#include <stdint.h>

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);

static int64_t left = INT64_MAX; /* requests that are still granted */

__attribute__((visibility("default"))) void grant(int64_t requests) { left = requests; }

static int granted(void) { return left > 0 && left-- > 0; }

void *__wrap_malloc(size_t size) { return granted() ? __real_malloc(size) : NULL; }
void *__wrap_calloc(size_t count, size_t size) { return granted() ? __real_calloc(count, size) : NULL; }
void *__wrap_realloc(void *old, size_t size) { return granted() ? __real_realloc(old, size) : NULL; }
