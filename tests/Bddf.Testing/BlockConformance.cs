using L4;

namespace Bddf.Testing;

/// <summary>One writable disk behind the framework, whoever drives it.</summary>
public interface IBlockTestBed : IDisposable
{
    /// <summary>A client that may do everything.</summary>
    L4Task Client { get; }

    /// <summary>Its gate of <see cref="IBlockServer"/>.</summary>
    Capability Server { get; }

    /// <summary>A disk of at least 4096 sectors whose contents may be destroyed.</summary>
    string Device { get; }
}

/// <summary>What every disk driver behind the framework has to do. A test class for a driver derives from this.</summary>
public abstract class BlockConformance : IDisposable
{
    private const ulong AreaSectors = 1024;

    private readonly IBlockTestBed _bed;
    private readonly IDisposable _attached;

    /// <summary>Starts the system under test and makes the test's thread one of the client's.</summary>
    protected BlockConformance(IBlockTestBed bed)
    {
        _bed = bed;
        _attached = bed.Client.Enter();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _attached.Dispose();
        _bed.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Disk_describes_itself()
    {
        var info = BlockClient.ListDisks(_bed.Client, _bed.Server).Single(disk => disk.Name == _bed.Device);

        info.Gone.ShouldBeNull();
        info.Model.ShouldNotBeEmpty();
        info.Serial.ShouldBe(info.Serial.Trim());
        info.Sectors.ShouldBeGreaterThanOrEqualTo(4096UL);
        using var session = Open(BlockRights.Read);
        session.Sectors.ShouldBe(info.Sectors);
        session.SectorSize.ShouldBe(info.SectorSize);
        session.Rights.ShouldBe(BlockRights.Read);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    public void Written_sequences_read_back(int depth)
    {
        using var session = Open(BlockRights.Read | BlockRights.Write);
        using var memory = session.AllocateBuffer(AreaSectors * session.SectorSize);
        var pattern = Pattern(seed: depth, memory.Length);
        pattern.CopyTo(memory.Bytes);

        RunSequences(session, memory, BlockOperation.Write, depth);
        session.Flush().Status.ShouldBe(BlockStatus.Ok);
        memory.Bytes.Clear();
        RunSequences(session, memory, BlockOperation.Read, depth);

        memory.Bytes.SequenceEqual(pattern).ShouldBeTrue();
    }

    [Fact]
    public void First_and_last_sector_are_apart()
    {
        using var session = Open(BlockRights.Read | BlockRights.Write);
        using var memory = session.AllocateBuffer(2 * session.SectorSize);
        int sector = (int)session.SectorSize;
        memory.Bytes[..sector].Fill(0x11);
        memory.Bytes.Slice(sector, sector).Fill(0x99);

        session.Write(memory, 0, 0, 1).Status.ShouldBe(BlockStatus.Ok);
        session.Write(memory, session.SectorSize, session.Sectors - 1, 1).Status.ShouldBe(BlockStatus.Ok);
        memory.Bytes.Clear();
        session.Read(memory, 0, session.Sectors - 1, 1).Status.ShouldBe(BlockStatus.Ok);
        session.Read(memory, session.SectorSize, 0, 1).Status.ShouldBe(BlockStatus.Ok);

        memory.Bytes[..sector].ContainsAnyExcept((byte)0x99).ShouldBeFalse();
        memory.Bytes.Slice(sector, sector).ContainsAnyExcept((byte)0x11).ShouldBeFalse();
    }

    [Fact]
    public void Write_leaves_the_neighbours_alone()
    {
        using var session = Open(BlockRights.Read | BlockRights.Write);
        using var memory = session.AllocateBuffer(8 * session.SectorSize);
        int sector = (int)session.SectorSize;
        memory.Bytes.Fill(0x22);
        session.Write(memory, 0, 100, 8).Status.ShouldBe(BlockStatus.Ok);

        memory.Bytes.Fill(0x33);
        session.Write(memory, 0, 103, 2).Status.ShouldBe(BlockStatus.Ok);
        session.Read(memory, 0, 100, 8).Status.ShouldBe(BlockStatus.Ok);

        var expected = Enumerable.Range(0, 8).SelectMany(i => Enumerable.Repeat((byte)(i is 3 or 4 ? 0x33 : 0x22), sector)).ToArray();
        memory.Bytes[..expected.Length].SequenceEqual(expected).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0UL, 2UL)]
    [InlineData(1UL, 1UL)]
    [InlineData(1UL, ulong.MaxValue)]
    [InlineData(1UL << 63, 1UL << 63)]
    public void Request_past_the_end_is_out_of_range(ulong afterLastSector, ulong sectors)
    {
        using var session = Open(BlockRights.Read);
        using var memory = session.AllocateBuffer(4 * session.SectorSize);

        session.Execute(Read(memory, session.Sectors - 1 + afterLastSector, sectors)).Status.ShouldBe(BlockStatus.OutOfRange);
    }

    [Fact]
    public void Read_session_refuses_to_change_anything()
    {
        using var session = Open(BlockRights.Read);
        using var memory = session.AllocateBuffer(session.SectorSize);

        session.Write(memory, 0, 0, 1).Status.ShouldBe(BlockStatus.NoRight);
        session.Flush().Status.ShouldBe(BlockStatus.NoRight);
        session.Execute(new BlockRequest(0, BlockOperation.Erase, 0, 0, 0, 1)).Status.ShouldBe(BlockStatus.NoRight);
    }

    [Fact]
    public void Extent_is_counted_from_its_own_start()
    {
        using var whole = Open(BlockRights.Read | BlockRights.Write);
        using var part = BlockClient.Open(_bed.Client, _bed.Server, _bed.Device, BlockRights.Read, new Extent(200, 10));
        using var written = whole.AllocateBuffer(whole.SectorSize);
        using var read = part.AllocateBuffer(part.SectorSize);
        written.Bytes.Fill(0x77);

        whole.Write(written, 0, 209, 1).Status.ShouldBe(BlockStatus.Ok);
        part.Sectors.ShouldBe(10UL);
        part.Read(read, 0, 9, 1).Status.ShouldBe(BlockStatus.Ok);

        read.Bytes[..(int)part.SectorSize].ContainsAnyExcept((byte)0x77).ShouldBeFalse();
        part.Execute(Read(read, 10, 1)).Status.ShouldBe(BlockStatus.OutOfRange);
    }

    [Fact]
    public void Buffer_that_is_not_attached_too_small_or_askew_is_refused()
    {
        using var session = Open(BlockRights.Read);
        using var memory = session.AllocateBuffer(4096);
        ulong fits = memory.Length / session.SectorSize;

        session.Execute(Read(memory, 0, fits)).Status.ShouldBe(BlockStatus.Ok);
        session.Execute(Read(memory, 0, fits + 1)).Status.ShouldBe(BlockStatus.BadBuffer);
        session.Execute(Read(memory, 0, 1) with { BufferOffset = memory.Length }).Status.ShouldBe(BlockStatus.BadBuffer);
        session.Execute(Read(memory, 0, 1) with { BufferOffset = 1 }).Status.ShouldBe(BlockStatus.BadBuffer);
        session.Execute(Read(memory, 0, 1) with { BufferOffset = ulong.MaxValue - session.SectorSize + 1 }).Status.ShouldBe(BlockStatus.BadBuffer);
        session.Execute(Read(memory, 0, 1) with { Buffer = memory.Id + 1 }).Status.ShouldBe(BlockStatus.BadBuffer);
        session.Execute(Read(memory, 0, 1) with { Buffer = 0 }).Status.ShouldBe(BlockStatus.BadBuffer);
    }

    [Fact]
    public void Detached_buffer_is_refused()
    {
        using var session = Open(BlockRights.Read);
        var memory = session.AllocateBuffer(session.SectorSize);
        session.Read(memory, 0, 0, 1).Status.ShouldBe(BlockStatus.Ok);

        memory.Dispose();

        session.Execute(Read(memory, 0, 1)).Status.ShouldBe(BlockStatus.BadBuffer);
    }

    [Fact]
    public void Longest_request_is_done_and_a_longer_one_refused()
    {
        using var session = Open(BlockRights.Read);
        ulong longest = Math.Min(session.Info.MaximumSectors, session.Sectors);
        using var memory = session.AllocateBuffer((longest + 1) * session.SectorSize);

        session.Execute(Read(memory, 0, longest)).Status.ShouldBe(BlockStatus.Ok);
        if (longest < session.Sectors)
            session.Execute(Read(memory, 0, longest + 1)).Status.ShouldBe(BlockStatus.TooLong);
    }

    [Fact]
    public void Two_sessions_do_not_mix_their_data()
    {
        using var first = Open(BlockRights.Read | BlockRights.Write);
        using var second = Open(BlockRights.Read | BlockRights.Write);
        using var firstMemory = first.AllocateBuffer(first.SectorSize);
        using var secondMemory = second.AllocateBuffer(second.SectorSize);
        firstMemory.Bytes.Fill(0xA1);
        secondMemory.Bytes.Fill(0xB2);

        first.Write(firstMemory, 0, 10, 1).Status.ShouldBe(BlockStatus.Ok);
        second.Write(secondMemory, 0, 11, 1).Status.ShouldBe(BlockStatus.Ok);
        first.Read(firstMemory, 0, 11, 1).Status.ShouldBe(BlockStatus.Ok);
        second.Read(secondMemory, 0, 10, 1).Status.ShouldBe(BlockStatus.Ok);

        firstMemory.Bytes[0].ShouldBe((byte)0xB2);
        secondMemory.Bytes[0].ShouldBe((byte)0xA1);
    }

    [Fact]
    public void Session_closes_with_requests_in_flight()
    {
        var session = Open(BlockRights.Read);
        var memory = session.AllocateBuffer(session.Info.Entries * session.SectorSize);
        for (uint i = 0; i < session.Info.Entries; i++)
            session.TrySubmit(Read(memory, i, 1) with { BufferOffset = i * session.SectorSize }).ShouldBeTrue();
        session.TrySubmit(Read(memory, 0, 1)).ShouldBeFalse();
        session.Ring();

        session.Dispose();
        memory.Dispose();

        Should.Throw<ObjectDisposedException>(session.Ring);
        using var next = Open(BlockRights.Read);
        using var nextMemory = next.AllocateBuffer(next.SectorSize);
        next.Read(nextMemory, 0, 0, 1).Status.ShouldBe(BlockStatus.Ok);
    }

    /// <summary>Opens the device.</summary>
    protected BlockClient Open(BlockRights rights) => BlockClient.Open(_bed.Client, _bed.Server, _bed.Device, rights);

    private static BlockRequest Read(BlockBuffer memory, ulong first, ulong sectors) => new(0, BlockOperation.Read, memory.Id, 0, first, sectors);

    private static byte[] Pattern(int seed, ulong bytes)
    {
        var pattern = new byte[bytes];
#pragma warning disable CA5394 // Reproducible, not secret.
        new Random(seed).NextBytes(pattern);
#pragma warning restore CA5394
        return pattern;
    }

    /// <summary>Transfers the area in sequences of 1 to 16 sectors, so many at a time.</summary>
    private static void RunSequences(BlockClient session, BlockBuffer memory, BlockOperation operation, int depth)
    {
        var completions = new BlockCompletion[8];
        ulong at = 0;
        ulong length = 1;
        ulong tag = 1;
        var open = new HashSet<ulong>();
        while (at < AreaSectors || session.InFlight > 0)
        {
            while (at < AreaSectors && session.InFlight < depth)
            {
                ulong sectors = Math.Min(length, AreaSectors - at);
                session.TrySubmit(new BlockRequest(tag, operation, memory.Id, at * session.SectorSize, at, sectors)).ShouldBeTrue();
                open.Add(tag++);
                at += sectors;
                length = length % 16 + 1;
            }
            session.Ring();
            session.Wait().ShouldBeTrue();
            int reaped = session.Reap(completions);
            foreach (var completion in completions.AsSpan(0, reaped))
            {
                completion.Status.ShouldBe(BlockStatus.Ok);
                open.Remove(completion.Tag).ShouldBeTrue();
            }
        }
        open.ShouldBeEmpty();
    }
}
