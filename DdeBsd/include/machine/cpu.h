#ifndef _MACHINE_CPU_H_
#define _MACHINE_CPU_H_
#include <machine/cpufunc.h>
#endif
