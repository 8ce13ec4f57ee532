namespace DSweeper;

/// <summary>Names of the partition types that are met most, for people only: the types themselves stay as the table has them.</summary>
internal static class PartitionTypes
{
    private static readonly Dictionary<string, string> _names = new()
    {
        // MBR type bytes, as commonly registered.
        ["1"] = "FAT12",
        ["4"] = "FAT16",
        ["5"] = "extended",
        ["6"] = "FAT16",
        ["7"] = "NTFS/exFAT",
        ["b"] = "FAT32",
        ["c"] = "FAT32",
        ["e"] = "FAT16",
        ["f"] = "extended",
        ["82"] = "Linux swap",
        ["83"] = "Linux",
        ["85"] = "extended",
        ["8e"] = "Linux LVM",
        ["a5"] = "FreeBSD",
        ["ee"] = "GPT guard",
        ["ef"] = "EFI system",
        ["fd"] = "Linux RAID",
        // GPT: UEFI 2.10, table 5.7, and the Discoverable Partitions Specification.
        ["C12A7328-F81F-11D2-BA4B-00A0C93EC93B"] = "EFI system",
        ["21686148-6449-6E6F-744E-656564454649"] = "BIOS boot",
        ["EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"] = "basic data",
        ["E3C9E316-0B5C-4DB8-817D-F92DF00215AE"] = "MS reserved",
        ["0FC63DAF-8483-4772-8E79-3D69D8477DE4"] = "Linux",
        ["0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"] = "Linux swap",
        ["E6D6D379-F507-44C2-A23C-238F2A3DF928"] = "Linux LVM",
        ["A19D880F-05FC-4D3B-A006-743F0F84911E"] = "Linux RAID",
        ["516E7CB4-6ECF-11D6-8FF8-00022D09712B"] = "FreeBSD",
    };

    /// <summary>The usual name; empty when the type is not a usual one.</summary>
    internal static string Name(string type) => _names.GetValueOrDefault(type, "");
}
