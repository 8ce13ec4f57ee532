using Nddf;
using Nddf.Links;

namespace Bench;

/// <summary>Two TAP interfaces with nothing between but two threads that copy: what any way through this process is limited by.</summary>
internal sealed class TapLoop : IDisposable
{
    private readonly TapLink _near;
    private readonly TapLink _far;
    private readonly Thread[] _threads;
    private volatile bool _stopping;

    internal TapLoop(TapLink near, TapLink far)
    {
        (_near, _far) = (near, far);
        _threads = [new Thread(() => Copy(near, far)) { IsBackground = true }, new Thread(() => Copy(far, near)) { IsBackground = true }];
        foreach (var thread in _threads)
            thread.Start();
    }

    public void Dispose()
    {
        _stopping = true;
        _near.Wake();
        _far.Wake();
        foreach (var thread in _threads)
            thread.Join();
    }

    private void Copy(TapLink from, TapLink to)
    {
        Span<byte> buffer = stackalloc byte[FrameRing.SlotBytes];
        while (!_stopping && from.End is null)
        {
            int length = from.Receive(buffer);
            if (length > 0)
                to.Send(buffer[..length]);
            else
                from.Wait();
        }
    }
}
