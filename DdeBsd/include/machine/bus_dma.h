#include <sys/bus_dma.h>
