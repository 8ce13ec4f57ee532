using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace RootTask;

/// <summary>Asks running systems of the same user.</summary>
public static class ControlClient
{
    /// <summary>The processes of this user that have a system, in order.</summary>
    public static IReadOnlyList<int> Processes
    {
        get
        {
            var processes = new List<int>();
            if (!Directory.Exists(ControlFolder.Path))
                return processes;
            foreach (string file in Directory.EnumerateFiles(ControlFolder.Path, "*" + ControlFolder.Ending))
            {
                if (int.TryParse(Path.GetFileNameWithoutExtension(file), out int process) && IsAlive(file))
                    processes.Add(process);
            }
            processes.Sort();
            return processes;
        }
    }

    /// <summary>Asks a system and hands over its answers as they come.</summary>
    /// <param name="process">The system's process.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="SystemStartException">There is no such system, or it refuses.</exception>
    public static IEnumerable<ControlAnswer> Ask(int process, ControlRequest request, CancellationToken cancellation = default)
    {
        using var socket = Connect(FileOf(process)) ?? throw new SystemStartException(ExitCode.Usage, $"process {process} has no running system");
        using var ending = cancellation.Register(socket.Dispose);
        using var stream = new NetworkStream(socket);
        stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request, ControlJson.Default.ControlRequest) + "\n"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (ReadLine(reader) is { } line)
        {
            var answer = JsonSerializer.Deserialize(line, ControlJson.Default.ControlAnswer)!;
            yield return answer.Error is { } error ? throw new SystemStartException(answer.Code, error) : answer;
        }
    }

    private static string FileOf(int process) => Path.Combine(ControlFolder.Path, $"{process}{ControlFolder.Ending}");

    /// <summary>The next line; null when the system, or the reading, has ended.</summary>
    private static string? ReadLine(StreamReader reader)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static bool IsAlive(string file)
    {
        using var socket = Connect(file);
        if (socket is null)
            File.Delete(file);
        return socket is not null;
    }

    /// <summary>A connection; null when nobody listens any more.</summary>
    private static Socket? Connect(string file)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(file));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
