#ifndef _MACHINE_CPU_H_
#define _MACHINE_CPU_H_
#include <machine/cpufunc.h>
#define cpu_spinwait()	cpu_spinwait()
#endif
