/* PCI functions as devices of a bus: pci(9). */
#ifndef _DEV_PCI_PCIVAR_H_
#define _DEV_PCI_PCIVAR_H_

#include <sys/queue.h>
#include <sys/bus.h>
#include <pci_if.h>

enum pci_device_ivars {
	PCI_IVAR_SUBVENDOR,
	PCI_IVAR_SUBDEVICE,
	PCI_IVAR_VENDOR,
	PCI_IVAR_DEVICE,
	PCI_IVAR_DEVID,
	PCI_IVAR_CLASS,
	PCI_IVAR_SUBCLASS,
	PCI_IVAR_PROGIF,
	PCI_IVAR_REVID,
	PCI_IVAR_INTPIN,
	PCI_IVAR_IRQ,
	PCI_IVAR_DOMAIN,
	PCI_IVAR_BUS,
	PCI_IVAR_SLOT,
	PCI_IVAR_FUNCTION,
	PCI_IVAR_ETHADDR,
	PCI_IVAR_CMDREG,
	PCI_IVAR_CACHELNSZ,
	PCI_IVAR_MINGNT,
	PCI_IVAR_MAXLAT,
	PCI_IVAR_LATTIMER
};

#define PCI_ACCESSOR(name, variable, type)	__BUS_ACCESSOR(pci, name, PCI, variable, type)

PCI_ACCESSOR(subvendor,	SUBVENDOR,	uint16_t)
PCI_ACCESSOR(subdevice,	SUBDEVICE,	uint16_t)
PCI_ACCESSOR(vendor,	VENDOR,		uint16_t)
PCI_ACCESSOR(device,	DEVICE,		uint16_t)
PCI_ACCESSOR(devid,	DEVID,		uint32_t)
PCI_ACCESSOR(class,	CLASS,		uint8_t)
PCI_ACCESSOR(subclass,	SUBCLASS,	uint8_t)
PCI_ACCESSOR(progif,	PROGIF,		uint8_t)
PCI_ACCESSOR(revid,	REVID,		uint8_t)
PCI_ACCESSOR(intpin,	INTPIN,		uint8_t)
PCI_ACCESSOR(irq,	IRQ,		uint8_t)
PCI_ACCESSOR(domain,	DOMAIN,		uint32_t)
PCI_ACCESSOR(bus,	BUS,		uint8_t)
PCI_ACCESSOR(slot,	SLOT,		uint8_t)
PCI_ACCESSOR(function,	FUNCTION,	uint8_t)
PCI_ACCESSOR(ether,	ETHADDR,	uint8_t *)
PCI_ACCESSOR(cmdreg,	CMDREG,		uint8_t)
PCI_ACCESSOR(cachelnsz,	CACHELNSZ,	uint8_t)
PCI_ACCESSOR(mingnt,	MINGNT,		uint8_t)
PCI_ACCESSOR(maxlat,	MAXLAT,		uint8_t)
PCI_ACCESSOR(lattimer,	LATTIMER,	uint8_t)

#define PCI_POWERSTATE_D0	0
#define PCI_POWERSTATE_D1	1
#define PCI_POWERSTATE_D2	2
#define PCI_POWERSTATE_D3	3
#define PCI_POWERSTATE_UNKNOWN	(-1)

static __inline uint32_t
pci_read_config(device_t dev, int reg, int width)
{
	return (PCI_READ_CONFIG(device_get_parent(dev), dev, reg, width));
}

static __inline void
pci_write_config(device_t dev, int reg, uint32_t value, int width)
{
	PCI_WRITE_CONFIG(device_get_parent(dev), dev, reg, value, width);
}

static __inline int
pci_enable_busmaster(device_t dev)
{
	return (PCI_ENABLE_BUSMASTER(device_get_parent(dev), dev));
}

static __inline int
pci_disable_busmaster(device_t dev)
{
	return (PCI_DISABLE_BUSMASTER(device_get_parent(dev), dev));
}

static __inline int
pci_enable_io(device_t dev, int space)
{
	return (PCI_ENABLE_IO(device_get_parent(dev), dev, space));
}

static __inline int
pci_disable_io(device_t dev, int space)
{
	return (PCI_DISABLE_IO(device_get_parent(dev), dev, space));
}

static __inline int
pci_get_powerstate(device_t dev)
{
	return (PCI_GET_POWERSTATE(device_get_parent(dev), dev));
}

static __inline int
pci_set_powerstate(device_t dev, int state)
{
	return (PCI_SET_POWERSTATE(device_get_parent(dev), dev, state));
}

static __inline int
pci_find_extcap(device_t dev, int capability, int *reg)
{
	return (PCI_FIND_EXTCAP(device_get_parent(dev), dev, capability, reg));
}

static __inline int
pci_alloc_msi(device_t dev, int *count)
{
	return (PCI_ALLOC_MSI(device_get_parent(dev), dev, count));
}

static __inline int
pci_release_msi(device_t dev)
{
	return (PCI_RELEASE_MSI(device_get_parent(dev), dev));
}

static __inline int
pci_msi_count(device_t dev)
{
	return (PCI_MSI_COUNT(device_get_parent(dev), dev));
}

device_t	pci_find_bsf(uint8_t bus, uint8_t slot, uint8_t function);
device_t	pci_find_device(uint16_t vendor, uint16_t device);

#endif
