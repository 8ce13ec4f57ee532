namespace L4Io;

/// <summary>
/// Whether a portal may still be used, and whether somebody is inside: so that taking it back can wait until the access under way has ended,
/// and what follows (a reset, unmapping memory) meets no driver in the device. Entering costs two stores: the fence is paid by who revokes.
/// </summary>
/// <remarks>A mutable struct: a field of its owner, never copied. One thread at a time enters, as <see cref="IMachine"/> demands.</remarks>
internal struct RevocableEntry
{
    private int _inside;
    private bool _revoked;

    /// <summary>Whether it was taken back.</summary>
    public readonly bool IsRevoked => Volatile.Read(in _revoked);

    /// <summary>Begins an access; <see cref="Leave"/> must follow, whatever the answer.</summary>
    /// <returns>False when it was taken back.</returns>
    public bool Enter()
    {
        Volatile.Write(ref _inside, 1);
        return !Volatile.Read(ref _revoked);
    }

    /// <summary>Ends an access.</summary>
    public void Leave() => Volatile.Write(ref _inside, 0);

    /// <summary>Takes it back. When this returns nobody is inside, and nobody gets in. Accesses are short.</summary>
    public void Revoke()
    {
        Volatile.Write(ref _revoked, true);
        // The processor may let a load overtake the store before it: after this, who did not see the revocation is seen inside.
        Interlocked.MemoryBarrierProcessWide();
        var spin = default(SpinWait);
        while (Volatile.Read(ref _inside) != 0)
            spin.SpinOnce();
    }
}
