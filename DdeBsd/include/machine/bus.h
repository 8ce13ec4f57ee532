#ifndef _MACHINE_BUS_H_
#define _MACHINE_BUS_H_

#include <machine/_bus.h>
#include <machine/_bus_access.h>
#include <sys/bus_dma.h>

#endif
