# What a bus implements for the devices on it: BUS_ALLOC_RESOURCE(9), BUS_SETUP_INTR(9) and their kin.

#include <sys/bus.h>

INTERFACE bus;

HEADER {
	struct resource_list;
};

CODE {
	static struct resource *
	no_resource(device_t dev, device_t child, int type, int *rid, u_long start, u_long end, u_long count, u_int flags)
	{
		return (0);
	}

	static int
	no_child_text(device_t dev, device_t child, char *buffer, size_t length)
	{
		*buffer = 0;
		return (0);
	}

	static void
	nothing_to_do(device_t dev, device_t child)
	{
	}
};

METHOD int print_child {
	device_t dev;
	device_t child;
} DEFAULT bus_generic_print_child;

METHOD void probe_nomatch {
	device_t dev;
	device_t child;
} DEFAULT nothing_to_do;

METHOD int read_ivar {
	device_t dev;
	device_t child;
	int which;
	uintptr_t *result;
};

METHOD int write_ivar {
	device_t dev;
	device_t child;
	int which;
	uintptr_t value;
};

METHOD void child_detached {
	device_t dev;
	device_t child;
} DEFAULT nothing_to_do;

METHOD void driver_added {
	device_t dev;
	driver_t *driver;
} DEFAULT bus_generic_driver_added;

METHOD device_t add_child {
	device_t dev;
	int order;
	const char *name;
	int unit;
};

METHOD struct resource * alloc_resource {
	device_t dev;
	device_t child;
	int type;
	int *rid;
	u_long start;
	u_long end;
	u_long count;
	u_int flags;
} DEFAULT no_resource;

METHOD int activate_resource {
	device_t dev;
	device_t child;
	int type;
	int rid;
	struct resource *resource;
};

METHOD int deactivate_resource {
	device_t dev;
	device_t child;
	int type;
	int rid;
	struct resource *resource;
};

METHOD int release_resource {
	device_t dev;
	device_t child;
	int type;
	int rid;
	struct resource *resource;
};

METHOD int setup_intr {
	device_t dev;
	device_t child;
	struct resource *resource;
	int flags;
	driver_filter_t *filter;
	driver_intr_t *handler;
	void *argument;
	void **cookie;
};

METHOD int teardown_intr {
	device_t dev;
	device_t child;
	struct resource *resource;
	void *cookie;
};

METHOD int set_resource {
	device_t dev;
	device_t child;
	int type;
	int rid;
	u_long start;
	u_long count;
};

METHOD int get_resource {
	device_t dev;
	device_t child;
	int type;
	int rid;
	u_long *start;
	u_long *count;
};

METHOD void delete_resource {
	device_t dev;
	device_t child;
	int type;
	int rid;
};

METHOD struct resource_list * get_resource_list {
	device_t dev;
	device_t child;
};

METHOD int child_present {
	device_t dev;
	device_t child;
} DEFAULT bus_generic_child_present;

METHOD int child_pnpinfo_str {
	device_t dev;
	device_t child;
	char *buffer;
	size_t length;
} DEFAULT no_child_text;

METHOD int child_location_str {
	device_t dev;
	device_t child;
	char *buffer;
	size_t length;
} DEFAULT no_child_text;

METHOD int config_intr {
	device_t dev;
	int irq;
	enum intr_trigger trigger;
	enum intr_polarity polarity;
};

METHOD bus_dma_tag_t get_dma_tag {
	device_t dev;
	device_t child;
} DEFAULT bus_generic_get_dma_tag;
