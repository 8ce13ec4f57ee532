# What the channel of an ATA controller implements for the layer above it.

#include <sys/bus.h>

INTERFACE ata;

METHOD int locking {
	device_t channel;
	int mode;
};

METHOD void setmode {
	device_t parent;
	device_t dev;
};

METHOD void reset {
	device_t channel;
};
