# What a PCI bus implements for its functions: pci(9).

#include <sys/bus.h>

INTERFACE pci;

METHOD uint32_t read_config {
	device_t dev;
	device_t child;
	int reg;
	int width;
};

METHOD void write_config {
	device_t dev;
	device_t child;
	int reg;
	uint32_t value;
	int width;
};

METHOD int get_powerstate {
	device_t dev;
	device_t child;
};

METHOD int set_powerstate {
	device_t dev;
	device_t child;
	int state;
};

METHOD int enable_busmaster {
	device_t dev;
	device_t child;
};

METHOD int disable_busmaster {
	device_t dev;
	device_t child;
};

METHOD int enable_io {
	device_t dev;
	device_t child;
	int space;
};

METHOD int disable_io {
	device_t dev;
	device_t child;
	int space;
};

METHOD int assign_interrupt {
	device_t dev;
	device_t child;
};

METHOD int find_extcap {
	device_t dev;
	device_t child;
	int capability;
	int *reg;
};

METHOD int alloc_msi {
	device_t dev;
	device_t child;
	int *count;
};

METHOD int release_msi {
	device_t dev;
	device_t child;
};

METHOD int msi_count {
	device_t dev;
	device_t child;
};
