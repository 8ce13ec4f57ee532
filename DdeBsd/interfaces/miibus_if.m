# What a network driver implements for the transceivers on its management bus: miibus(9).

#include <sys/bus.h>

INTERFACE miibus;

METHOD int readreg {
	device_t dev;
	int phy;
	int reg;
};

METHOD int writereg {
	device_t dev;
	int phy;
	int reg;
	int value;
};

METHOD void statchg {
	device_t dev;
};

METHOD void linkchg {
	device_t dev;
};

METHOD void mediainit {
	device_t dev;
};
