#ifndef _VM_VM_H_
#define _VM_VM_H_
#include <sys/types.h>
typedef u_char vm_prot_t;
#define VM_PROT_READ	1
#define VM_PROT_WRITE	2
#define VM_PROT_EXECUTE	4
#endif
