/* The kernel's part of the C library. The compiler may call the first four by itself. */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/stdint.h>

void *
memcpy(void *to, const void *from, size_t length)
{
	void *start = to;

	__asm __volatile("rep movsb" : "+D" (to), "+S" (from), "+c" (length) : : "memory");
	return (start);
}

void *
memmove(void *to, const void *from, size_t length)
{
	char *target = to;
	const char *source = from;

	if ((uintptr_t)target - (uintptr_t)source >= length)
		return (memcpy(to, from, length));
	while (length-- > 0) {
		target[length] = source[length];
		/* Keeps the loop from being recognized as the function that it is. */
		__asm __volatile("" : : : "memory");
	}
	return (to);
}

void *
memset(void *memory, int value, size_t length)
{
	void *at = memory;

	__asm __volatile("rep stosb" : "+D" (at), "+c" (length) : "a" (value) : "memory");
	return (memory);
}

int
memcmp(const void *left, const void *right, size_t length)
{
	const u_char *a = left, *b = right;

	for (; length > 0; length--, a++, b++) {
		if (*a != *b)
			return (*a - *b);
	}
	return (0);
}

int bcmp(const void *left, const void *right, size_t length) { return (memcmp(left, right, length)); }
void bcopy(const void *from, void *to, size_t length) { memmove(to, from, length); }
void bzero(void *memory, size_t length) { memset(memory, 0, length); }

void *
memchr(const void *memory, int value, size_t length)
{
	const u_char *at = memory;

	for (; length > 0; length--, at++) {
		if (*at == (u_char)value)
			return (__DECONST(void *, at));
	}
	return (NULL);
}

size_t
strlen(const char *text)
{
	const char *end = text;

	while (*end != 0)
		end++;
	return (end - text);
}

char *
index(const char *text, int c)
{
	for (;; text++) {
		if (*text == (char)c)
			return (__DECONST(char *, text));
		if (*text == 0)
			return (NULL);
	}
}

char *
rindex(const char *text, int c)
{
	const char *found = NULL;

	for (;; text++) {
		if (*text == (char)c)
			found = text;
		if (*text == 0)
			return (__DECONST(char *, found));
	}
}

int
strncmp(const char *left, const char *right, size_t length)
{
	for (; length > 0; length--, left++, right++) {
		if (*left != *right || *left == 0)
			return ((u_char)*left - (u_char)*right);
	}
	return (0);
}

int strcmp(const char *left, const char *right) { return (strncmp(left, right, SIZE_MAX)); }

int
strncasecmp(const char *left, const char *right, size_t length)
{
	for (; length > 0; length--, left++, right++) {
		int a = tolower((u_char)*left), b = tolower((u_char)*right);

		if (a != b || a == 0)
			return (a - b);
	}
	return (0);
}

int strcasecmp(const char *left, const char *right) { return (strncasecmp(left, right, SIZE_MAX)); }

char *
strcpy(char *to, const char *from)
{
	return (memcpy(to, from, strlen(from) + 1));
}

char *
strcat(char *to, const char *from)
{
	strcpy(to + strlen(to), from);
	return (to);
}

char *
strncpy(char *to, const char *from, size_t length)
{
	size_t used = 0;

	for (; used < length && from[used] != 0; used++)
		to[used] = from[used];
	memset(to + used, 0, length - used);
	return (to);
}

size_t
strlcpy(char *to, const char *from, size_t size)
{
	size_t length = strlen(from);

	if (size > 0) {
		size_t copied = MIN(length, size - 1);

		memcpy(to, from, copied);
		to[copied] = 0;
	}
	return (length);
}

size_t
strlcat(char *to, const char *from, size_t size)
{
	const char *end = memchr(to, 0, size);
	size_t used = end == NULL ? size : (size_t)(end - to);

	return (used + strlcpy(to + used, from, size - used));
}

char *
strstr(const char *text, const char *wanted)
{
	size_t length = strlen(wanted);

	for (;; text++) {
		if (strncmp(text, wanted, length) == 0)
			return (__DECONST(char *, text));
		if (*text == 0)
			return (NULL);
	}
}

char *
strsep(char **text, const char *delimiters)
{
	char *start = *text, *end;

	if (start == NULL)
		return (NULL);
	for (end = start; *end != 0; end++) {
		if (index(delimiters, *end) != NULL) {
			*end = 0;
			*text = end + 1;
			return (start);
		}
	}
	*text = NULL;
	return (start);
}

char *
strdup(const char *text, struct malloc_type *type)
{
	size_t size = strlen(text) + 1;

	return (memcpy(malloc(size, type, M_WAITOK), text, size));
}

u_quad_t
strtouq(const char *text, char **end, int base)
{
	u_quad_t value = 0;
	const char *at = text, *digits;
	int negative;

	while (isspace((u_char)*at))
		at++;
	negative = *at == '-';
	if (*at == '-' || *at == '+')
		at++;
	if ((base == 0 || base == 16) && at[0] == '0' && tolower((u_char)at[1]) == 'x' && isxdigit((u_char)at[2])) {
		base = 16;
		at += 2;
	} else if (base == 0)
		base = *at == '0' ? 8 : 10;
	for (digits = at;; at++) {
		int digit = isdigit((u_char)*at) ? *at - '0' : isalpha((u_char)*at) ? tolower((u_char)*at) - 'a' + 10 : 36;

		if (digit >= base)
			break;
		value = value * base + digit;
	}
	if (end != NULL)
		*end = __DECONST(char *, at == digits ? text : at);
	return (negative ? -value : value);
}

quad_t strtoq(const char *text, char **end, int base) { return (strtouq(text, end, base)); }
unsigned long strtoul(const char *text, char **end, int base) { return (strtouq(text, end, base)); }
long strtol(const char *text, char **end, int base) { return (strtouq(text, end, base)); }

int ffsl(long value) { return (value == 0 ? 0 : __builtin_ctzl(value) + 1); }
int ffs(int value) { return (value == 0 ? 0 : __builtin_ctz(value) + 1); }
int flsl(long value) { return (value == 0 ? 0 : 64 - __builtin_clzl(value)); }
int fls(int value) { return (value == 0 ? 0 : 32 - __builtin_clz(value)); }
