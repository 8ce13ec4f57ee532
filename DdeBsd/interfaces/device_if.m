# What a driver implements of every device: DEVICE_PROBE(9), DEVICE_ATTACH(9) and their kin.

#include <sys/bus.h>

INTERFACE device;

CODE {
	static int
	no_answer(device_t dev)
	{
		return (0);
	}

	static void
	no_identify(driver_t *driver, device_t parent)
	{
	}
};

METHOD int probe {
	device_t dev;
};

# Adds devices that the bus cannot find itself.
STATICMETHOD void identify {
	driver_t *driver;
	device_t parent;
} DEFAULT no_identify;

METHOD int attach {
	device_t dev;
};

METHOD int detach {
	device_t dev;
};

METHOD int shutdown {
	device_t dev;
} DEFAULT no_answer;

METHOD int suspend {
	device_t dev;
} DEFAULT no_answer;

METHOD int resume {
	device_t dev;
} DEFAULT no_answer;

METHOD int quiesce {
	device_t dev;
} DEFAULT no_answer;
