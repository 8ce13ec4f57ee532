/* DMA: bus_dma(9). */
#ifndef _SYS_BUS_DMA_H_
#define _SYS_BUS_DMA_H_

#include <machine/_bus.h>
#include <sys/_bus_dma.h>

struct mbuf;
struct uio;

#define BUS_DMA_WAITOK		0x00
#define BUS_DMA_NOWAIT		0x01
#define BUS_DMA_ALLOCNOW	0x02
#define BUS_DMA_COHERENT	0x04
#define BUS_DMA_ZERO		0x08
#define BUS_DMA_BUS1		0x10
#define BUS_DMA_BUS2		0x20
#define BUS_DMA_BUS3		0x40
#define BUS_DMA_BUS4		0x80
#define BUS_DMA_NOWRITE		0x100
#define BUS_DMA_NOCACHE		0x200

#define BUS_DMASYNC_PREREAD	1
#define BUS_DMASYNC_POSTREAD	2
#define BUS_DMASYNC_PREWRITE	4
#define BUS_DMASYNC_POSTWRITE	8

typedef struct bus_dma_segment {
	bus_addr_t	ds_addr;
	bus_size_t	ds_len;
} bus_dma_segment_t;

typedef enum {
	BUS_DMA_LOCK	= 0x01,
	BUS_DMA_UNLOCK	= 0x02
} bus_dma_lock_op_t;

typedef int  bus_dma_filter_t(void *argument, bus_addr_t address);
typedef void bus_dma_lock_t(void *argument, bus_dma_lock_op_t operation);
typedef void bus_dmamap_callback_t(void *argument, bus_dma_segment_t *segments, int count, int error);
typedef void bus_dmamap_callback2_t(void *argument, bus_dma_segment_t *segments, int count, bus_size_t size, int error);

void	busdma_lock_mutex(void *argument, bus_dma_lock_op_t operation);

int	bus_dma_tag_create(bus_dma_tag_t parent, bus_size_t alignment, bus_size_t boundary, bus_addr_t lowaddr,
	    bus_addr_t highaddr, bus_dma_filter_t *filter, void *filter_argument, bus_size_t maxsize, int nsegments,
	    bus_size_t maxsegsz, int flags, bus_dma_lock_t *lock, void *lock_argument, bus_dma_tag_t *tag);
int	bus_dma_tag_destroy(bus_dma_tag_t tag);
int	bus_dmamap_create(bus_dma_tag_t tag, int flags, bus_dmamap_t *map);
int	bus_dmamap_destroy(bus_dma_tag_t tag, bus_dmamap_t map);
int	bus_dmamem_alloc(bus_dma_tag_t tag, void **memory, int flags, bus_dmamap_t *map);
void	bus_dmamem_free(bus_dma_tag_t tag, void *memory, bus_dmamap_t map);
int	bus_dmamap_load(bus_dma_tag_t tag, bus_dmamap_t map, void *memory, bus_size_t length,
	    bus_dmamap_callback_t *callback, void *argument, int flags);
int	bus_dmamap_load_mbuf(bus_dma_tag_t tag, bus_dmamap_t map, struct mbuf *chain,
	    bus_dmamap_callback2_t *callback, void *argument, int flags);
int	bus_dmamap_load_mbuf_sg(bus_dma_tag_t tag, bus_dmamap_t map, struct mbuf *chain,
	    bus_dma_segment_t *segments, int *count, int flags);
void	_bus_dmamap_sync(bus_dma_tag_t tag, bus_dmamap_t map, bus_dmasync_op_t operation);
void	_bus_dmamap_unload(bus_dma_tag_t tag, bus_dmamap_t map);

/* A map that needs nothing may be null. */
#define bus_dmamap_sync(tag, map, operation) do { \
	if ((map) != NULL) \
		_bus_dmamap_sync(tag, map, operation); \
} while (0)
#define bus_dmamap_unload(tag, map) do { \
	if ((map) != NULL) \
		_bus_dmamap_unload(tag, map); \
} while (0)

#endif
