/* Caches of objects: zone(9). */
#ifndef _VM_UMA_H_
#define _VM_UMA_H_

#include <sys/types.h>
#include <sys/malloc.h>

typedef struct uma_zone *uma_zone_t;
typedef int	(*uma_ctor)(void *object, int size, void *argument, int flags);
typedef void	(*uma_dtor)(void *object, int size, void *argument);
typedef int	(*uma_init)(void *object, int size, int flags);
typedef void	(*uma_fini)(void *object, int size);

#define UMA_ALIGN_PTR	(sizeof(void *) - 1)
#define UMA_ALIGN_LONG	(sizeof(long) - 1)
#define UMA_ALIGN_INT	(sizeof(int) - 1)
#define UMA_ALIGN_CACHE	(CACHE_LINE_SIZE - 1)
#define UMA_ZONE_ZINIT	0x0002

uma_zone_t uma_zcreate(char *name, size_t size, uma_ctor constructor, uma_dtor destructor, uma_init initialize,
	    uma_fini finish, int alignment, u_int16_t flags);
void	uma_zdestroy(uma_zone_t zone);
void	*uma_zalloc_arg(uma_zone_t zone, void *argument, int flags);
void	uma_zfree_arg(uma_zone_t zone, void *object, void *argument);
#define uma_zalloc(zone, flags)		uma_zalloc_arg((zone), NULL, (flags))
#define uma_zfree(zone, object)		uma_zfree_arg((zone), (object), NULL)

#endif
