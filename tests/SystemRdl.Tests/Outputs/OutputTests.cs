namespace SystemRdl.Tests;

/// <summary>The outputs of one description that has everything they treat differently, as texts.</summary>
public sealed class OutputTests
{
    private const string Serial =
        """
        enum rate {
            slow = 0 { desc = "At most 9600 baud."; };
            fast = 2;
        };
        addrmap uart {
            name = "A serial port";
            reg {
                name = "Control";
                desc = "Written | before use, */ always.";
                regwidth = 8;
                field { encode = rate; } speed[1:0] = 2;
                field { onwrite = woclr; hw = w; } overrun[4:4] = 0;
                field { singlepulse; sw = w; } flush[7:7] = 0;
            } control @0x0;
            regfile {
                reg { regwidth = 16; field { sw = rw; } entries[11:0]; field { onwrite = wzc; } full[15:15] = 1; } fill @0x0;
                reg { regwidth = 16; field { sw = r; onread = rclr; } lost[15:0] = 0; field { sw = w; } limit[15:0]; } drops @0x2;
            } queue[2] @0x10 += 0x8;
            reg { regwidth = 128; field {} key[127:0] = 0; } secret @0x20;
            external mem { mementries = 16; memwidth = 8; } buffer @0x100;
        };

        """;

    private const string SerialHeader =
        """
        /* Made from sample.rdl: change that file instead. */
        #ifndef UART_REGISTERS_H
        #define UART_REGISTERS_H

        #include <stdint.h>

        /* How a register of so many bits is reached; define both first where this is not right (ports, byte order, barriers). */
        #ifndef REGISTER_READ
        #define REGISTER_READ(bits, base, offset) (*(const volatile uint##bits##_t *)((base) + (offset)))
        #define REGISTER_WRITE(bits, base, offset, value) (*(volatile uint##bits##_t *)((base) + (offset)) = (value))
        #endif

        /* uart.control: Control: Written | before use, * / always. */
        #define UART_CONTROL_OFFSET 0x0u
        #define UART_CONTROL_WIDTH 8
        #define UART_CONTROL_RESET 0x2u
        #define UART_CONTROL_SPEED_SHIFT 0
        #define UART_CONTROL_SPEED_MASK 0x3u
        #define UART_CONTROL_SPEED_RESET 0x2u
        #define UART_CONTROL_SPEED_SLOW 0x0u
        #define UART_CONTROL_SPEED_FAST 0x2u
        #define UART_CONTROL_OVERRUN_SHIFT 4
        #define UART_CONTROL_OVERRUN_MASK 0x10u
        #define UART_CONTROL_OVERRUN_RESET 0x0u
        #define UART_CONTROL_FLUSH_SHIFT 7
        #define UART_CONTROL_FLUSH_MASK 0x80u
        #define UART_CONTROL_FLUSH_RESET 0x0u
        static inline uint8_t uart_control_read(uintptr_t base) { return REGISTER_READ(8, base, UART_CONTROL_OFFSET); }
        static inline void uart_control_write(uintptr_t base, uint8_t value) { REGISTER_WRITE(8, base, UART_CONTROL_OFFSET, value); }
        static inline uint8_t uart_control_speed_get(uintptr_t base) { return (uint8_t)((uart_control_read(base) & UART_CONTROL_SPEED_MASK) >> UART_CONTROL_SPEED_SHIFT); }
        static inline void uart_control_speed_set(uintptr_t base, uint8_t value) { uart_control_write(base, (uint8_t)((((uint8_t)(value) << UART_CONTROL_SPEED_SHIFT) & UART_CONTROL_SPEED_MASK))); }
        static inline uint8_t uart_control_overrun_get(uintptr_t base) { return (uint8_t)((uart_control_read(base) & UART_CONTROL_OVERRUN_MASK) >> UART_CONTROL_OVERRUN_SHIFT); }
        static inline void uart_control_overrun_set(uintptr_t base, uint8_t value) { uart_control_write(base, (uint8_t)((uart_control_read(base) & 0x3u) | (((uint8_t)(value) << UART_CONTROL_OVERRUN_SHIFT) & UART_CONTROL_OVERRUN_MASK))); }
        static inline void uart_control_flush_set(uintptr_t base, uint8_t value) { uart_control_write(base, (uint8_t)((uart_control_read(base) & 0x3u) | (((uint8_t)(value) << UART_CONTROL_FLUSH_SHIFT) & UART_CONTROL_FLUSH_MASK))); }

        /* uart.queue.fill */
        #define UART_QUEUE_FILL_OFFSET(index0) (0x10u + 0x8u * (index0))
        #define UART_QUEUE_FILL_WIDTH 16
        #define UART_QUEUE_FILL_RESET 0x8000u
        #define UART_QUEUE_FILL_ENTRIES_SHIFT 0
        #define UART_QUEUE_FILL_ENTRIES_MASK 0xfffu
        #define UART_QUEUE_FILL_FULL_SHIFT 15
        #define UART_QUEUE_FILL_FULL_MASK 0x8000u
        #define UART_QUEUE_FILL_FULL_RESET 0x1u
        static inline uint16_t uart_queue_fill_read(uintptr_t base, unsigned index0) { return REGISTER_READ(16, base, UART_QUEUE_FILL_OFFSET(index0)); }
        static inline void uart_queue_fill_write(uintptr_t base, unsigned index0, uint16_t value) { REGISTER_WRITE(16, base, UART_QUEUE_FILL_OFFSET(index0), value); }
        static inline uint16_t uart_queue_fill_entries_get(uintptr_t base, unsigned index0) { return (uint16_t)((uart_queue_fill_read(base, index0) & UART_QUEUE_FILL_ENTRIES_MASK) >> UART_QUEUE_FILL_ENTRIES_SHIFT); }
        static inline void uart_queue_fill_entries_set(uintptr_t base, unsigned index0, uint16_t value) { uart_queue_fill_write(base, index0, (uint16_t)(0x8000u | (((uint16_t)(value) << UART_QUEUE_FILL_ENTRIES_SHIFT) & UART_QUEUE_FILL_ENTRIES_MASK))); }
        static inline uint16_t uart_queue_fill_full_get(uintptr_t base, unsigned index0) { return (uint16_t)((uart_queue_fill_read(base, index0) & UART_QUEUE_FILL_FULL_MASK) >> UART_QUEUE_FILL_FULL_SHIFT); }
        static inline void uart_queue_fill_full_set(uintptr_t base, unsigned index0, uint16_t value) { uart_queue_fill_write(base, index0, (uint16_t)((uart_queue_fill_read(base, index0) & 0xfffu) | (((uint16_t)(value) << UART_QUEUE_FILL_FULL_SHIFT) & UART_QUEUE_FILL_FULL_MASK))); }

        /* uart.queue.drops */
        #define UART_QUEUE_DROPS_OFFSET(index0) (0x12u + 0x8u * (index0))
        #define UART_QUEUE_DROPS_WIDTH 16
        #define UART_QUEUE_DROPS_RESET 0x0u
        #define UART_QUEUE_DROPS_LOST_SHIFT 0
        #define UART_QUEUE_DROPS_LOST_MASK 0xffffu
        #define UART_QUEUE_DROPS_LOST_RESET 0x0u
        #define UART_QUEUE_DROPS_LIMIT_SHIFT 0
        #define UART_QUEUE_DROPS_LIMIT_MASK 0xffffu
        static inline uint16_t uart_queue_drops_read(uintptr_t base, unsigned index0) { return REGISTER_READ(16, base, UART_QUEUE_DROPS_OFFSET(index0)); }
        static inline void uart_queue_drops_write(uintptr_t base, unsigned index0, uint16_t value) { REGISTER_WRITE(16, base, UART_QUEUE_DROPS_OFFSET(index0), value); }
        static inline uint16_t uart_queue_drops_lost_get(uintptr_t base, unsigned index0) { return (uint16_t)((uart_queue_drops_read(base, index0) & UART_QUEUE_DROPS_LOST_MASK) >> UART_QUEUE_DROPS_LOST_SHIFT); }
        static inline void uart_queue_drops_limit_set(uintptr_t base, unsigned index0, uint16_t value) { uart_queue_drops_write(base, index0, (uint16_t)((((uint16_t)(value) << UART_QUEUE_DROPS_LIMIT_SHIFT) & UART_QUEUE_DROPS_LIMIT_MASK))); }

        /* uart.secret */
        #define UART_SECRET_OFFSET 0x20u
        #define UART_SECRET_WIDTH 128
        /* 128 bits are more than an integer of C has: no masks and no accessors. */

        /* uart.buffer */
        #define UART_BUFFER_OFFSET 0x100u
        #define UART_BUFFER_ENTRIES 16u
        #define UART_BUFFER_ENTRY_WIDTH 8

        #endif

        """;

    private const string SerialPage =
        """
        # uart: A serial port

        | offset | name | width | access | reset | description |
        |---|---|---|---|---|---|
        | 0x0 | control | 8 bits | read/write | 0x2 | Control: Written \| before use, */ always. |
        | 0x10 + 0x8 each | queue[2].fill | 16 bits | read/write | 0x8000 |  |
        | 0x12 + 0x8 each | queue[2].drops | 16 bits | read/write | 0x0 |  |
        | 0x20 | secret | 128 bits | read/write | 0x0 |  |
        | 0x100 | buffer | 16 entries of 8 bits | read/write |  |  |

        ### control: Control

        Written | before use, */ always.

        Offset 0x0, 8 bits, reset 0x2.

        | bits | name | access | reset | description |
        |---|---|---|---|---|
        | 7 | flush | write-only; a written one is a pulse | 0x0 |  |
        | 4 | overrun | read/write; writing one clears | 0x0 |  |
        | 1:0 | speed | read/write | 0x2 | 0x0: slow, At most 9600 baud.; 0x2: fast |

        ## queue[2]

        Offset 0x10 + 0x8 each, 4 bytes.

        ### queue[2].fill

        Offset 0x10 + 0x8 each, 16 bits, reset 0x8000.

        | bits | name | access | reset | description |
        |---|---|---|---|---|
        | 15 | full | read/write; writing zero clears | 0x1 |  |
        | 11:0 | entries | read/write | unknown |  |

        ### queue[2].drops

        Offset 0x12 + 0x8 each, 16 bits, reset 0x0.

        | bits | name | access | reset | description |
        |---|---|---|---|---|
        | 15:0 | limit | write-only | unknown |  |
        | 15:0 | lost | read-only; reading clears | 0x0 |  |

        ### secret

        Offset 0x20, 128 bits, reset 0x0.

        | bits | name | access | reset | description |
        |---|---|---|---|---|
        | 127:0 | key | read/write | 0x0 |  |

        ## buffer

        Offset 0x100, 16 bytes.

        """;

    private const string Timer =
        """
        addrmap timer {
            reg {
                name = "Count \"down\"";
                regwidth = 16;
                field { hw = w; onread = rclr; sw = r; } ticks[11:0];
            } count[2] @0x4 += 4;
        };

        """;

    private const string TimerJson =
        """
        {
          "format": "dde-registers",
          "version": 1,
          "maps": [
            {
              "kind": "addrmap",
              "name": "timer",
              "type": "timer",
              "path": "timer",
              "offset": "0x0",
              "address": "0x0",
              "size": "0xa",
              "byteOrder": "little",
              "children": [
                {
                  "kind": "reg",
                  "name": "count",
                  "displayName": "Count \"down\"",
                  "path": "timer.count",
                  "offset": "0x4",
                  "address": "0x4",
                  "size": "0x2",
                  "dimensions": [
                    2
                  ],
                  "stride": "0x4",
                  "width": 16,
                  "accessWidth": 16,
                  "access": "read-only",
                  "reset": "0x0",
                  "resetMask": "0x0",
                  "readableMask": "0xfff",
                  "writableMask": "0x0",
                  "fields": [
                    {
                      "kind": "field",
                      "name": "ticks",
                      "high": 11,
                      "low": 0,
                      "mask": "0xfff",
                      "softwareAccess": "read-only",
                      "hardwareAccess": "write-only",
                      "access": "read-only; reading clears",
                      "singlePulse": false
                    }
                  ]
                }
              ]
            }
          ]
        }

        """;

    [Fact]
    public void Header_has_constants_and_accessors() =>
        CHeader.Write(Maps(Serial), "sample.rdl").ShouldBe(SerialHeader);

    [Fact]
    public void Page_has_an_overview_and_a_table_of_fields_for_each_register() =>
        MarkdownPage.Write(Maps(Serial)).ShouldBe(SerialPage);

    [Fact]
    public void Json_is_one_object_with_stable_names() =>
        JsonModel.Write(Maps(Timer)).ShouldBe(TimerJson);

    [Fact]
    public void Json_of_everything_is_well_formed()
    {
        using var json = System.Text.Json.JsonDocument.Parse(JsonModel.Write(Maps(Serial)));
        var map = json.RootElement.GetProperty("maps")[0];
        map.GetProperty("children").GetArrayLength().ShouldBe(4);
        var speed = map.GetProperty("children")[0].GetProperty("fields")[0];
        speed.GetProperty("values")[0].GetProperty("description").GetString().ShouldBe("At most 9600 baud.");
        speed.GetProperty("values")[1].GetProperty("value").GetString().ShouldBe("0x2");
    }

    [Theory]
    [InlineData("field { onwrite = wclr; } b[1:1] = 0;", "b")]
    [InlineData("field { sw = w; } b[1:1] = 0;", "b")]
    [InlineData("field { sw = rw1; } b[1:1] = 0;", "b")]
    [InlineData("field { sw = r; onread = rclr; hw = w; } b[1:1] = 0; field {} c[2:2] = 0;", "b")]
    public void Field_whose_neighbours_a_write_would_change_has_no_set(string neighbours, string named)
    {
        var header = CHeader.Write(Maps($"addrmap m {{ reg {{ field {{}} a[0:0] = 0; {neighbours} }} control; }};"), "m.rdl");
        header.ShouldNotContain("m_control_a_set");
        header.ShouldContain($"/* a: no set, which could not leave {named} as it is; write the whole register. */");
    }

    [Fact]
    public void Names_that_differ_only_in_capitals_stay_apart()
    {
        var header = CHeader.Write(Maps("addrmap m { reg { field {} a[0:0] = 0; } busMaster; reg { field {} a[0:0] = 0; } bus_master; };"), "m.rdl");
        header.ShouldContain("#define M_BUS_MASTER_OFFSET 0x0u");
        header.ShouldContain("#define M_BUS_MASTER_2_OFFSET 0x4u");
    }

    [Fact]
    public void Each_dimension_of_an_array_has_an_index() =>
        CHeader.Write(Maps("addrmap m { reg { regwidth = 8; field {} a[0:0] = 0; } control[2][3] @0x10 += 2; };"), "m.rdl")
            .ShouldContain("#define M_CONTROL_OFFSET(index0, index1) (0x10u + 0x6u * (index0) + 0x2u * (index1))");

    [CompilerFact]
    public void Header_compiles_and_its_accessors_leave_the_other_fields_alone() => CompilerFactAttribute.Run(
        SerialHeader + """

        static uint8_t device[0x110];
        int main(void)
        {
            uintptr_t base = (uintptr_t)device;
            device[UART_CONTROL_OFFSET] = 0x11;
            uart_control_speed_set(base, UART_CONTROL_SPEED_FAST);
            if (device[UART_CONTROL_OFFSET] != 0x02) return 1;
            uart_queue_fill_entries_set(base, 1, 0x1abc);
            if (device[0x18] != 0xbc || device[0x19] != 0x8a) return 2;
            if (uart_queue_fill_entries_get(base, 1) != 0xabc || uart_queue_fill_full_get(base, 1) != 1) return 3;
            return uart_queue_fill_read(base, 0);
        }
        """).ShouldBe(0);

    private static IReadOnlyList<Block> Maps(string text)
    {
        var compilation = Source.Compile(text);
        compilation.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        return compilation.Maps;
    }
}
