/* Types of bus_space(9) on amd64. */
#ifndef _MACHINE__BUS_H_
#define _MACHINE__BUS_H_

#include <sys/types.h>

typedef uint64_t	bus_addr_t;
typedef uint64_t	bus_size_t;
typedef int		bus_space_tag_t;
typedef uint64_t	bus_space_handle_t;

/* What a tag says. */
#define AMD64_BUS_SPACE_IO	0
#define AMD64_BUS_SPACE_MEM	1
#define X86_BUS_SPACE_IO	AMD64_BUS_SPACE_IO
#define X86_BUS_SPACE_MEM	AMD64_BUS_SPACE_MEM

#endif
