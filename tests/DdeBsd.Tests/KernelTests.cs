using DdeKit.Foreign;
using Emulator;

namespace DdeBsd.Tests;

/// <summary>Rooms of the kernel, used from C as drivers use them.</summary>
public sealed class KernelTests
{
    private const string Includes = """
        #include <sys/param.h>
        #include <sys/systm.h>
        #include <sys/kernel.h>
        #include <sys/bus.h>
        #include <sys/rman.h>
        #include <sys/malloc.h>
        #include <sys/lock.h>
        #include <sys/mutex.h>
        #include <sys/sema.h>
        #include <sys/taskqueue.h>
        #include <machine/bus.h>
        #include <vm/vm.h>
        #include <vm/pmap.h>

        """;

    [CompilerFact]
    public void Initializers_run_by_subsystem_and_then_by_order() => BsdDomain.RunWithText(Includes + """
        static int sequence;
        static void note(void *digit) { sequence = sequence * 10 + (int)(uintptr_t)digit; }
        SYSINIT(last, SI_SUB_PSEUDO, SI_ORDER_FIRST, note, 4);
        SYSINIT(third, SI_SUB_DRIVERS, SI_ORDER_ANY, note, 3);
        SYSINIT(first, SI_SUB_TUNABLES, SI_ORDER_MIDDLE, note, 1);
        SYSINIT(second, SI_SUB_DRIVERS, SI_ORDER_FIRST, note, 2);
        int answer(void);
        int answer(void) { return (sequence); }
        """, (domain, module) => domain.Call(module, "answer").ShouldBe(1234));

    [CompilerFact]
    public void A_modules_own_linker_set_is_walked_from_start_to_stop() => BsdDomain.RunWithText(Includes + """
        static int two = 2, three = 3, five = 5;
        DATA_SET(numbers, two);
        DATA_SET(numbers, three);
        DATA_SET(numbers, five);
        SET_DECLARE(numbers, int);
        SET_DECLARE(nothing, int);
        int answer(void);
        int
        answer(void)
        {
        	int **number, product = 1;

        	SET_FOREACH(number, numbers)
        		product *= **number;
        	return (product + SET_COUNT(nothing));
        }
        """, (domain, module) => domain.Call(module, "answer").ShouldBe(30));

    [CompilerFact]
    public void Resources_are_split_where_they_fit_and_shared_by_those_who_agree() => BsdDomain.RunWithText(Includes + """
        static struct rman manager = { .rm_type = RMAN_ARRAY, .rm_descr = "test" };
        int answer(void);
        int
        answer(void)
        {
        	struct resource *first, *second, *third;

        	if (rman_init(&manager) != 0 || rman_manage_region(&manager, 10, 19) != 0 || rman_manage_region(&manager, 30, 39) != 0)
        		return (1);
        	if (rman_manage_region(&manager, 35, 50) == 0)
        		return (2);
        	first = rman_reserve_resource(&manager, 12, 100, 4, 0, NULL);
        	if (first == NULL || rman_get_start(first) != 12 || rman_get_end(first) != 15 || rman_get_size(first) != 4)
        		return (3);
        	second = rman_reserve_resource(&manager, 0, 100, 6, 0, NULL);
        	if (second == NULL || rman_get_start(second) != 30)
        		return (4);
        	third = rman_reserve_resource(&manager, 0, 100, 2, RF_ALIGNMENT_LOG2(3), NULL);
        	if (third == NULL || rman_get_start(third) != 16)
        		return (5);
        	if (rman_reserve_resource(&manager, 12, 15, 4, RF_SHAREABLE, NULL) != NULL)
        		return (6);
        	rman_release_resource(first);
        	first = rman_reserve_resource(&manager, 12, 15, 4, RF_SHAREABLE, NULL);
        	if (first == NULL || rman_reserve_resource(&manager, 12, 15, 4, RF_SHAREABLE, NULL) == NULL)
        		return (7);
        	if (rman_reserve_resource(&manager, 0, 100, 100, 0, NULL) != NULL)
        		return (8);
        	return (rman_fini(&manager) == EBUSY ? 0 : 9);
        }
        """, (domain, module) => domain.Call(module, "answer").ShouldBe(0));

    [CompilerFact]
    public void Dma_segments_keep_a_tags_boundary_size_and_number() => BsdDomain.RunWithText(Includes + """
        static struct { int count; int error; bus_dma_segment_t segments[8]; } seen;
        static void
        loaded(void *argument, bus_dma_segment_t *segments, int count, int error)
        {
        	seen.count = count;
        	seen.error = error;
        	memcpy(seen.segments, segments, MIN(count, 8) * sizeof(*segments));
        }
        int answer(void);
        int
        answer(void)
        {
        	bus_dma_tag_t tag, few;
        	bus_dmamap_t map;
        	char *memory = contigmalloc(32768, M_TEMP, M_WAITOK, 0, ~0ul, 16384, 0);
        	int index, total = 0;

        	if (bus_dma_tag_create(NULL, 1, 8192, BUS_SPACE_MAXADDR, BUS_SPACE_MAXADDR, NULL, NULL, 65536, 8, 6000, 0, NULL, NULL, &tag) != 0)
        		return (1);
        	bus_dmamap_create(tag, 0, &map);
        	if (bus_dmamap_load(tag, map, memory + 4096, 16384, loaded, NULL, 0) != 0 || seen.error != 0)
        		return (2);
        	for (index = 0; index < seen.count; index++) {
        		bus_addr_t from = seen.segments[index].ds_addr, last = from + seen.segments[index].ds_len - 1;

        		if (seen.segments[index].ds_len > 6000 || from / 8192 != last / 8192)
        			return (3);
        		if (from != vtophys(memory) + 4096 + total)
        			return (4);
        		total += seen.segments[index].ds_len;
        	}
        	bus_dmamap_unload(tag, map);
        	if (total != 16384)
        		return (5);
        	if (bus_dma_tag_create(tag, 1, 0, BUS_SPACE_MAXADDR, BUS_SPACE_MAXADDR, NULL, NULL, 65536, 2, 65536, 0, NULL, NULL, &few) != 0)
        		return (6);
        	/* The parent's boundary holds for its children. */
        	bus_dmamap_load(few, NULL, memory, 32768, loaded, NULL, 0);
        	return (seen.error == EFBIG ? 0 : 7);
        }
        """, (domain, module) => domain.Call(module, "answer").ShouldBe(0));

    [CompilerFact]
    public void What_a_device_cannot_reach_is_bounced_through_memory_that_it_can() => BsdDomain.RunWithText(Includes + """
        static bus_addr_t where;
        static void loaded(void *argument, bus_dma_segment_t *segments, int count, int error) { where = error == 0 ? segments[0].ds_addr : 0; }
        int answer(char *arena);
        int
        answer(char *arena)
        {
        	bus_dma_tag_t tag;
        	bus_dmamap_t map;
        	char *memory = malloc(4096, M_TEMP, M_WAITOK);

        	if (bus_dma_tag_create(NULL, 512, 0, BUS_SPACE_MAXADDR, BUS_SPACE_MAXADDR, NULL, NULL, 4096, 1, 4096, 0, NULL, NULL, &tag) != 0)
        		return (1);
        	bus_dmamap_create(tag, 0, &map);
        	strcpy(memory + 3, "out");
        	if (bus_dmamap_load(tag, map, memory + 3, 100, loaded, NULL, BUS_DMA_NOWAIT) != 0 || where % 512 != 0)
        		return (2);
        	bus_dmamap_sync(tag, map, BUS_DMASYNC_PREWRITE);
        	if (strcmp(arena + where, "out") != 0)
        		return (3);
        	strcpy(arena + where, "in");
        	bus_dmamap_sync(tag, map, BUS_DMASYNC_POSTREAD);
        	if (strcmp(memory + 3, "in") != 0)
        		return (4);
        	bus_dmamap_unload(tag, map);
        	return (bus_dmamap_destroy(tag, map) == 0 && bus_dma_tag_destroy(tag) == 0 ? 0 : 5);
        }
        """, (domain, module) => domain.Call(module, "answer", domain.Kernel.Arena.Base).ShouldBe(0));

    [CompilerFact]
    public void Callouts_and_sleeps_keep_the_virtual_clock() => BsdDomain.RunWithText(Includes + """
        static struct mtx lock;
        static struct callout timer;
        static struct sema done;
        static int fired, at;
        static void fire(void *argument) { mtx_assert(&lock, MA_OWNED); fired++; at = ticks; sema_post(&done); }
        int answer(void);
        int
        answer(void)
        {
        	int start = ticks;

        	mtx_init(&lock, "test", NULL, MTX_DEF);
        	sema_init(&done, 0, "test");
        	callout_init_mtx(&timer, &lock, 0);
        	callout_reset(&timer, 5 * hz, fire, NULL);
        	if (!callout_pending(&timer) || !callout_active(&timer))
        		return (1);
        	if (callout_reset(&timer, 2 * hz, fire, NULL) != 1)
        		return (2);
        	if (sema_timedwait(&done, hz) != EWOULDBLOCK || fired != 0)
        		return (3);
        	if (sema_timedwait(&done, 3 * hz) != 0 || fired != 1 || at - start < 2 * hz || at - start > 2 * hz + 2)
        		return (4);
        	callout_reset(&timer, hz, fire, NULL);
        	if (callout_stop(&timer) != 1 || callout_stop(&timer) != 0 || callout_pending(&timer))
        		return (5);
        	pause("test", 2 * hz);
        	if (fired != 1)
        		return (6);
        	start = ticks;
        	return (tsleep(&fired, 0, "test", hz) == EWOULDBLOCK && ticks - start >= hz ? 0 : 7);
        }
        """, (domain, module) => domain.Call(module, "answer").ShouldBe(0));

    [CompilerFact]
    public void Tasks_run_by_priority_once_for_all_times_that_they_were_enqueued() => BsdDomain.RunWithText(Includes + """
        static struct task low, high;
        static int order, times;
        static void run(void *context, int pending) { order = order * 10 + (int)(uintptr_t)context; times += pending; }
        int answer(void);
        int
        answer(void)
        {
        	TASK_INIT(&low, 1, run, (void *)1);
        	TASK_INIT(&high, 5, run, (void *)2);
        	taskqueue_enqueue(taskqueue_thread, &low);
        	taskqueue_enqueue(taskqueue_thread, &low);
        	taskqueue_enqueue(taskqueue_thread, &high);
        	taskqueue_drain(taskqueue_thread, &low);
        	return (order * 10 + times);
        }
        """, (domain, module) => domain.Call(module, "answer").ShouldBe(213));

    [CompilerFact]
    public void A_thread_waits_for_an_exclusive_lock_and_for_a_condition() => BsdDomain.RunWithText(Includes + """
        #include <sys/condvar.h>
        #include <sys/kthread.h>
        #include <sys/sx.h>
        #include <vm/uma.h>
        static struct sx shared;
        static struct mtx lock;
        static struct cv changed;
        static int state;
        static void
        other(void *argument)
        {
        	sx_xlock(&shared);
        	mtx_lock(&lock);
        	state = state * 10 + 2;
        	cv_signal(&changed);
        	mtx_unlock(&lock);
        	sx_xunlock(&shared);
        }
        static int set(void *object, int size, void *argument, int flags) { *(int *)object = 7; return (0); }
        int answer(void);
        int
        answer(void)
        {
        	uma_zone_t zone = uma_zcreate("test", 24, set, NULL, NULL, NULL, UMA_ALIGN_PTR, 0);
        	int *object = uma_zalloc(zone, M_WAITOK);

        	sx_init(&shared, "test");
        	mtx_init(&lock, "test", NULL, MTX_DEF);
        	cv_init(&changed, "test");
        	sx_xlock(&shared);
        	if (kthread_create(other, NULL, NULL, 0, 0, "other %d", 1) != 0)
        		return (1);
        	pause("test", 2);
        	state = 1;
        	sx_xunlock(&shared);
        	mtx_lock(&lock);
        	while (state == 1)
        		cv_wait(&changed, &lock);
        	mtx_unlock(&lock);
        	sx_slock(&shared);
        	if (sx_try_xlock(&shared) || !sx_try_slock(&shared))
        		return (2);
        	state = state * 10 + *object;
        	uma_zfree(zone, object);
        	uma_zdestroy(zone);
        	return (state);
        }
        """, (domain, module) => domain.Call(module, "answer").ShouldBe(127));

    [CompilerFact]
    public void A_mutex_that_is_locked_twice_ends_the_domain_with_file_and_line() =>
        BsdDomain.RunToDeath(MachineDescription.WithDisks(), domain =>
        {
            var module = domain.InsertText("test", Includes + """
                static struct mtx lock;
                int answer(void);
                int answer(void) { mtx_init(&lock, "my lock", NULL, MTX_DEF); mtx_lock(&lock); mtx_lock(&lock); return (0); }
                """);
            domain.Call(module, "answer");
        }).ShouldBeOfType<KernelFaultException>().Message.ShouldMatch(@"mutex 'my lock' is locked again at .*test\.c:\d+ by its owner");

    [CompilerFact]
    public void Sleeping_with_a_mutex_ends_the_domain_with_its_name() =>
        BsdDomain.RunToDeath(MachineDescription.WithDisks(), domain =>
        {
            var module = domain.InsertText("test", Includes + """
                static struct mtx lock;
                int answer(void);
                int answer(void) { mtx_init(&lock, "my lock", NULL, MTX_DEF); mtx_lock(&lock); return (tsleep(&lock, 0, "test", hz)); }
                """);
            domain.Call(module, "answer");
        }).ShouldBeOfType<KernelFaultException>().Message.ShouldContain("holds mutex 'my lock'");

    [CompilerFact]
    public void A_function_that_is_not_supplied_ends_the_domain_with_name_and_caller() =>
        BsdDomain.RunToDeath(MachineDescription.WithDisks(), domain =>
        {
            var module = domain.InsertText("test", Includes + "int answer(void);\nint answer(void) { return (copyin(NULL, NULL, 0) + 1); }\n");
            domain.Call(module, "answer");
        }).ShouldBeOfType<KernelFaultException>().Message.ShouldMatch(@"copyin is not supplied .*; called by answer\+0x[0-9a-f]+ \[test\]");

    [CompilerFact]
    public void Imports_that_nobody_knows_are_refused_with_their_users() =>
        Should.Throw<UnresolvedImportsException>(() => BsdDomain.Run(MachineDescription.WithDisks(), domain =>
            domain.InsertText("test", Includes + "void unheard_of(void);\nint answer(void);\nint answer(void) { unheard_of(); return (0); }\n")))
            .Message.ShouldContain("unheard_of (for answer)");

    [CompilerFact]
    public void Text_is_formatted_with_the_kernels_own_conversions() => BsdDomain.RunWithText(Includes + """
        static char text[200];
        char *answer(void);
        char *
        answer(void)
        {
        	static const u_char address[6] = { 0x52, 0x54, 0, 0x12, 0xab, 0xcd };

        	snprintf(text, sizeof(text), "%b|%6D|%-5d|%05x|%s|%jd|%.2s|%%", 0x21, "\20\1ERROR\6FAULT", address, ":", 42, 0xbeef, "ok",
        	    (intmax_t)-1, "cut");
        	return (text);
        }
        """, (domain, module) =>
    {
        module.TryGetSymbol("answer", out nint function);
        domain.Kernel.Memory.CheckString(domain.Kernel.Call(function)).ToString().ShouldBe("21<ERROR,FAULT>|52:54:00:12:ab:cd|42   |0beef|ok|-1|cu|%");
    });
}
