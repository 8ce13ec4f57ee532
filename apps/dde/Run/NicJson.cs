using System.Globalization;
using Nddf;
using RootTask;

namespace Dde;

/// <summary>One network card, for people and for programs.</summary>
internal sealed record NicJson(string Name, string Driver, string Address, uint Mtu, bool IsLinkUp, string? Gone)
{
    /// <summary>All cards of a system. Called on a thread of its client.</summary>
    internal static IReadOnlyList<NicJson> List(DdeSystem system) => [.. NicClient.List(system.Client, system.NicServer)
        .Select(nic => new NicJson(nic.Name, nic.Driver, nic.Address.ToString(), nic.Mtu, nic.IsLinkUp, nic.Gone))];

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}  {Address}  MTU {Mtu}  link {(IsLinkUp ? "up" : "down")}  {Driver}{(Gone is null ? "" : $"  gone: {Gone}")}");
}
