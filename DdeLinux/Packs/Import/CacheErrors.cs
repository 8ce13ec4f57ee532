namespace DdeLinux.Packs;

/// <summary>Turns what the file system says about the cache folder into one line with numbers.</summary>
internal static class CacheErrors
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    internal static KernelPack Translate(KernelPackStore store, Func<KernelPack> work)
    {
        try
        {
            return work();
        }
        catch (IOException exception) when (exception.HResult is NoSpace or QuotaExceeded)
        {
            throw new PackException(PackError.CacheNotWritable,
                $"{store.Folder}: no space left: a kernel pack takes about 500 MiB, {Free(store.Folder) >> 20} MiB are free", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackException(PackError.CacheNotWritable, $"{store.Folder}: {exception.Message}", exception);
        }
    }

    /// <summary>Refuses work for which the disk has not enough room.</summary>
    internal static void RequireSpace(KernelPackStore store, long bytes)
    {
        if (Free(store.Folder) is var free && free < bytes)
        {
            throw new PackException(PackError.CacheNotWritable,
                $"{store.Folder}: {bytes >> 20} MiB are needed, {free >> 20} MiB are free");
        }
    }

    private static long Free(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
