#ifndef _SYS__BUS_DMA_H_
#define _SYS__BUS_DMA_H_

typedef struct bus_dma_tag *	bus_dma_tag_t;
typedef struct bus_dmamap *	bus_dmamap_t;
typedef int			bus_dmasync_op_t;

#endif
