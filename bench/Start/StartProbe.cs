using Bddf;
using L4;
using Microsoft.Win32.SafeHandles;
using RootTask;

namespace Bench;

/// <summary>
/// The child process of <see cref="StartBench"/>: says when it has reached a stage, one byte each on a pipe, and waits for leave to go to the next.
/// </summary>
public static class StartProbe
{
    /// <summary>The first argument that makes <c>dde</c> a probe.</summary>
    public const string Command = "start-probe";

    internal const int Words = 3;
    internal const int Leave = 4;

    internal const string Empty = "empty";
    internal const string Confined = "confined";
    internal const string Driver = "driver";
    internal const string Isolated = "isolated";
    internal const string Spare = "spare";

    /// <summary>Runs as the probe.</summary>
    /// <param name="arguments">The kind of process, and the image file whose first sector is read.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments is not [var kind, var image] || !ProcessParent.DieWith())
            return (int)ExitCode.Usage;
        using var words = new FileStream(new SafeFileHandle(Words, ownsHandle: true), FileAccess.Write, bufferSize: 0);
        using var leave = new FileStream(new SafeFileHandle(Leave, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        switch (kind)
        {
            case Empty:
                Say(words, leave);
                break;
            case Confined:
                Confinement.Enter(typeof(StartProbe).Assembly);
                Say(words, leave);
                break;
            case Driver:
            case Isolated:
                Say(words, leave);
                ReadFirstSector(image, kind == Isolated ? Isolation.Process : Isolation.None, words, leave);
                break;
            case Spare:
                // Everything has run once, against a disk of its own kind; the next time is the one that counts.
                ReadFirstSector(image, Isolation.None, words: null, leave: null);
                Say(words, leave);
                ReadFirstSector(image, Isolation.None, words, leave);
                break;
            default:
                return (int)ExitCode.Usage;
        }
        return 0;
    }

    private static void ReadFirstSector(string image, Isolation isolation, FileStream? words, FileStream? leave)
    {
        using var system = DdeSystem.Start(new SystemOptions { Disks = [image], Client = "probe", Isolation = isolation });
        using var attached = system.Client.Enter();
        using var client = BlockClient.Open(system.Client, system.BlockServer, BlockClient.ListDisks(system.Client, system.BlockServer).Single().Name, BlockRights.Read);
        using var buffer = client.AllocateBuffer(client.SectorSize);
        var completion = client.Read(buffer, 0, 0, 1);
        if (completion.Status != BlockStatus.Ok)
            throw new SystemStartException(ExitCode.Disk, $"the first sector could not be read: {completion}");
        if (words is not null)
            Say(words, leave!);
    }

    private static void Say(FileStream words, FileStream leave)
    {
        words.WriteByte(1);
        leave.ReadByte();
    }
}
