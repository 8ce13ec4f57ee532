/* Linker sets: pointers that object files contribute to one array, found in the section set_NAME. */
#ifndef _SYS_LINKER_SET_H_
#define _SYS_LINKER_SET_H_

#include <sys/cdefs.h>

#define _DDE_SET_ENTRY(set, symbol) \
	static void const * const __set_##set##_sym_##symbol __section("set_" #set) __used = &symbol
#define TEXT_SET(set, symbol)	_DDE_SET_ENTRY(set, symbol)
#define DATA_SET(set, symbol)	_DDE_SET_ENTRY(set, symbol)
#define BSS_SET(set, symbol)	_DDE_SET_ENTRY(set, symbol)
#define ABS_SET(set, symbol)	_DDE_SET_ENTRY(set, symbol)
#define SET_ENTRY(set, symbol)	_DDE_SET_ENTRY(set, symbol)

/* The loader supplies where a module's own set begins and ends. */
#define SET_DECLARE(set, type) \
	extern type *__start_set_##set[] __attribute__((__weak__)); \
	extern type *__stop_set_##set[] __attribute__((__weak__))
#define SET_BEGIN(set)	(__start_set_##set)
#define SET_LIMIT(set)	(__stop_set_##set)
#define SET_COUNT(set)	(SET_LIMIT(set) - SET_BEGIN(set))
#define SET_ITEM(set, index)	((SET_BEGIN(set))[index])
#define SET_FOREACH(variable, set) \
	for ((variable) = SET_BEGIN(set); (variable) < SET_LIMIT(set); (variable)++)

#endif
