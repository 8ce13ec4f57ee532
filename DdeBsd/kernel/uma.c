/* Zones of objects: zone(9). The heap's own free lists are as fast as a cache of each zone would be. */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <vm/uma.h>

struct uma_zone {
	const char	*name;
	size_t		size;
	uma_ctor	constructor;
	uma_dtor	destructor;
	uma_init	initialize;
	uma_fini	finish;
	int		alive;
};

uma_zone_t
uma_zcreate(char *name, size_t size, uma_ctor constructor, uma_dtor destructor, uma_init initialize, uma_fini finish, int alignment,
    u_int16_t flags)
{
	uma_zone_t zone = malloc(sizeof(*zone), M_CACHE, M_WAITOK | M_ZERO);

	/* Objects are aligned to their size rounded up to a power of two. */
	zone->name = name;
	zone->size = MAX(size, (size_t)alignment + 1);
	zone->constructor = constructor;
	zone->destructor = destructor;
	zone->initialize = initialize;
	zone->finish = finish;
	return (zone);
}

void
uma_zdestroy(uma_zone_t zone)
{
	if (zone->alive != 0)
		panic("zone %s is destroyed with %d objects alive", zone->name, zone->alive);
	free(zone, M_CACHE);
}

void
uma_zfree_arg(uma_zone_t zone, void *object, void *argument)
{
	if (object == NULL)
		return;
	if (zone->destructor != NULL)
		zone->destructor(object, zone->size, argument);
	if (zone->finish != NULL)
		zone->finish(object, zone->size);
	zone->alive--;
	free(object, M_CACHE);
}

void *
uma_zalloc_arg(uma_zone_t zone, void *argument, int flags)
{
	void *object = malloc(zone->size, M_CACHE, flags);

	if (object == NULL)
		return (NULL);
	if ((zone->initialize != NULL && zone->initialize(object, zone->size, flags) != 0)) {
		free(object, M_CACHE);
		return (NULL);
	}
	if (zone->constructor != NULL && zone->constructor(object, zone->size, argument, flags) != 0) {
		if (zone->finish != NULL)
			zone->finish(object, zone->size);
		free(object, M_CACHE);
		return (NULL);
	}
	zone->alive++;
	return (object);
}
