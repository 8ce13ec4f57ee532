namespace DdeBsd;

/// <summary>Error numbers of 4.4BSD (sys/errno.h).</summary>
internal static class Errno
{
    internal const int ENOENT = 2;
    internal const int EIO = 5;
    internal const int ENXIO = 6;
    internal const int ENOMEM = 12;
    internal const int EBUSY = 16;
    internal const int EEXIST = 17;
    internal const int ENODEV = 19;
    internal const int EINVAL = 22;
    internal const int EFBIG = 27;
    internal const int EWOULDBLOCK = 35;
    internal const int EOPNOTSUPP = 45;
}
