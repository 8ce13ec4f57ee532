/* Compiler facts that all other headers use. */
#ifndef _SYS_CDEFS_H_
#define _SYS_CDEFS_H_

#ifdef __cplusplus
#define __BEGIN_DECLS	extern "C" {
#define __END_DECLS	}
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif

#define __P(prototype)		prototype
#define __CONCAT1(left, right)	left ## right
#define __CONCAT(left, right)	__CONCAT1(left, right)
#define __STRING(text)		#text
#define __XSTRING(text)		__STRING(text)

#define __dead2			__attribute__((__noreturn__))
#define __pure2			__attribute__((__const__))
#define __unused		__attribute__((__unused__))
#define __used			__attribute__((__used__))
#define __packed		__attribute__((__packed__))
#define __aligned(bytes)	__attribute__((__aligned__(bytes)))
#define __section(name)		__attribute__((__section__(name)))
#define __nonnull(argument)	__attribute__((__nonnull__(argument)))
#define __printflike(format, first) __attribute__((__format__(__printf__, format, first)))
#define __predict_true(condition)  __builtin_expect((condition), 1)
#define __predict_false(condition) __builtin_expect((condition), 0)
#define __offsetof(type, field)	__builtin_offsetof(type, field)
#define __containerof(pointer, type, field) \
	((type *)((char *)(pointer) - __offsetof(type, field)))
#define __weak_reference(symbol, alias) \
	extern __typeof(symbol) alias __attribute__((__weak__, __alias__(#symbol)))

/* Marks of version control leave nothing in the object. */
#define __FBSDID(text)
#define __RCSID(text)
#define __COPYRIGHT(text)

#define __DECONST(type, value)		((type)(uintptr_t)(const void *)(value))
#define __DEVOLATILE(type, value)	((type)(uintptr_t)(volatile void *)(value))
#define __DEQUALIFY(type, value)	((type)(uintptr_t)(const volatile void *)(value))

#endif
