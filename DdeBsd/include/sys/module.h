/* Modules: module(9). */
#ifndef _SYS_MODULE_H_
#define _SYS_MODULE_H_

#include <sys/types.h>
#include <sys/kernel.h>
#include <sys/linker_set.h>

typedef enum modeventtype {
	MOD_LOAD,
	MOD_UNLOAD,
	MOD_SHUTDOWN,
	MOD_QUIESCE
} modeventtype_t;

typedef struct module *module_t;
typedef int (*modeventhand_t)(module_t module, int event, void *argument);

typedef struct moduledata {
	const char	*name;
	modeventhand_t	evhand;
	void		*priv;
} moduledata_t;

#define MDT_DEPEND	1
#define MDT_MODULE	2
#define MDT_VERSION	3
#define MDT_STRUCT_VERSION 1

struct mod_depend {
	int	md_ver_minimum;
	int	md_ver_preferred;
	int	md_ver_maximum;
};
struct mod_version {
	int	mv_version;
};
struct mod_metadata {
	int		md_version;
	int		md_type;
	void		*md_data;
	const char	*md_cval;
};

#define MODULE_METADATA(unique, type, data, text) \
	static struct mod_metadata _mod_metadata##unique = { MDT_STRUCT_VERSION, type, data, text }; \
	DATA_SET(modmetadata_set, _mod_metadata##unique)
#define MODULE_DEPEND(module, on, least, preferred, most) \
	static struct mod_depend _##module##_depend_on_##on = { least, preferred, most }; \
	MODULE_METADATA(_md_##module##_on_##on, MDT_DEPEND, &_##module##_depend_on_##on, #on)
#define MODULE_VERSION(module, version) \
	static struct mod_version _##module##_version = { version }; \
	MODULE_METADATA(_##module##_version, MDT_VERSION, &_##module##_version, #module)
#define DECLARE_MODULE(name, data, subsystem, order) \
	MODULE_METADATA(_md_##name, MDT_MODULE, &data, #name); \
	SYSINIT(name##module, subsystem, order, module_register_init, &data)

void	module_register_init(const void *data);
int	module_register(const moduledata_t *data, void *container);

#endif
