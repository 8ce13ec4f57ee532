/* Lists of resources, from those that a bus gives one by one: bus_alloc_resources(9). */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/bus.h>
#include <sys/rman.h>
#include <sys/malloc.h>

int
bus_alloc_resources(device_t dev, struct resource_spec *specs, struct resource **resources)
{
	int index;

	for (index = 0; specs[index].type != -1; index++)
		resources[index] = NULL;
	for (index = 0; specs[index].type != -1; index++) {
		resources[index] = bus_alloc_resource_any(dev, specs[index].type, &specs[index].rid, specs[index].flags);
		if (resources[index] == NULL) {
			bus_release_resources(dev, specs, resources);
			return (ENXIO);
		}
	}
	return (0);
}

void
bus_release_resources(device_t dev, const struct resource_spec *specs, struct resource **resources)
{
	int index;

	for (index = 0; specs[index].type != -1; index++) {
		if (resources[index] == NULL)
			continue;
		bus_release_resource(dev, specs[index].type, specs[index].rid, resources[index]);
		resources[index] = NULL;
	}
}

u_long
bus_get_resource_start(device_t dev, int type, int rid)
{
	u_long start = 0, count = 0;

	bus_get_resource(dev, type, rid, &start, &count);
	return (start);
}

u_long
bus_get_resource_count(device_t dev, int type, int rid)
{
	u_long start = 0, count = 0;

	bus_get_resource(dev, type, rid, &start, &count);
	return (count);
}
