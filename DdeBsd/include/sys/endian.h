/* Byte order: byteorder(9). amd64 is little-endian. */
#ifndef _SYS_ENDIAN_H_
#define _SYS_ENDIAN_H_

#include <sys/types.h>

#define _LITTLE_ENDIAN	1234
#define _BIG_ENDIAN	4321
#define _BYTE_ORDER	_LITTLE_ENDIAN
#define LITTLE_ENDIAN	_LITTLE_ENDIAN
#define BIG_ENDIAN	_BIG_ENDIAN
#define BYTE_ORDER	_BYTE_ORDER

#define bswap16(value)	__builtin_bswap16(value)
#define bswap32(value)	__builtin_bswap32(value)
#define bswap64(value)	__builtin_bswap64(value)

#define htobe16(value)	bswap16((uint16_t)(value))
#define htobe32(value)	bswap32((uint32_t)(value))
#define htobe64(value)	bswap64((uint64_t)(value))
#define be16toh(value)	bswap16((uint16_t)(value))
#define be32toh(value)	bswap32((uint32_t)(value))
#define be64toh(value)	bswap64((uint64_t)(value))
#define htole16(value)	((uint16_t)(value))
#define htole32(value)	((uint32_t)(value))
#define htole64(value)	((uint64_t)(value))
#define le16toh(value)	((uint16_t)(value))
#define le32toh(value)	((uint32_t)(value))
#define le64toh(value)	((uint64_t)(value))

#define _DDE_ENDIAN_ACCESSORS(bits) \
static __inline uint##bits##_t \
le##bits##dec(const void *buffer) \
{ \
	uint##bits##_t value; \
	__builtin_memcpy(&value, buffer, sizeof(value)); \
	return (le##bits##toh(value)); \
} \
static __inline uint##bits##_t \
be##bits##dec(const void *buffer) \
{ \
	uint##bits##_t value; \
	__builtin_memcpy(&value, buffer, sizeof(value)); \
	return (be##bits##toh(value)); \
} \
static __inline void \
le##bits##enc(void *buffer, uint##bits##_t value) \
{ \
	value = htole##bits(value); \
	__builtin_memcpy(buffer, &value, sizeof(value)); \
} \
static __inline void \
be##bits##enc(void *buffer, uint##bits##_t value) \
{ \
	value = htobe##bits(value); \
	__builtin_memcpy(buffer, &value, sizeof(value)); \
}

_DDE_ENDIAN_ACCESSORS(16)
_DDE_ENDIAN_ACCESSORS(32)
_DDE_ENDIAN_ACCESSORS(64)

#endif
