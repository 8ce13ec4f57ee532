/*
 * The IDE function of Intel's PIIX3 and PIIX4: ATA disks by bus-master DMA.
 * ATA/ATAPI-4 (T13 1153D); Programming Interface for Bus Master IDE Controller 1.0; Intel 82371SB and 82371AB data sheets.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/bio.h>
#include <sys/bus.h>
#include <sys/callout.h>
#include <sys/endian.h>
#include <sys/kernel.h>
#include <sys/lock.h>
#include <sys/malloc.h>
#include <sys/module.h>
#include <sys/mutex.h>
#include <sys/rman.h>

#include <machine/bus.h>
#include <machine/resource.h>

#include <geom/geom_disk.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

/* PCI: bus-master registers, timing registers. */
#define PIIX_BAR_BUSMASTER	PCIR_BAR(4)
#define PIIX_IDETIM		0x40
#define PIIX_IDETIM_DECODE	0x8000

#define CHANNELS		2
#define UNITS			2

/* The task file at its fixed addresses (ATA/ATAPI-4, 7; PCI IDE in compatibility mode). */
#define ATA_DATA		0
#define ATA_ERROR		1
#define ATA_COUNT		2
#define ATA_LBA_LOW		3
#define ATA_LBA_MIDDLE		4
#define ATA_LBA_HIGH		5
#define ATA_DEVICE		6
#define ATA_COMMAND		7
#define ATA_STATUS		7

#define ATA_ERROR_ABORTED	0x04
#define ATA_ERROR_NO_ID		0x10
#define ATA_ERROR_UNCORRECTABLE	0x40

#define ATA_DEVICE_LBA		0xe0
#define ATA_DEVICE_UNIT		0x10

#define ATA_STATUS_ERROR	0x01
#define ATA_STATUS_REQUEST	0x08
#define ATA_STATUS_FAULT	0x20
#define ATA_STATUS_READY	0x40
#define ATA_STATUS_BUSY		0x80

#define ATA_CONTROL_NO_INTERRUPT 0x02
#define ATA_CONTROL_RESET	0x04
#define ATA_CONTROL_HIGH_ORDER	0x80

#define ATA_READ_DMA		0xc8
#define ATA_READ_DMA_EXT	0x25
#define ATA_WRITE_DMA		0xca
#define ATA_WRITE_DMA_EXT	0x35
#define ATA_FLUSH		0xe7
#define ATA_FLUSH_EXT		0xea
#define ATA_IDENTIFY		0xec
#define ATA_SET_FEATURES	0xef
#define ATA_SET_TRANSFER_MODE	0x03
#define ATA_MULTIWORD_DMA	0x20

/* Bus-master registers of a channel (Bus Master IDE 1.0, 2). */
#define BM_COMMAND		0
#define BM_COMMAND_START	0x01
#define BM_COMMAND_TO_MEMORY	0x08
#define BM_STATUS		2
#define BM_STATUS_ACTIVE	0x01
#define BM_STATUS_ERROR		0x02
#define BM_STATUS_INTERRUPT	0x04
#define BM_STATUS_UNITS		0x60
#define BM_TABLE		4
#define BM_CHANNEL_SIZE		8

/* Physical region descriptors: at most 64 KiB each, none across a multiple of that. */
#define PRD_LAST		0x80000000
#define PRD_BYTES		(64 * 1024)
#define PRD_COUNT		33

#define SECTOR			512
/* As many sectors as one 28-bit command takes. */
#define MAXIMUM_BYTES		(256 * SECTOR)
#define LBA28_SECTORS		(1 << 28)

#define COMMAND_TICKS		(5 * hz)
#define RESET_MILLISECONDS	5000
#define RETRIES			2

struct prd {
	uint32_t	address;
	uint32_t	count;
};

struct piixide_channel;

struct piixide_disk {
	struct piixide_channel	*channel;
	struct disk		*disk;
	int			unit;
	int			has_lba48;
	int			dma_mode;
	uint64_t		sectors;
};

struct piixide_channel {
	struct piixide_softc	*softc;
	int			number;
	struct resource		*registers;
	struct resource		*control;
	struct resource		*irq;
	int			registers_rid;
	int			control_rid;
	int			irq_rid;
	void			*interrupt;
	struct mtx		lock;
	struct callout		timeout;
	struct bio_queue_head	queue;
	struct bio		*current;
	int			retries;
	bus_dma_tag_t		table_tag;
	bus_dmamap_t		table_map;
	struct prd		*table;
	bus_addr_t		table_address;
	bus_dma_tag_t		data_tag;
	bus_dmamap_t		data_map;
	int			is_loaded;
	int			is_extended;
	struct piixide_disk	disks[UNITS];
};

struct piixide_softc {
	device_t		dev;
	struct resource		*busmaster;
	int			busmaster_rid;
	bus_dma_tag_t		parent_tag;
	struct piixide_channel	channels[CHANNELS];
};

static MALLOC_DEFINE(M_PIIXIDE, "piixide", "PIIX IDE driver");

static const struct {
	u_long	registers;
	u_long	control;
	int	irq;
} legacy[CHANNELS] = {
	{ 0x1f0, 0x3f6, 14 },
	{ 0x170, 0x376, 15 },
};

static void	piixide_start(struct piixide_channel *channel);
static void	piixide_timeout(void *argument);

static uint8_t
bm_read(struct piixide_channel *channel, int reg)
{
	return (bus_read_1(channel->softc->busmaster, channel->number * BM_CHANNEL_SIZE + reg));
}

static void
bm_write(struct piixide_channel *channel, int reg, uint8_t value)
{
	bus_write_1(channel->softc->busmaster, channel->number * BM_CHANNEL_SIZE + reg, value);
}

/* Waits until the channel is not busy; the status, or -1 when it stays busy. */
static int
piixide_wait(struct piixide_channel *channel, int milliseconds)
{
	int left, status;

	for (left = milliseconds * 100; left > 0; left--) {
		status = bus_read_1(channel->control, 0);
		/* All ones: nothing is there to answer. */
		if (status == 0xff)
			return (-1);
		if ((status & ATA_STATUS_BUSY) == 0)
			return (status);
		DELAY(10);
	}
	return (-1);
}

static int
piixide_reset(struct piixide_channel *channel)
{
	bm_write(channel, BM_COMMAND, 0);
	bus_write_1(channel->control, 0, ATA_CONTROL_RESET | ATA_CONTROL_NO_INTERRUPT);
	DELAY(10);
	bus_write_1(channel->control, 0, 0);
	DELAY(2000);
	return (piixide_wait(channel, RESET_MILLISECONDS));
}

/* A command without data, watched to its end; for attaching and recovery only. */
static int
piixide_command(struct piixide_channel *channel, int unit, uint8_t feature, uint8_t count, uint8_t command)
{
	int status;

	bus_write_1(channel->registers, ATA_DEVICE, ATA_DEVICE_LBA | (unit ? ATA_DEVICE_UNIT : 0));
	DELAY(1);
	if (piixide_wait(channel, RESET_MILLISECONDS) < 0)
		return (ETIMEDOUT);
	bus_write_1(channel->control, 0, ATA_CONTROL_NO_INTERRUPT);
	bus_write_1(channel->registers, ATA_ERROR, feature);
	bus_write_1(channel->registers, ATA_COUNT, count);
	bus_write_1(channel->registers, ATA_COMMAND, command);
	DELAY(1);
	status = piixide_wait(channel, RESET_MILLISECONDS);
	if (status < 0)
		return (ETIMEDOUT);
	return (status & (ATA_STATUS_ERROR | ATA_STATUS_FAULT) ? EIO : 0);
}

/* Ends what a watched command may have left and lets interrupts through. */
static void
piixide_enable_interrupts(struct piixide_channel *channel)
{
	bus_read_1(channel->registers, ATA_STATUS);
	bm_write(channel, BM_STATUS, BM_STATUS_INTERRUPT | BM_STATUS_ERROR);
	bus_write_1(channel->control, 0, 0);
}

/* The words of IDENTIFY DEVICE; ENXIO when there is no disk. */
static int
piixide_identify(struct piixide_channel *channel, int unit, uint16_t *words)
{
	int status;

	bus_write_1(channel->registers, ATA_DEVICE, ATA_DEVICE_LBA | (unit ? ATA_DEVICE_UNIT : 0));
	DELAY(1);
	/* Registers that keep what is written belong to somebody. */
	bus_write_1(channel->registers, ATA_LBA_LOW, 0x55);
	bus_write_1(channel->registers, ATA_COUNT, 0xaa);
	if (bus_read_1(channel->registers, ATA_LBA_LOW) != 0x55 || bus_read_1(channel->registers, ATA_COUNT) != 0xaa)
		return (ENXIO);
	if (piixide_command(channel, unit, 0, 0, ATA_IDENTIFY) != 0)
		return (ENXIO);
	status = bus_read_1(channel->control, 0);
	if ((status & ATA_STATUS_REQUEST) == 0)
		return (ENXIO);
	bus_read_multi_2(channel->registers, ATA_DATA, words, 256);
	return (0);
}

/* Text of IDENTIFY DEVICE: two characters a word, the first in the upper half. */
static void
piixide_text(char *text, const uint16_t *words, int count)
{
	int at;

	for (at = 0; at < count; at++) {
		text[2 * at] = words[at] >> 8;
		text[2 * at + 1] = words[at] & 0xff;
	}
	for (at = 2 * count; at > 0 && text[at - 1] == ' '; at--)
		;
	text[at] = 0;
}

static struct piixide_disk *
piixide_disk_of(struct bio *bp)
{
	return (bp->bio_disk->d_drv1);
}

static void
piixide_strategy(struct bio *bp)
{
	struct piixide_channel *channel = piixide_disk_of(bp)->channel;

	if (bp->bio_cmd != BIO_READ && bp->bio_cmd != BIO_WRITE && bp->bio_cmd != BIO_FLUSH) {
		biofinish(bp, NULL, EOPNOTSUPP);
		return;
	}
	mtx_lock(&channel->lock);
	/* What was written before a flush must be written when it ends. */
	if (bp->bio_cmd == BIO_FLUSH)
		bioq_insert_tail(&channel->queue, bp);
	else
		bioq_disksort(&channel->queue, bp);
	piixide_start(channel);
	mtx_unlock(&channel->lock);
}

static void
piixide_unload(struct piixide_channel *channel)
{
	if (!channel->is_loaded)
		return;
	channel->is_loaded = 0;
	bus_dmamap_sync(channel->data_tag, channel->data_map,
	    channel->current->bio_cmd == BIO_READ ? BUS_DMASYNC_POSTREAD : BUS_DMASYNC_POSTWRITE);
	bus_dmamap_unload(channel->data_tag, channel->data_map);
}

static void
piixide_fail(struct piixide_channel *channel, int error)
{
	struct bio *bp = channel->current;

	piixide_unload(channel);
	channel->current = NULL;
	callout_stop(&channel->timeout);
	biofinish(bp, NULL, error);
}

static void
piixide_issue(struct piixide_channel *channel)
{
	struct bio *bp = channel->current;
	struct piixide_disk *disk = piixide_disk_of(bp);
	uint64_t lba = bp->bio_pblkno;
	uint32_t count = bp->bio_bcount / SECTOR;
	uint8_t device = ATA_DEVICE_LBA | (disk->unit ? ATA_DEVICE_UNIT : 0);
	uint8_t command;

	bus_write_1(channel->registers, ATA_DEVICE, device);
	DELAY(1);
	if (piixide_wait(channel, 100) < 0) {
		piixide_fail(channel, EIO);
		return;
	}
	if (bp->bio_cmd == BIO_FLUSH)
		command = disk->has_lba48 ? ATA_FLUSH_EXT : ATA_FLUSH;
	else {
		channel->is_extended = lba + count > LBA28_SECTORS;
		if (channel->is_extended)
			command = bp->bio_cmd == BIO_READ ? ATA_READ_DMA_EXT : ATA_WRITE_DMA_EXT;
		else
			command = bp->bio_cmd == BIO_READ ? ATA_READ_DMA : ATA_WRITE_DMA;
		if (channel->is_extended) {
			/* Each register is two deep: the upper half first. */
			bus_write_1(channel->registers, ATA_COUNT, count >> 8);
			bus_write_1(channel->registers, ATA_LBA_LOW, lba >> 24);
			bus_write_1(channel->registers, ATA_LBA_MIDDLE, lba >> 32);
			bus_write_1(channel->registers, ATA_LBA_HIGH, lba >> 40);
		} else
			device |= lba >> 24 & 0x0f;
		bus_write_1(channel->registers, ATA_COUNT, count);
		bus_write_1(channel->registers, ATA_LBA_LOW, lba);
		bus_write_1(channel->registers, ATA_LBA_MIDDLE, lba >> 8);
		bus_write_1(channel->registers, ATA_LBA_HIGH, lba >> 16);
		bus_write_1(channel->registers, ATA_DEVICE, device);
		bus_write_4(channel->softc->busmaster, channel->number * BM_CHANNEL_SIZE + BM_TABLE, channel->table_address);
		bm_write(channel, BM_COMMAND, bp->bio_cmd == BIO_READ ? BM_COMMAND_TO_MEMORY : 0);
		bm_write(channel, BM_STATUS, (bm_read(channel, BM_STATUS) & BM_STATUS_UNITS) | BM_STATUS_INTERRUPT | BM_STATUS_ERROR);
	}
	callout_reset(&channel->timeout, COMMAND_TICKS, piixide_timeout, channel);
	bus_write_1(channel->registers, ATA_COMMAND, command);
	if (bp->bio_cmd != BIO_FLUSH)
		bm_write(channel, BM_COMMAND, BM_COMMAND_START | (bp->bio_cmd == BIO_READ ? BM_COMMAND_TO_MEMORY : 0));
}

static void
piixide_loaded(void *argument, bus_dma_segment_t *segments, int count, int error)
{
	struct piixide_channel *channel = argument;
	int index;

	if (error != 0) {
		piixide_fail(channel, error);
		return;
	}
	channel->is_loaded = 1;
	for (index = 0; index < count; index++) {
		channel->table[index].address = htole32(segments[index].ds_addr);
		/* 0 means 64 KiB. */
		channel->table[index].count = htole32(segments[index].ds_len & 0xffff);
	}
	channel->table[count - 1].count |= htole32(PRD_LAST);
	bus_dmamap_sync(channel->table_tag, channel->table_map, BUS_DMASYNC_PREWRITE);
	bus_dmamap_sync(channel->data_tag, channel->data_map,
	    channel->current->bio_cmd == BIO_READ ? BUS_DMASYNC_PREREAD : BUS_DMASYNC_PREWRITE);
	piixide_issue(channel);
}

static void
piixide_begin(struct piixide_channel *channel)
{
	struct bio *bp = channel->current;

	if (bp->bio_cmd == BIO_FLUSH) {
		piixide_issue(channel);
		return;
	}
	/* EINPROGRESS: the callback comes when there is memory to bounce through. */
	bus_dmamap_load(channel->data_tag, channel->data_map, bp->bio_data, bp->bio_bcount, piixide_loaded, channel, 0);
}

static void
piixide_start(struct piixide_channel *channel)
{
	while (channel->current == NULL && (channel->current = bioq_takefirst(&channel->queue)) != NULL) {
		channel->retries = 0;
		piixide_begin(channel);
	}
}

/* The command at hand has ended, well or not. */
static void
piixide_finish(struct piixide_channel *channel, int error)
{
	struct bio *bp = channel->current;

	callout_stop(&channel->timeout);
	piixide_unload(channel);
	channel->current = NULL;
	if (error == 0)
		bp->bio_resid = 0;
	bp->bio_error = error;
	if (error != 0)
		bp->bio_flags |= BIO_ERROR;
	biodone(bp);
	piixide_start(channel);
}

/* The address in the task file; both halves of it after an extended command. */
static daddr_t
piixide_address(struct piixide_channel *channel)
{
	daddr_t lba = bus_read_1(channel->registers, ATA_LBA_LOW) | bus_read_1(channel->registers, ATA_LBA_MIDDLE) << 8
	    | bus_read_1(channel->registers, ATA_LBA_HIGH) << 16;

	if (!channel->is_extended)
		return (lba | (daddr_t)(bus_read_1(channel->registers, ATA_DEVICE) & 0x0f) << 24);
	bus_write_1(channel->control, 0, ATA_CONTROL_HIGH_ORDER);
	lba |= (daddr_t)bus_read_1(channel->registers, ATA_LBA_LOW) << 24 | (daddr_t)bus_read_1(channel->registers, ATA_LBA_MIDDLE) << 32
	    | (daddr_t)bus_read_1(channel->registers, ATA_LBA_HIGH) << 40;
	bus_write_1(channel->control, 0, 0);
	return (lba);
}

static int
piixide_error_of(struct piixide_channel *channel, int status)
{
	struct bio *bp = channel->current;
	int error = bus_read_1(channel->registers, ATA_ERROR);
	daddr_t lba;

	device_printf(channel->softc->dev, "channel %d unit %d: command %d at sector %jd: status %b error %b\n",
	    channel->number, piixide_disk_of(bp)->unit, bp->bio_cmd, (intmax_t)bp->bio_pblkno,
	    status, "\20\10BUSY\7READY\6FAULT\4REQUEST\1ERROR", error, "\20\7UNCORRECTABLE\5NO_ID\3ABORTED");
	if ((error & (ATA_ERROR_UNCORRECTABLE | ATA_ERROR_NO_ID)) == 0)
		return (ENXIO);
	/* The task file has the address of the first sector that failed: what is before it was transferred. */
	lba = piixide_address(channel);
	if (lba >= bp->bio_pblkno && lba < bp->bio_pblkno + bp->bio_bcount / SECTOR)
		bp->bio_resid = bp->bio_bcount - (lba - bp->bio_pblkno) * SECTOR;
	return (EIO);
}

static void
piixide_interrupt(void *argument)
{
	struct piixide_channel *channel = argument;
	int busmaster, status;

	mtx_lock(&channel->lock);
	busmaster = bm_read(channel, BM_STATUS);
	if (channel->current == NULL || (busmaster & BM_STATUS_INTERRUPT) == 0) {
		mtx_unlock(&channel->lock);
		return;
	}
	if (channel->current->bio_cmd != BIO_FLUSH)
		bm_write(channel, BM_COMMAND, 0);
	/* Reading the status takes the interrupt back. */
	status = bus_read_1(channel->registers, ATA_STATUS);
	bm_write(channel, BM_STATUS, (busmaster & BM_STATUS_UNITS) | BM_STATUS_INTERRUPT | BM_STATUS_ERROR);
	if (status & ATA_STATUS_BUSY) {
		/* Somebody else's: the end is still to come. */
		mtx_unlock(&channel->lock);
		return;
	}
	if (status & (ATA_STATUS_ERROR | ATA_STATUS_FAULT))
		piixide_finish(channel, piixide_error_of(channel, status));
	else if (busmaster & BM_STATUS_ERROR) {
		device_printf(channel->softc->dev, "channel %d: DMA error\n", channel->number);
		piixide_finish(channel, EIO);
	} else
		piixide_finish(channel, 0);
	mtx_unlock(&channel->lock);
}

static void
piixide_set_modes(struct piixide_channel *channel)
{
	int unit;

	for (unit = 0; unit < UNITS; unit++) {
		if (channel->disks[unit].disk != NULL)
			piixide_command(channel, unit, ATA_SET_TRANSFER_MODE, ATA_MULTIWORD_DMA | channel->disks[unit].dma_mode,
			    ATA_SET_FEATURES);
	}
	piixide_enable_interrupts(channel);
}

/* Called with the channel's lock held: the command at hand did not end in time. */
static void
piixide_timeout(void *argument)
{
	struct piixide_channel *channel = argument;
	struct bio *bp = channel->current;

	if (bp == NULL)
		return;
	device_printf(channel->softc->dev, "channel %d unit %d: command %d at sector %jd timed out, try %d\n",
	    channel->number, piixide_disk_of(bp)->unit, bp->bio_cmd, (intmax_t)bp->bio_pblkno, channel->retries + 1);
	piixide_unload(channel);
	if (piixide_reset(channel) < 0) {
		piixide_finish(channel, ENXIO);
		return;
	}
	piixide_set_modes(channel);
	if (channel->retries++ < RETRIES)
		piixide_begin(channel);
	else
		piixide_finish(channel, EIO);
}

static int
piixide_add_disk(struct piixide_channel *channel, int unit)
{
	struct piixide_disk *disk = &channel->disks[unit];
	uint16_t *words;
	char model[41], serial[21];
	int error;

	words = malloc(SECTOR, M_PIIXIDE, M_WAITOK | M_ZERO);
	error = piixide_identify(channel, unit, words);
	if (error != 0) {
		free(words, M_PIIXIDE);
		return (error);
	}
	disk->channel = channel;
	disk->unit = unit;
	/* Words 83 and 86: 48-bit addresses are there and enabled; 60 and 100: how many sectors. */
	disk->has_lba48 = (words[83] & 0x0400) != 0 && (words[86] & 0x0400) != 0;
	disk->sectors = disk->has_lba48
	    ? (uint64_t)words[100] | (uint64_t)words[101] << 16 | (uint64_t)words[102] << 32 | (uint64_t)words[103] << 48
	    : (uint64_t)words[60] | (uint64_t)words[61] << 16;
	disk->dma_mode = fls(words[63] & 0x07) - 1;
	piixide_text(model, &words[27], 20);
	piixide_text(serial, &words[10], 10);
	if (disk->dma_mode < 0 || disk->sectors == 0) {
		device_printf(channel->softc->dev, "channel %d unit %d: %s has no DMA, or no sectors\n", channel->number, unit, model);
		free(words, M_PIIXIDE);
		return (ENXIO);
	}
	disk->disk = disk_alloc();
	disk->disk->d_name = "pd";
	disk->disk->d_unit = channel->number * UNITS + unit;
	disk->disk->d_strategy = piixide_strategy;
	disk->disk->d_sectorsize = SECTOR;
	disk->disk->d_mediasize = (off_t)disk->sectors * SECTOR;
	disk->disk->d_maxsize = MAXIMUM_BYTES;
	disk->disk->d_drv1 = disk;
	if (words[83] & 0x1000)
		disk->disk->d_flags = DISKFLAG_CANFLUSHCACHE;
	strlcpy(disk->disk->d_ident, serial, sizeof(disk->disk->d_ident));
	device_printf(channel->softc->dev, "channel %d unit %d: <%s> %ju sectors, multiword DMA mode %d\n",
	    channel->number, unit, model, (uintmax_t)disk->sectors, disk->dma_mode);
	free(words, M_PIIXIDE);
	return (0);
}

static void
piixide_table_loaded(void *argument, bus_dma_segment_t *segments, int count, int error)
{
	struct piixide_channel *channel = argument;

	if (error == 0 && count == 1)
		channel->table_address = segments[0].ds_addr;
}

static int
piixide_make_dma(struct piixide_channel *channel)
{
	int error;

	/* The table: not across 64 KiB, on four bytes. */
	error = bus_dma_tag_create(channel->softc->parent_tag, 4, PRD_BYTES, BUS_SPACE_MAXADDR_32BIT, BUS_SPACE_MAXADDR, NULL, NULL,
	    PRD_COUNT * sizeof(struct prd), 1, PRD_COUNT * sizeof(struct prd), 0, NULL, NULL, &channel->table_tag);
	if (error != 0)
		return (error);
	error = bus_dmamem_alloc(channel->table_tag, (void **)&channel->table, BUS_DMA_WAITOK | BUS_DMA_ZERO, &channel->table_map);
	if (error != 0)
		return (error);
	error = bus_dmamap_load(channel->table_tag, channel->table_map, channel->table, PRD_COUNT * sizeof(struct prd),
	    piixide_table_loaded, channel, BUS_DMA_NOWAIT);
	if (error != 0)
		return (error);
	/* Data: even addresses, pieces not across 64 KiB. */
	error = bus_dma_tag_create(channel->softc->parent_tag, 2, PRD_BYTES, BUS_SPACE_MAXADDR_32BIT, BUS_SPACE_MAXADDR, NULL, NULL,
	    MAXIMUM_BYTES, PRD_COUNT, PRD_BYTES, 0, busdma_lock_mutex, &channel->lock, &channel->data_tag);
	if (error != 0)
		return (error);
	return (bus_dmamap_create(channel->data_tag, 0, &channel->data_map));
}

static struct resource *
piixide_claim(device_t dev, int type, int *rid, u_long start, u_long count, u_int flags)
{
	return (bus_alloc_resource(dev, type, rid, start, start + count - 1, count, flags | RF_ACTIVE));
}

static int
piixide_attach_channel(struct piixide_softc *softc, int number)
{
	struct piixide_channel *channel = &softc->channels[number];
	device_t dev = softc->dev;
	int error, found = 0, unit;

	channel->softc = softc;
	channel->number = number;
	mtx_init(&channel->lock, device_get_nameunit(dev), "piixide channel", MTX_DEF);
	callout_init_mtx(&channel->timeout, &channel->lock, 0);
	bioq_init(&channel->queue);
	channel->registers_rid = PCIR_BAR(2 * number);
	channel->control_rid = PCIR_BAR(2 * number + 1);
	channel->irq_rid = number;
	channel->registers = piixide_claim(dev, SYS_RES_IOPORT, &channel->registers_rid, legacy[number].registers, 8, 0);
	channel->control = piixide_claim(dev, SYS_RES_IOPORT, &channel->control_rid, legacy[number].control, 1, 0);
	channel->irq = piixide_claim(dev, SYS_RES_IRQ, &channel->irq_rid, legacy[number].irq, 1, RF_SHAREABLE);
	if (channel->registers == NULL || channel->control == NULL || channel->irq == NULL) {
		device_printf(dev, "channel %d: its ports or interrupt are not to be had\n", number);
		return (ENXIO);
	}
	error = piixide_make_dma(channel);
	if (error != 0)
		return (error);
	if (piixide_reset(channel) < 0)
		return (0);
	for (unit = 0; unit < UNITS; unit++)
		found += piixide_add_disk(channel, unit) == 0;
	error = bus_setup_intr(dev, channel->irq, INTR_TYPE_BIO | INTR_MPSAFE, NULL, piixide_interrupt, channel, &channel->interrupt);
	if (error != 0 || found == 0)
		return (error);
	mtx_lock(&channel->lock);
	piixide_set_modes(channel);
	mtx_unlock(&channel->lock);
	for (unit = 0; unit < UNITS; unit++) {
		if (channel->disks[unit].disk != NULL)
			disk_create(channel->disks[unit].disk, DISK_VERSION);
	}
	return (0);
}

static int
piixide_probe(device_t dev)
{
	switch (pci_get_devid(dev)) {
	case 0x70108086:
		device_set_desc(dev, "Intel PIIX3 IDE controller");
		return (BUS_PROBE_DEFAULT);
	case 0x71118086:
		device_set_desc(dev, "Intel PIIX4 IDE controller");
		return (BUS_PROBE_DEFAULT);
	default:
		return (ENXIO);
	}
}

static void
piixide_detach_channel(struct piixide_channel *channel)
{
	device_t dev = channel->softc->dev;
	int unit;

	for (unit = 0; unit < UNITS; unit++) {
		if (channel->disks[unit].disk != NULL)
			disk_destroy(channel->disks[unit].disk);
	}
	if (channel->interrupt != NULL)
		bus_teardown_intr(dev, channel->irq, channel->interrupt);
	callout_drain(&channel->timeout);
	if (channel->data_tag != NULL) {
		bus_dmamap_destroy(channel->data_tag, channel->data_map);
		bus_dma_tag_destroy(channel->data_tag);
	}
	if (channel->table != NULL) {
		bus_dmamap_unload(channel->table_tag, channel->table_map);
		bus_dmamem_free(channel->table_tag, channel->table, channel->table_map);
	}
	if (channel->table_tag != NULL)
		bus_dma_tag_destroy(channel->table_tag);
	if (channel->irq != NULL)
		bus_release_resource(dev, SYS_RES_IRQ, channel->irq_rid, channel->irq);
	if (channel->control != NULL)
		bus_release_resource(dev, SYS_RES_IOPORT, channel->control_rid, channel->control);
	if (channel->registers != NULL)
		bus_release_resource(dev, SYS_RES_IOPORT, channel->registers_rid, channel->registers);
	mtx_destroy(&channel->lock);
}

static int
piixide_detach(device_t dev)
{
	struct piixide_softc *softc = device_get_softc(dev);
	int number;

	for (number = 0; number < CHANNELS; number++) {
		if (softc->channels[number].softc != NULL)
			piixide_detach_channel(&softc->channels[number]);
	}
	if (softc->parent_tag != NULL)
		bus_dma_tag_destroy(softc->parent_tag);
	if (softc->busmaster != NULL)
		bus_release_resource(dev, SYS_RES_IOPORT, softc->busmaster_rid, softc->busmaster);
	return (0);
}

static int
piixide_attach(device_t dev)
{
	struct piixide_softc *softc = device_get_softc(dev);
	int error, number;

	softc->dev = dev;
	pci_enable_busmaster(dev);
	pci_enable_io(dev, SYS_RES_IOPORT);
	softc->busmaster_rid = PIIX_BAR_BUSMASTER;
	softc->busmaster = bus_alloc_resource_any(dev, SYS_RES_IOPORT, &softc->busmaster_rid, RF_ACTIVE);
	if (softc->busmaster == NULL) {
		device_printf(dev, "the bus-master registers are not to be had\n");
		return (ENXIO);
	}
	error = bus_dma_tag_create(bus_get_dma_tag(dev), 1, 0, BUS_SPACE_MAXADDR_32BIT, BUS_SPACE_MAXADDR, NULL, NULL,
	    BUS_SPACE_MAXSIZE_32BIT, BUS_SPACE_UNRESTRICTED, BUS_SPACE_MAXSIZE_32BIT, 0, NULL, NULL, &softc->parent_tag);
	for (number = 0; error == 0 && number < CHANNELS; number++) {
		if ((pci_read_config(dev, PIIX_IDETIM + 2 * number, 2) & PIIX_IDETIM_DECODE) != 0)
			error = piixide_attach_channel(softc, number);
	}
	if (error != 0)
		piixide_detach(dev);
	return (error);
}

static device_method_t piixide_methods[] = {
	DEVMETHOD(device_probe,		piixide_probe),
	DEVMETHOD(device_attach,	piixide_attach),
	DEVMETHOD(device_detach,	piixide_detach),
	{ 0, 0 }
};

static driver_t piixide_driver = {
	"piixide",
	piixide_methods,
	sizeof(struct piixide_softc),
};

static devclass_t piixide_devclass;

DRIVER_MODULE(piixide, pci, piixide_driver, piixide_devclass, 0, 0);
MODULE_VERSION(piixide, 1);
