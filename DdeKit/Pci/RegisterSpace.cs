using System.Diagnostics.CodeAnalysis;
using L4;
using L4Io;

namespace DdeKit.Pci;

/// <summary>
/// The registers of one kind that a domain has claimed: I/O ports, or device memory. Every register access of a driver passes here, whether
/// it called a function, trapped, or runs a patched site. Belongs to the holder of the baton.
/// </summary>
public abstract class RegisterSpace
{
    private readonly L4Task _task;
    private Claim[] _claims = [];

    private protected RegisterSpace(L4Task task, ResourceKind kind)
    {
        _task = task;
        Kind = kind;
    }

    private sealed record Claim(Extent Extent, Capability Capability, Portal Portal);

    /// <summary>Ports or memory.</summary>
    public ResourceKind Kind { get; }

    /// <summary>Register accesses so far; a block counts as one.</summary>
    public long Accesses { get; private set; }

    /// <summary>Who sees the accesses; set before the driver starts.</summary>
    internal IRegisterTap? Tap { get; set; }

    /// <summary>Whether a register is claimed.</summary>
    public bool IsClaimed(ulong register) => Array.Exists(_claims, claim => claim.Extent.Contains(register));

    private protected void Add(Extent extent, Capability capability) =>
        _claims = [.. _claims, new Claim(extent, capability, _task.Open<Portal>(capability))];

    /// <summary>Forgets a claim; the I/O server is the caller's to tell.</summary>
    private protected void Remove(Extent extent)
    {
        var claim = Array.Find(_claims, c => c.Extent == extent)
            ?? throw new ServiceException(ServiceError.NotFound, $"{Kind} 0x{extent.First:x}+{extent.Count} is not claimed");
        _claims = [.. _claims.Where(c => c != claim)];
        _task.Release(claim.Capability);
    }

    /// <summary>Finds the portal of a register.</summary>
    /// <param name="register">Port, or physical address.</param>
    /// <param name="offset">Its distance from where the claim begins.</param>
    private protected Portal Find(ulong register, out uint offset)
    {
        Accesses++;
        foreach (var claim in _claims)
        {
            if (!claim.Extent.Contains(register))
                continue;
            offset = unchecked((uint)(register - claim.Extent.First));
            return claim.Portal;
        }
        offset = 0;
        return Refuse(register);
    }

    [DoesNotReturn]
    private Portal Refuse(ulong register) =>
        throw new ServiceException(ServiceError.AccessDenied, $"{(Kind == ResourceKind.Ports ? "port" : "device memory")} 0x{register:x} is not claimed by task '{_task.Name}'");
}
