namespace SystemRdl.Tests;

/// <summary>The standard's larger features together, as descriptions of whole devices use them.</summary>
public sealed class WholeDeviceTests
{
    [Fact]
    public void A_network_port_with_counters_interrupts_and_a_memory() => Source.Model("""
        signal { activehigh; name = "Reset of statistics"; } statistics_reset;

        enum link { absent = 4'd0; training = 4'd1 { desc = "negotiates"; }; active = 4'd10; };
        field count { hw = r; sw = rw; rclr; counter; };

        reg packet_counts {
          count bad[31:16];
          count good[15:0];
          good->threshold = 16'hCFFF;
          good->resetsignal = statistics_reset;
        };
        regfile queue {
          reg { field { we; } data[31:0]; } head, tail;
          reg { field {} full; field {} empty = 1; field {} nearly_empty[4:4]; } status;
        };
        addrmap port {
          external reg { field { hw = na; sw = r; } part[31:4] = 28'h12_34_56_7; field { sw = r; } revision[3:0] = 4'b00_01; } identity @0;
          reg { field { sw = r; encode = link; } link[4]; } state;
          packet_counts counts @0x20;
          queue queues[8] @0x100 += 0x10;
          reg {
            default hw = w;
            field { intr; } done;
            field { posedge intr; } error;
          } pending;
          reg { field {} done = 1; field {} error; } enabled;
          pending.done->enable = enabled.done;
          pending.error->enable = enabled.error;
          external mem { mementries = 64; memwidth = 64; sw = r; } table @0x1000;
        };
        """).ShouldBe("""
        signal statistics_reset width 1 activehigh=true name="Reset of statistics"
        addrmap port @0x0 size 0x1200
          reg identity @0x0 size 0x4 external
            field revision [3:0] reset=1 sw=r
            field part [31:4] hw=na reset=0x1234567 sw=r
          reg state @0x4 size 0x4
            field link [3:0] encode=link sw=r
          reg counts @0x20 size 0x4
            field good [15:0] counter=true hw=r incrthreshold=0xcfff rclr=true resetsignal=statistics_reset sw=rw
            field bad [31:16] counter=true hw=r rclr=true sw=rw
          regfile queues[8] @0x100 size 0xc stride 0x10
            reg head @0x100 size 0x4
              field data [31:0] we=true
            reg tail @0x104 size 0x4
              field data [31:0] we=true
            reg status @0x108 size 0x4
              field full [0:0]
              field empty [1:1] reset=1
              field nearly_empty [4:4]
          reg pending @0x17c size 0x4
            field done [0:0] enable=enabled.done hw=w intr=true
            field error [1:1] enable=enabled.error hw=w intr=true
          reg enabled @0x180 size 0x4
            field done [0:0] reset=1
            field error [1:1]
          mem table @0x1000 size 0x200 external mementries=0x40 memwidth=0x40 sw=r

        """);

    [Fact]
    public void A_bridge_shows_the_same_addresses_from_both_sides() => Source.Model("""
        addrmap bridged {
          bridge;
          reg word { field {} f; };
          addrmap { littleendian; word a; word b; } left @0;
          addrmap { bigendian; word a; } right @0;
        };
        """).ShouldBe("""
        addrmap bridged @0x0 size 0x8 bridge=true
          addrmap left @0x0 size 0x8 littleendian=true
            reg a @0x0 size 0x4
              field f [0:0]
            reg b @0x4 size 0x4
              field f [0:0]
          addrmap right @0x0 size 0x4 bigendian=true
            reg a @0x0 size 0x4
              field f [0:0]

        """);

    [Fact]
    public void A_task_file_has_registers_of_several_widths_and_meanings_by_direction()
    {
        var map = Source.Compile("""
            addrmap task_file {
              default regwidth = 8;
              reg { regwidth = 16; accesswidth = 16; field { onread = ruser; onwrite = wuser; } word[16]; } data @0;
              reg { field { sw = r; } value[8]; } error @8;
              reg { field { sw = w; } value[8]; } features @8;
              reg { field {} value[8]; } address[3] @9;
              reg { field { sw = r; rclr; desc = "Read acknowledges the interrupt."; } pending; } status @15;
            };
            """).Top!;
        map.Registers.Select(r => (r.Name, r.Address, r.Width, r.Count)).ShouldBe(
            [("data", 0ul, 16, 1), ("error", 8ul, 8, 1), ("features", 8ul, 8, 1), ("address", 9ul, 8, 3), ("status", 15ul, 8, 1)]);
        map.Size.ShouldBe(16ul);
    }

    [Fact]
    public void References_reach_properties_signals_and_the_file_scope() => Source.Model("""
        signal {} strobe[4];
        property source { type = ref; component = field; };
        addrmap m {
          reg { field {} a[4]; field { next = a; } b[4]; b->source = a->anded; a->hwset = strobe; } x[2];
          reg { field {} c; } y;
          y.c->source = x[1].a;
        };
        """).ShouldBe("""
        signal strobe width 4
        addrmap m @0x0 size 0xc
          reg x[2] @0x0 size 0x4
            field a [3:0] hwset=strobe
            field b [7:4] next=a source=a->anded
          reg y @0x8 size 0x4
            field c [0:0] source=x[1].a

        """);

    [Fact]
    public void A_field_guards_the_writes_of_another() => Source.Model("""
        addrmap guarded {
          littleendian; lsb0;
          reg { field { hw = r; swwe; } low[16] = 0; field {} high[16] = 0; } lock;
          reg { field { hw = na; } value = 0; field { next = value->reset; } copy; } key;
          lock.low->swwe = key.value;
        };
        """).ShouldBe("""
        addrmap guarded @0x0 size 0x8 littleendian=true lsb0=true
          reg lock @0x0 size 0x4
            field low [15:0] hw=r reset=0 swwe=key.value
            field high [31:16] reset=0
          reg key @0x4 size 0x4
            field value [0:0] hw=na reset=0
            field copy [1:1] next=value->reset

        """);

    [Fact]
    public void A_field_may_be_called_like_its_enum() =>
        Source.Register("enum mode { off; on; }; field { encode = mode; } mode;").Fields[0].Encoding!.Name.ShouldBe("mode");
}
