#ifndef _MACHINE_INTTYPES_H_
#define _MACHINE_INTTYPES_H_
#define PRId64 "ld"
#define PRIu64 "lu"
#define PRIx64 "lx"
#endif
