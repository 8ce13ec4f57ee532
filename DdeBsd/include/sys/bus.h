/* Newbus: devices, drivers and buses. device(9), driver(9), bus_*(9), devclass(9). */
#ifndef _SYS_BUS_H_
#define _SYS_BUS_H_

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/kobj.h>

#ifdef _KERNEL

#include <machine/stdarg.h>
#include <machine/resource.h>
#include <machine/_bus.h>
#include <sys/_bus_dma.h>

struct resource;
struct resource_list;
struct module;

typedef struct device *		device_t;
typedef struct kobj_class	driver_t;
typedef struct devclass *	devclass_t;
#define device_method_t		kobj_method_t

typedef enum device_state {
	DS_NOTPRESENT,
	DS_ALIVE,
	DS_ATTACHED,
	DS_BUSY
} device_state_t;

/* What a filter answers. */
#define FILTER_STRAY		0x01
#define FILTER_HANDLED		0x02
#define FILTER_SCHEDULE_THREAD	0x04

typedef int  driver_filter_t(void *argument);
typedef void driver_intr_t(void *argument);

enum intr_type {
	INTR_TYPE_TTY	= 1,
	INTR_TYPE_BIO	= 2,
	INTR_TYPE_NET	= 4,
	INTR_TYPE_CAM	= 8,
	INTR_TYPE_MISC	= 16,
	INTR_TYPE_CLK	= 32,
	INTR_TYPE_AV	= 64,
	INTR_FAST	= 128,
	INTR_EXCL	= 256,
	INTR_MPSAFE	= 512,
	INTR_ENTROPY	= 1024
};
enum intr_trigger {
	INTR_TRIGGER_CONFORM = 0,
	INTR_TRIGGER_EDGE = 1,
	INTR_TRIGGER_LEVEL = 2
};
enum intr_polarity {
	INTR_POLARITY_CONFORM = 0,
	INTR_POLARITY_HIGH = 1,
	INTR_POLARITY_LOW = 2
};

/* What a probe routine answers: the greatest wins, 0 at once. */
#define BUS_PROBE_SPECIFIC	0
#define BUS_PROBE_VENDOR	(-10)
#define BUS_PROBE_DEFAULT	(-20)
#define BUS_PROBE_LOW_PRIORITY	(-40)
#define BUS_PROBE_GENERIC	(-100)
#define BUS_PROBE_HOOVER	(-500)
#define BUS_PROBE_NOWILDCARD	(-2000000000)

#define DEVMETHOD		KOBJMETHOD
#define DEVMETHOD_END		KOBJMETHOD_END

/* Resources of a child by type and number, for buses that keep lists. */
struct resource_list_entry {
	STAILQ_ENTRY(resource_list_entry) link;
	int		type;
	int		rid;
	struct resource	*res;
	u_long		start;
	u_long		end;
	u_long		count;
};
STAILQ_HEAD(resource_list, resource_list_entry);

struct resource_spec {
	int	type;
	int	rid;
	int	flags;
};
#define RESOURCE_SPEC_END	{ -1, 0, 0 }

extern device_t		root_bus;
extern devclass_t	root_devclass;
extern driver_t		null_class;

/* Devices. */
device_t	device_add_child(device_t bus, const char *name, int unit);
device_t	device_add_child_ordered(device_t bus, int order, const char *name, int unit);
int		device_delete_child(device_t bus, device_t child);
int		device_attach(device_t dev);
int		device_detach(device_t dev);
int		device_probe_and_attach(device_t dev);
int		device_shutdown(device_t dev);
void		device_busy(device_t dev);
void		device_unbusy(device_t dev);
void		device_disable(device_t dev);
void		device_enable(device_t dev);
device_t	device_find_child(device_t bus, const char *name, int unit);
const char	*device_get_desc(device_t dev);
devclass_t	device_get_devclass(device_t dev);
driver_t	*device_get_driver(device_t dev);
device_t	device_get_parent(device_t dev);
int		device_get_children(device_t bus, device_t **children, int *count);
void		*device_get_ivars(device_t dev);
void		device_set_ivars(device_t dev, void *ivars);
const char	*device_get_name(device_t dev);
const char	*device_get_nameunit(device_t dev);
void		*device_get_softc(device_t dev);
void		device_set_softc(device_t dev, void *softc);
device_state_t	device_get_state(device_t dev);
int		device_get_unit(device_t dev);
int		device_set_unit(device_t dev, int unit);
u_int32_t	device_get_flags(device_t dev);
void		device_set_flags(device_t dev, u_int32_t flags);
int		device_is_alive(device_t dev);
int		device_is_attached(device_t dev);
int		device_is_enabled(device_t dev);
int		device_is_quiet(device_t dev);
void		device_quiet(device_t dev);
void		device_verbose(device_t dev);
int		device_print_prettyname(device_t dev);
int		device_printf(device_t dev, const char *format, ...) __printflike(2, 3);
void		device_set_desc(device_t dev, const char *text);
void		device_set_desc_copy(device_t dev, const char *text);
int		device_set_devclass(device_t dev, const char *name);
int		device_set_driver(device_t dev, driver_t *driver);
struct sysctl_ctx_list *device_get_sysctl_ctx(device_t dev);
struct sysctl_oid *device_get_sysctl_tree(device_t dev);

/* Classes of devices. */
devclass_t	devclass_create(const char *name);
devclass_t	devclass_find(const char *name);
const char	*devclass_get_name(devclass_t devclass);
device_t	devclass_get_device(devclass_t devclass, int unit);
void		*devclass_get_softc(devclass_t devclass, int unit);
int		devclass_get_devices(devclass_t devclass, device_t **devices, int *count);
int		devclass_get_count(devclass_t devclass);
int		devclass_get_maxunit(devclass_t devclass);
int		devclass_find_free_unit(devclass_t devclass, int unit);
int		devclass_add_driver(devclass_t devclass, driver_t *driver);
int		devclass_delete_driver(devclass_t devclass, driver_t *driver);

/* What a driver asks of its bus. */
struct resource	*bus_alloc_resource(device_t dev, int type, int *rid, u_long start, u_long end, u_long count, u_int flags);
int		bus_activate_resource(device_t dev, int type, int rid, struct resource *resource);
int		bus_deactivate_resource(device_t dev, int type, int rid, struct resource *resource);
int		bus_release_resource(device_t dev, int type, int rid, struct resource *resource);
int		bus_alloc_resources(device_t dev, struct resource_spec *specs, struct resource **resources);
void		bus_release_resources(device_t dev, const struct resource_spec *specs, struct resource **resources);
int		bus_setup_intr(device_t dev, struct resource *resource, int flags, driver_filter_t *filter,
		    driver_intr_t *handler, void *argument, void **cookie);
int		bus_teardown_intr(device_t dev, struct resource *resource, void *cookie);
int		bus_set_resource(device_t dev, int type, int rid, u_long start, u_long count);
int		bus_get_resource(device_t dev, int type, int rid, u_long *start, u_long *count);
u_long		bus_get_resource_start(device_t dev, int type, int rid);
u_long		bus_get_resource_count(device_t dev, int type, int rid);
void		bus_delete_resource(device_t dev, int type, int rid);
int		bus_child_present(device_t child);
int		bus_child_pnpinfo_str(device_t child, char *buffer, size_t length);
int		bus_child_location_str(device_t child, char *buffer, size_t length);
bus_dma_tag_t	bus_get_dma_tag(device_t dev);

static __inline struct resource *
bus_alloc_resource_any(device_t dev, int type, int *rid, u_int flags)
{
	return (bus_alloc_resource(dev, type, rid, 0ul, ~0ul, 1, flags));
}

/* What most buses do. */
int		bus_generic_probe(device_t bus);
int		bus_generic_attach(device_t bus);
int		bus_generic_detach(device_t bus);
int		bus_generic_shutdown(device_t bus);
int		bus_generic_suspend(device_t bus);
int		bus_generic_resume(device_t bus);
void		bus_generic_driver_added(device_t bus, driver_t *driver);
int		bus_generic_print_child(device_t bus, device_t child);
int		bus_print_child_header(device_t bus, device_t child);
int		bus_print_child_footer(device_t bus, device_t child);
device_t	bus_generic_add_child(device_t bus, int order, const char *name, int unit);
int		bus_generic_read_ivar(device_t bus, device_t child, int which, uintptr_t *result);
int		bus_generic_write_ivar(device_t bus, device_t child, int which, uintptr_t value);
int		bus_generic_child_present(device_t bus, device_t child);
struct resource	*bus_generic_alloc_resource(device_t bus, device_t child, int type, int *rid, u_long start, u_long end,
		    u_long count, u_int flags);
int		bus_generic_activate_resource(device_t bus, device_t child, int type, int rid, struct resource *resource);
int		bus_generic_deactivate_resource(device_t bus, device_t child, int type, int rid, struct resource *resource);
int		bus_generic_release_resource(device_t bus, device_t child, int type, int rid, struct resource *resource);
int		bus_generic_setup_intr(device_t bus, device_t child, struct resource *resource, int flags,
		    driver_filter_t *filter, driver_intr_t *handler, void *argument, void **cookie);
int		bus_generic_teardown_intr(device_t bus, device_t child, struct resource *resource, void *cookie);
int		bus_generic_config_intr(device_t bus, int irq, enum intr_trigger trigger, enum intr_polarity polarity);
bus_dma_tag_t	bus_generic_get_dma_tag(device_t bus, device_t child);

/* A driver's module. */
struct driver_module_data {
	int		(*dmd_chainevh)(struct module *module, int event, void *argument);
	void		*dmd_chainarg;
	const char	*dmd_busname;
	kobj_class_t	dmd_driver;
	devclass_t	*dmd_devclass;
};
int		driver_module_handler(struct module *module, int event, void *argument);

#define DRIVER_MODULE(name, busname, driver, devclass, handler, argument) \
	static struct driver_module_data name##_##busname##_driver_mod = { \
		handler, argument, #busname, (kobj_class_t)&driver, &devclass \
	}; \
	static moduledata_t name##_##busname##_mod = { \
		#busname "/" #name, driver_module_handler, &name##_##busname##_driver_mod \
	}; \
	DECLARE_MODULE(name##_##busname, name##_##busname##_mod, SI_SUB_DRIVERS, SI_ORDER_MIDDLE)

/* Defines VARIABLE_get_NAME and VARIABLE_set_NAME for an instance variable of a bus. */
#define __BUS_ACCESSOR(bus, name, interface, variable, type) \
static __inline type \
bus##_get_##name(device_t dev) \
{ \
	uintptr_t value; \
	BUS_READ_IVAR(device_get_parent(dev), dev, interface##_IVAR_##variable, &value); \
	return ((type)value); \
} \
static __inline void \
bus##_set_##name(device_t dev, type value) \
{ \
	BUS_WRITE_IVAR(device_get_parent(dev), dev, interface##_IVAR_##variable, (uintptr_t)value); \
}

/* Shorthands for registers of a resource. */
#define _DDE_BUS_REGISTER(bytes, type) \
static __inline type \
bus_read_##bytes(struct resource *resource, bus_size_t offset) \
{ \
	return (bus_space_read_##bytes(rman_get_bustag(resource), rman_get_bushandle(resource), offset)); \
} \
static __inline void \
bus_write_##bytes(struct resource *resource, bus_size_t offset, type value) \
{ \
	bus_space_write_##bytes(rman_get_bustag(resource), rman_get_bushandle(resource), offset, value); \
} \
static __inline void \
bus_read_multi_##bytes(struct resource *resource, bus_size_t offset, type *data, bus_size_t count) \
{ \
	bus_space_read_multi_##bytes(rman_get_bustag(resource), rman_get_bushandle(resource), offset, data, count); \
} \
static __inline void \
bus_write_multi_##bytes(struct resource *resource, bus_size_t offset, const type *data, bus_size_t count) \
{ \
	bus_space_write_multi_##bytes(rman_get_bustag(resource), rman_get_bushandle(resource), offset, data, count); \
}

#include <device_if.h>
#include <bus_if.h>
#include <machine/_bus_access.h>

_DDE_BUS_REGISTER(1, u_int8_t)
_DDE_BUS_REGISTER(2, u_int16_t)
_DDE_BUS_REGISTER(4, u_int32_t)

#define bus_barrier(resource, offset, length, flags) \
	bus_space_barrier(rman_get_bustag(resource), rman_get_bushandle(resource), offset, length, flags)

#endif
#endif
