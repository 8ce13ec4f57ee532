/* What the kernel has of the C library. */
#ifndef _SYS_LIBKERN_H_
#define _SYS_LIBKERN_H_

#include <sys/types.h>

struct malloc_type;

static __inline int imax(int left, int right) { return (left > right ? left : right); }
static __inline int imin(int left, int right) { return (left < right ? left : right); }
static __inline long lmax(long left, long right) { return (left > right ? left : right); }
static __inline long lmin(long left, long right) { return (left < right ? left : right); }
static __inline u_int max(u_int left, u_int right) { return (left > right ? left : right); }
static __inline u_int min(u_int left, u_int right) { return (left < right ? left : right); }
static __inline quad_t qmax(quad_t left, quad_t right) { return (left > right ? left : right); }
static __inline quad_t qmin(quad_t left, quad_t right) { return (left < right ? left : right); }
static __inline u_long ulmax(u_long left, u_long right) { return (left > right ? left : right); }
static __inline u_long ulmin(u_long left, u_long right) { return (left < right ? left : right); }
static __inline int abs(int value) { return (value < 0 ? -value : value); }

static __inline int isdigit(int c) { return (c >= '0' && c <= '9'); }
static __inline int isupper(int c) { return (c >= 'A' && c <= 'Z'); }
static __inline int islower(int c) { return (c >= 'a' && c <= 'z'); }
static __inline int isalpha(int c) { return (isupper(c) || islower(c)); }
static __inline int isspace(int c) { return (c == ' ' || (c >= '\t' && c <= '\r')); }
static __inline int toupper(int c) { return (islower(c) ? c - 'a' + 'A' : c); }
static __inline int tolower(int c) { return (isupper(c) ? c - 'A' + 'a' : c); }
static __inline int isxdigit(int c) { return (isdigit(c) || (tolower(c) >= 'a' && tolower(c) <= 'f')); }

int	bcmp(const void *left, const void *right, size_t length);
void	*memchr(const void *memory, int value, size_t length);
int	memcmp(const void *left, const void *right, size_t length);
void	*memcpy(void *to, const void *from, size_t length);
void	*memmove(void *to, const void *from, size_t length);
void	*memset(void *memory, int value, size_t length);
char	*index(const char *text, int c);
char	*rindex(const char *text, int c);
char	*strcat(char *to, const char *from);
int	strcmp(const char *left, const char *right);
char	*strcpy(char *to, const char *from);
char	*strdup(const char *text, struct malloc_type *type);
size_t	strlcat(char *to, const char *from, size_t size);
size_t	strlcpy(char *to, const char *from, size_t size);
size_t	strlen(const char *text);
int	strcasecmp(const char *left, const char *right);
int	strncmp(const char *left, const char *right, size_t length);
int	strncasecmp(const char *left, const char *right, size_t length);
char	*strncpy(char *to, const char *from, size_t length);
char	*strstr(const char *text, const char *wanted);
char	*strsep(char **text, const char *delimiters);
#define strchr(text, c)		index(text, c)
#define strrchr(text, c)	rindex(text, c)
long	strtol(const char *text, char **end, int base);
unsigned long strtoul(const char *text, char **end, int base);
quad_t	strtoq(const char *text, char **end, int base);
u_quad_t strtouq(const char *text, char **end, int base);
int	ffs(int value);
int	ffsl(long value);
int	fls(int value);
int	flsl(long value);
u_long	random(void);
void	srandom(u_long seed);
u_int32_t arc4random(void);
void	arc4rand(void *buffer, u_int length, int reseed);
void	qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
uint32_t ether_crc32_le(const uint8_t *data, size_t length);
uint32_t ether_crc32_be(const uint8_t *data, size_t length);

#endif
