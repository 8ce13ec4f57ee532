using System.Runtime.InteropServices;
using Bddf.Testing;
using L4;

namespace Bddf.Tests;

/// <summary>A session without the client library: a client that may do anything to its ring.</summary>
internal sealed class RawSession : IDisposable
{
    private readonly L4Task _task;
    private readonly Capability _notificationCapability;

    public RawSession(BlockTestSystem system, BlockRights rights, string device = "disk0")
    {
        _task = system.Client;
        var server = new BlockServerProxy(_task, system.Server);
        Service = new BlockSessionProxy(_task, server.OpenSession(device, rights));
        _notificationCapability = _task.CreateNotification();
        Notification = _task.Open<Notification>(_notificationCapability);
        var connection = Service.Connect(_notificationCapability, 1);
        Mapping = _task.Map(connection.Ring);
        Ring = new RingRequester(Mapping, connection.Entries);
        Doorbell = _task.Open<Portal>(connection.Doorbell);
        Memory = _task.CreateDataspace("raw", 64 * 1024);
        Buffer = Service.AttachBuffer(Memory);
    }

    public BlockSessionProxy Service { get; }

    public Notification Notification { get; }

    public Mapping Mapping { get; }

    public RingRequester Ring { get; }

    public Portal Doorbell { get; }

    public Capability Memory { get; }

    public uint Buffer { get; }

    /// <summary>The three indices: published, taken, reaped.</summary>
    public ref uint Index(int offset) => ref MemoryMarshal.Cast<byte, uint>(Mapping.Bytes[offset..])[0];

    public BlockRequest Read(ulong first = 0, ulong sectors = 1, ulong tag = 1) => new(tag, BlockOperation.Read, Buffer, 0, first, sectors);

    /// <summary>Submits and waits for one completion.</summary>
    public BlockCompletion Execute(BlockRequest request)
    {
        Ring.TryWrite(request).ShouldBeTrue();
        Ring.Publish();
        Doorbell.Enter(0);
        return Next();
    }

    /// <summary>The next completion, waited for.</summary>
    public BlockCompletion Next()
    {
        while (true)
        {
            if (Ring.TryReap(out var completion))
                return completion;
            Notification.Wait();
        }
    }

    public void Dispose()
    {
        Service.Close();
        Mapping.Dispose();
        _task.Release(_notificationCapability);
    }
}
