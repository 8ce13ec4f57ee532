using System.Runtime.InteropServices;

namespace Nddf.Links;

/// <summary>A file descriptor that frames come from, and a wait for them that another thread can end.</summary>
internal sealed unsafe class LinkDescriptor : IDisposable
{
    private readonly int _wake;
    private int _descriptor;

    /// <param name="descriptor">From here on this object's.</param>
    internal LinkDescriptor(int descriptor)
    {
        _descriptor = descriptor;
        _wake = LinkCalls.eventfd(0, LinkCalls.OpenNonBlocking | LinkCalls.OpenCloseOnExec);
        if (_wake >= 0)
            return;
        string problem = LinkCalls.ErrorText(Marshal.GetLastPInvokeError());
        _ = LinkCalls.close(descriptor);
        throw new LinkException("eventfd", problem);
    }

    internal int Number => _descriptor;

    /// <summary>Sleeps until one of them has something to read, an error, or was woken.</summary>
    internal static void Wait(ReadOnlySpan<LinkDescriptor> descriptors)
    {
        PollEntry* entries = stackalloc PollEntry[2 * descriptors.Length];
        for (int i = 0; i < descriptors.Length; i++)
        {
            entries[2 * i] = new PollEntry { Descriptor = descriptors[i]._descriptor, Wanted = LinkCalls.PollIn };
            entries[2 * i + 1] = new PollEntry { Descriptor = descriptors[i]._wake, Wanted = LinkCalls.PollIn };
        }
        if (LinkCalls.poll(entries, 2 * (nuint)descriptors.Length, -1) <= 0)
            return;
        for (int i = 0; i < descriptors.Length; i++)
        {
            ulong count;
            if (entries[2 * i + 1].Happened != 0)
                _ = LinkCalls.read(descriptors[i]._wake, (byte*)&count, sizeof(ulong));
        }
    }

    /// <summary>Ends a wait, or the next one.</summary>
    internal void Wake()
    {
        ulong one = 1;
        _ = LinkCalls.write(_wake, (byte*)&one, sizeof(ulong));
    }

    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor < 0)
            return;
        _ = LinkCalls.close(descriptor);
        _ = LinkCalls.close(_wake);
    }
}
