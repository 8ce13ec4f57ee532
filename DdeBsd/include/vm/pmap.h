#ifndef _VM_PMAP_H_
#define _VM_PMAP_H_
#include <sys/types.h>
/* The address that a device uses for a byte of the heap. */
vm_paddr_t pmap_kextract(vm_offset_t address);
#define vtophys(address)	pmap_kextract((vm_offset_t)(address))
#endif
