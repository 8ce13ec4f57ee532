/* Register accesses: bus_space(9). All are functions of the shim, so no access traps. */
#ifndef _MACHINE__BUS_ACCESS_H_
#define _MACHINE__BUS_ACCESS_H_

#include <machine/_bus.h>

struct resource;

bus_space_tag_t		rman_get_bustag(struct resource *resource);
bus_space_handle_t	rman_get_bushandle(struct resource *resource);

#define BUS_SPACE_BARRIER_READ	0x01
#define BUS_SPACE_BARRIER_WRITE	0x02
#define BUS_SPACE_MAXSIZE_24BIT	0xFFFFFF
#define BUS_SPACE_MAXSIZE_32BIT	0xFFFFFFFF
#define BUS_SPACE_MAXSIZE	0xFFFFFFFFFFFFFFFFUL
#define BUS_SPACE_MAXADDR_24BIT	0xFFFFFF
#define BUS_SPACE_MAXADDR_32BIT	0xFFFFFFFF
#define BUS_SPACE_MAXADDR	0xFFFFFFFFFFFFFFFFUL
#define BUS_SPACE_UNRESTRICTED	(~0)

#define _DDE_BUS_SPACE(bytes, type) \
type	bus_space_read_##bytes(bus_space_tag_t tag, bus_space_handle_t handle, bus_size_t offset); \
void	bus_space_write_##bytes(bus_space_tag_t tag, bus_space_handle_t handle, bus_size_t offset, type value); \
void	bus_space_read_multi_##bytes(bus_space_tag_t tag, bus_space_handle_t handle, bus_size_t offset, \
	    type *data, size_t count); \
void	bus_space_write_multi_##bytes(bus_space_tag_t tag, bus_space_handle_t handle, bus_size_t offset, \
	    const type *data, size_t count); \
void	bus_space_read_region_##bytes(bus_space_tag_t tag, bus_space_handle_t handle, bus_size_t offset, \
	    type *data, size_t count); \
void	bus_space_write_region_##bytes(bus_space_tag_t tag, bus_space_handle_t handle, bus_size_t offset, \
	    const type *data, size_t count);

_DDE_BUS_SPACE(1, u_int8_t)
_DDE_BUS_SPACE(2, u_int16_t)
_DDE_BUS_SPACE(4, u_int32_t)

int	bus_space_subregion(bus_space_tag_t tag, bus_space_handle_t handle, bus_size_t offset, bus_size_t size,
	    bus_space_handle_t *part);
void	bus_space_barrier(bus_space_tag_t tag, bus_space_handle_t handle, bus_size_t offset, bus_size_t size, int flags);

/* Little-endian machine, little-endian bus: the stream forms are the plain ones. */
#define bus_space_read_stream_1		bus_space_read_1
#define bus_space_read_stream_2		bus_space_read_2
#define bus_space_read_stream_4		bus_space_read_4
#define bus_space_write_stream_1	bus_space_write_1
#define bus_space_write_stream_2	bus_space_write_2
#define bus_space_write_stream_4	bus_space_write_4
#define bus_space_read_multi_stream_1	bus_space_read_multi_1
#define bus_space_read_multi_stream_2	bus_space_read_multi_2
#define bus_space_read_multi_stream_4	bus_space_read_multi_4
#define bus_space_write_multi_stream_1	bus_space_write_multi_1
#define bus_space_write_multi_stream_2	bus_space_write_multi_2
#define bus_space_write_multi_stream_4	bus_space_write_multi_4

#endif
