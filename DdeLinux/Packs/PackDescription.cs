using System.Text.Json;
using System.Text.Json.Serialization;

namespace DdeLinux.Packs;

/// <summary>The contents of a pack's <c>pack.json</c>.</summary>
/// <param name="Release">The kernel's release, as <c>uname -r</c> prints it.</param>
/// <param name="Distribution">Whose kernel it is, as far as known.</param>
/// <param name="PackageFile">File name of the package it came from; null for the running system.</param>
/// <param name="PackageSha256">SHA-256 of that package, lower-case hex.</param>
/// <param name="Created">When the pack was made.</param>
public sealed record PackDescription(string Release, string Distribution, string? PackageFile, string? PackageSha256, DateTimeOffset Created)
{
    internal void Write(string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(this, PackJson.Default.PackDescription));

    internal static PackDescription Read(string path)
    {
        try
        {
            var description = JsonSerializer.Deserialize(File.ReadAllBytes(path), PackJson.Default.PackDescription);
            return description?.Release is null ? throw Bad("holds no release", null) : description;
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw Bad(exception.Message, exception);
        }

        PackException Bad(string problem, Exception? inner) =>
            new(PackError.BadInput, $"{path}: {problem}; delete the folder and make the pack again", inner);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PackDescription))]
internal sealed partial class PackJson : JsonSerializerContext;
