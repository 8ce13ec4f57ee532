/* Memory: malloc(9), contigmalloc(9). */
#ifndef _SYS_MALLOC_H_
#define _SYS_MALLOC_H_

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/kernel.h>

#define M_NOWAIT	0x0001
#define M_WAITOK	0x0002
#define M_ZERO		0x0100
#define M_NOVM		0x0200
#define M_USE_RESERVE	0x0400

struct malloc_type {
	const char	*ks_shortdesc;
	const char	*ks_longdesc;
	u_long		ks_allocations;		/* alive now */
	u_long		ks_bytes;		/* in them */
};

#define MALLOC_DEFINE(type, name, text) \
	struct malloc_type type[1] = { { (name), (text), 0, 0 } }
#define MALLOC_DECLARE(type)	extern struct malloc_type type[1]

MALLOC_DECLARE(M_CACHE);
MALLOC_DECLARE(M_DEVBUF);
MALLOC_DECLARE(M_TEMP);

void	*malloc(unsigned long size, struct malloc_type *type, int flags);
void	free(void *address, struct malloc_type *type);
void	*realloc(void *address, unsigned long size, struct malloc_type *type, int flags);
void	*reallocf(void *address, unsigned long size, struct malloc_type *type, int flags);
void	*contigmalloc(unsigned long size, struct malloc_type *type, int flags, vm_paddr_t low, vm_paddr_t high,
	    unsigned long alignment, unsigned long boundary);
void	contigfree(void *address, unsigned long size, struct malloc_type *type);

#define MALLOC(space, cast, size, type, flags)	(space) = (cast)malloc((u_long)(size), (type), (flags))
#define FREE(address, type)	free((address), (type))

#endif
