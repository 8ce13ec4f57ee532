/* Resource manager: rman(9). */
#ifndef _SYS_RMAN_H_
#define _SYS_RMAN_H_

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/_lock.h>
#include <sys/_mutex.h>
#include <machine/_bus.h>

#define RF_ALLOCATED	0x0001
#define RF_ACTIVE	0x0002
#define RF_SHAREABLE	0x0004
#define RF_TIMESHARE	0x0008
#define RF_WANTED	0x0010
#define RF_FIRSTSHARE	0x0020
#define RF_PREFETCHABLE	0x0040
#define RF_ALIGNMENT_SHIFT	10
#define RF_ALIGNMENT_MASK	(0x003F << RF_ALIGNMENT_SHIFT)
#define RF_ALIGNMENT_LOG2(log2)	((log2) << RF_ALIGNMENT_SHIFT)
#define RF_ALIGNMENT(flags)	(((flags) & RF_ALIGNMENT_MASK) >> RF_ALIGNMENT_SHIFT)

enum rman_type {
	RMAN_UNINIT = 0,
	RMAN_GAUGE,
	RMAN_ARRAY
};

struct rman;
struct device;

/* What the manager keeps of a resource stands behind r_private. */
struct resource {
	void			*r_private;
	bus_space_tag_t		r_bustag;
	bus_space_handle_t	r_bushandle;
};

struct rman {
	void		*rm_private;
	u_long		rm_start;
	u_long		rm_end;
	enum rman_type	rm_type;
	const char	*rm_descr;
};

int		rman_init(struct rman *manager);
int		rman_fini(struct rman *manager);
int		rman_manage_region(struct rman *manager, u_long start, u_long end);
struct resource	*rman_reserve_resource(struct rman *manager, u_long start, u_long end, u_long count, u_int flags,
		    struct device *dev);
int		rman_release_resource(struct resource *resource);
int		rman_activate_resource(struct resource *resource);
int		rman_deactivate_resource(struct resource *resource);
u_long		rman_get_start(struct resource *resource);
u_long		rman_get_end(struct resource *resource);
u_long		rman_get_size(struct resource *resource);
u_int		rman_get_flags(struct resource *resource);
struct device	*rman_get_device(struct resource *resource);
void		*rman_get_virtual(struct resource *resource);
int		rman_get_rid(struct resource *resource);
void		rman_set_rid(struct resource *resource, int rid);
void		rman_set_start(struct resource *resource, u_long start);
void		rman_set_end(struct resource *resource, u_long end);
void		rman_set_virtual(struct resource *resource, void *address);
bus_space_tag_t	rman_get_bustag(struct resource *resource);
bus_space_handle_t rman_get_bushandle(struct resource *resource);
void		rman_set_bustag(struct resource *resource, bus_space_tag_t tag);
void		rman_set_bushandle(struct resource *resource, bus_space_handle_t handle);
uint32_t	rman_make_alignment_flags(uint32_t size);

#endif
