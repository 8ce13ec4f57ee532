using Emulator;

namespace DdeLinux.Net.Tests;

/// <summary>Debian's <c>8139too</c> on Realtek's RTL8139C.</summary>
public abstract class Rtl8139DriverTests : LinkDriverTests
{
    private protected override NicModel Model => NicModel.Rtl8139;

    private protected override string[] Modules => ["mii", "8139too"];
}

/// <summary>With patched accesses.</summary>
public sealed class Rtl8139Tests : Rtl8139DriverTests;

/// <summary>The same with sites as they are: each access traps.</summary>
public sealed class TrappedRtl8139Tests : Rtl8139DriverTests
{
    private protected override bool PatchesSites => false;
}

/// <summary>Debian's <c>8139cp</c> on Realtek's RTL8139C+.</summary>
public abstract class Rtl8139CPlusDriverTests : LinkDriverTests
{
    private protected override NicModel Model => NicModel.Rtl8139CPlus;

    private protected override string[] Modules => ["mii", "8139cp"];
}

/// <summary>With patched accesses.</summary>
public sealed class Rtl8139CPlusTests : Rtl8139CPlusDriverTests;

/// <summary>The same with sites as they are: each access traps.</summary>
public sealed class TrappedRtl8139CPlusTests : Rtl8139CPlusDriverTests
{
    private protected override bool PatchesSites => false;
}
