/* Types of resources on amd64. */
#ifndef _MACHINE_RESOURCE_H_
#define _MACHINE_RESOURCE_H_

#define SYS_RES_IRQ	1
#define SYS_RES_DRQ	2
#define SYS_RES_MEMORY	3
#define SYS_RES_IOPORT	4

#endif
