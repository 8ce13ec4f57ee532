namespace DdeBsd.Tests;

/// <summary>Method lookup of kernel objects, by the inline dispatch of the headers.</summary>
public sealed class KobjTests
{
    private const string Classes = """
        #include <sys/param.h>
        #include <sys/systm.h>
        #include <sys/kernel.h>
        #include <sys/bus.h>
        #include <sys/malloc.h>

        static int base_attach(device_t dev) { return (1); }
        static int base_detach(device_t dev) { return (2); }
        static int derived_attach(device_t dev) { return (3); }
        static int other_resume(device_t dev) { return (4); }

        static kobj_method_t base_methods[] = { KOBJMETHOD(device_attach, base_attach), KOBJMETHOD(device_detach, base_detach), KOBJMETHOD_END };
        static kobj_method_t other_methods[] = { KOBJMETHOD(device_resume, other_resume), KOBJMETHOD(device_detach, derived_attach), KOBJMETHOD_END };
        static kobj_method_t derived_methods[] = { KOBJMETHOD(device_attach, derived_attach), KOBJMETHOD_END };
        DEFINE_CLASS_0(base, base_class, base_methods, sizeof(struct kobj));
        DEFINE_CLASS_0(other, other_class, other_methods, sizeof(struct kobj));
        DEFINE_CLASS_2(derived, derived_class, derived_methods, sizeof(struct kobj), base_class, other_class);

        int call(int which);
        int
        call(int which)
        {
        	kobj_t object = kobj_create(&derived_class, M_TEMP, M_WAITOK);
        	device_t dev = (device_t)object;
        	int result = which == 0 ? DEVICE_ATTACH(dev) : which == 1 ? DEVICE_DETACH(dev) : which == 2 ? DEVICE_RESUME(dev)
        	    : which == 3 ? DEVICE_SUSPEND(dev) : DEVICE_PROBE(dev);

        	/* Once more, from the cache. */
        	if (which == 0 && DEVICE_ATTACH(dev) != result)
        		result = -1;
        	kobj_delete(object, M_TEMP);
        	return (result);
        }

        int references(void);
        int references(void) { return (derived_class.refs + (derived_class.ops != NULL)); }
        """;

    [CompilerFact]
    public void Own_methods_come_before_those_of_base_classes_in_their_order_and_then_defaults() => BsdDomain.RunWithText(Classes, (domain, module) =>
    {
        domain.Call(module, "call", 0).ShouldBe(3, "its own");
        domain.Call(module, "call", 1).ShouldBe(2, "of the first base class, though the second has one too");
        domain.Call(module, "call", 2).ShouldBe(4, "of the second base class");
        domain.Call(module, "call", 3).ShouldBe(0, "the method's default");
        domain.Call(module, "call", 4).ShouldBe(Errno.ENXIO, "no default");
        domain.Call(module, "references").ShouldBe(0, "the last object took the compiled class with it");
    });
}
