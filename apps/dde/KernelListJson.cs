using System.Text.Json;
using DdeLinux.Packs;

namespace Dde;

/// <summary>What <c>dde kernel list --json</c> prints.</summary>
internal sealed record KernelListJson(string Folder, IReadOnlyList<KernelListJson.Pack> Packs)
{
    internal static string Format(KernelPackStore store, IReadOnlyList<KernelPack> packs) => JsonSerializer.Serialize(
        new KernelListJson(store.Folder, [.. packs.Select(pack => new Pack(pack.Release, pack.Description.Distribution, pack.Description.PackageFile,
            pack.Description.PackageSha256, pack.Description.Created, pack.Modules.Count, pack.Folder))]),
        DdeJson.Default.KernelListJson);

    /// <summary>One kernel pack.</summary>
    internal sealed record Pack(
        string Release, string Distribution, string? PackageFile, string? PackageSha256, DateTimeOffset Created, int Modules, string Folder);
}
