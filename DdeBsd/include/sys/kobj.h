/* Kernel objects: methods found at run time, kobj(9). */
#ifndef _SYS_KOBJ_H_
#define _SYS_KOBJ_H_

#include <sys/types.h>
#include <sys/linker_set.h>

struct malloc_type;

typedef struct kobj *		kobj_t;
typedef struct kobj_class *	kobj_class_t;
typedef const struct kobj_method kobj_method_t;
typedef int			(*kobjop_t)(void);
typedef struct kobj_ops *	kobj_ops_t;
typedef struct kobjop_desc *	kobjop_desc_t;

struct kobj_method {
	kobjop_desc_t	desc;
	kobjop_t	func;
};

#define KOBJ_CLASS_FIELDS \
	const char	*name;		/* of the class */ \
	kobj_method_t	*methods;	/* ends with a null descriptor */ \
	size_t		size;		/* of an object */ \
	kobj_class_t	*baseclasses;	/* ends with null; may be null */ \
	u_int		refs;		/* objects and compilations */ \
	kobj_ops_t	ops		/* cache of the methods found */

struct kobj_class {
	KOBJ_CLASS_FIELDS;
};

#define KOBJ_FIELDS	kobj_ops_t ops

struct kobj {
	KOBJ_FIELDS;
};

#define KOBJ_CACHE_SIZE	256

struct kobj_ops {
	kobj_method_t	*cache[KOBJ_CACHE_SIZE];
	kobj_class_t	cls;
};

/* A method's identity; the loader numbers those of a module's kobj_desc_set. */
struct kobjop_desc {
	unsigned int	id;
	kobj_method_t	*deflt;
};

#define KOBJMETHOD(name, function)	{ &name##_desc, (kobjop_t)function }
#define KOBJMETHOD_END			{ 0, 0 }

#define DEFINE_CLASS_0(name, variable, methods, size) \
	struct kobj_class variable = { #name, methods, size, 0 }
#define DEFINE_CLASS_1(name, variable, methods, size, base1) \
	static kobj_class_t name##_baseclasses[] = { &base1, 0 }; \
	struct kobj_class variable = { #name, methods, size, name##_baseclasses }
#define DEFINE_CLASS_2(name, variable, methods, size, base1, base2) \
	static kobj_class_t name##_baseclasses[] = { &base1, &base2, 0 }; \
	struct kobj_class variable = { #name, methods, size, name##_baseclasses }
#define DEFINE_CLASS_3(name, variable, methods, size, base1, base2, base3) \
	static kobj_class_t name##_baseclasses[] = { &base1, &base2, &base3, 0 }; \
	struct kobj_class variable = { #name, methods, size, name##_baseclasses }
#define DECLARE_CLASS(name)	extern struct kobj_class name

void	kobj_class_compile(kobj_class_t cls);
void	kobj_class_free(kobj_class_t cls);
kobj_t	kobj_create(kobj_class_t cls, struct malloc_type *type, int flags);
void	kobj_init(kobj_t object, kobj_class_t cls);
void	kobj_delete(kobj_t object, struct malloc_type *type);
kobj_method_t *kobj_lookup_method(kobj_class_t cls, kobj_method_t **slot, kobjop_desc_t desc);
int	kobj_error_method(void);

/* The function that implements a method: the cache's, or what the lookup puts there. */
static __inline kobjop_t
kobj_method_of(kobj_ops_t ops, kobjop_desc_t desc)
{
	kobj_method_t **slot = &ops->cache[desc->id % KOBJ_CACHE_SIZE];
	kobj_method_t *method = *slot;

	if (method->desc != desc)
		method = kobj_lookup_method(ops->cls, slot, desc);
	return (method->func);
}

#endif
