namespace L4;

/// <summary>
/// Keeps a portal's work to one thread at a time without a lock: who finds another inside leaves word and goes, and the one inside goes
/// round again, so that nothing is missed. Closing waits for the one inside, after which the memory that it worked on may be freed.
/// </summary>
/// <remarks>A mutable struct: a field of its owner, never copied.</remarks>
public struct EntryGuard
{
    private const int Idle = 0;
    private const int Inside = 1;
    private const int InsideAgain = 2;
    private const int Closing = 3;
    private const int Closed = 4;

    private int _state;

    /// <summary>Whether nobody gets in any more.</summary>
    public readonly bool IsClosed => Volatile.Read(in _state) is Closing or Closed;

    /// <summary>True: the caller is inside until <see cref="TryLeave"/> says otherwise. False: whoever is inside does the caller's part too,
    /// or the guard is closed.</summary>
    public bool TryEnter()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Idle:
                    if (Interlocked.CompareExchange(ref _state, Inside, Idle) == Idle)
                        return true;
                    break;
                case Inside:
                    if (Interlocked.CompareExchange(ref _state, InsideAgain, Inside) == Inside)
                        return false;
                    break;
                default:
                    return false;
            }
        }
    }

    /// <summary>Gets inside, however often others come and leave word: for who has to change what the work is done on. Work inside comes in
    /// short rounds, so the wait is short.</summary>
    /// <returns>False when the guard is closed.</returns>
    public bool Enter()
    {
        var spin = new SpinWait();
        while (!TryEnter())
        {
            if (IsClosed)
                return false;
            spin.SpinOnce();
        }
        return true;
    }

    /// <summary>False: somebody left word meanwhile; the caller is still inside and goes round again.</summary>
    public bool TryLeave()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Inside:
                    if (Interlocked.CompareExchange(ref _state, Idle, Inside) == Inside)
                        return true;
                    break;
                case InsideAgain:
                    if (Interlocked.CompareExchange(ref _state, Inside, InsideAgain) == InsideAgain)
                        return false;
                    break;
                default:
                    Volatile.Write(ref _state, Closed);
                    return true;
            }
        }
    }

    /// <summary>Lets nobody in any more and waits until nobody is inside. Work inside comes in short rounds, so the wait is short.</summary>
    public void Close()
    {
        var spin = new SpinWait();
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state == Closed)
                return;
            if (state == Closing)
                spin.SpinOnce();
            else
                Interlocked.CompareExchange(ref _state, state == Idle ? Closed : Closing, state);
        }
    }
}
