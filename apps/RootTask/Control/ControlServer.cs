using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using DdeLinux.Packs;
using Ports;

namespace RootTask;

/// <summary>
/// Lets other processes of the same user see a running system and have drivers replaced: a unix socket with a JSON object a line. Its threads
/// are the host's, not the system's: they wait for people, and time does not.
/// </summary>
internal sealed class ControlServer : IDisposable
{
    private const int Backlog = 8;
    private const int ConnectionLimit = 16;

    private readonly Lock _lock = new();
    private readonly List<Socket> _connections = [];
    private readonly DdeSystem _system;
    private readonly string _file;
    private readonly Socket _listener;
    private volatile bool _isDisposed;

    private ControlServer(DdeSystem system, string file, Socket listener) => (_system, _file, _listener) = (system, file, listener);

    /// <summary>Starts it.</summary>
    /// <exception cref="IOException">There is no place for the socket.</exception>
    /// <exception cref="SocketException">There can be no socket.</exception>
    internal static ControlServer Start(DdeSystem system)
    {
        string file = Path.Combine(ControlFolder.Make(), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + ControlFolder.Ending);
        // Of an earlier process of the same number, or of another system of this one: the newest is found.
        File.Delete(file);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(file));
            listener.Listen(Backlog);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
        var server = new ControlServer(system, file, listener);
        StartThread("control", server.Accept);
        return server;
    }

    /// <summary>Ends all connections.</summary>
    public void Dispose()
    {
        Socket[] connections;
        lock (_lock)
        {
            _isDisposed = true;
            connections = [.. _connections];
        }
        _listener.Dispose();
        File.Delete(_file);
        foreach (var connection in connections)
            connection.Dispose();
    }

    private static void StartThread(string name, ThreadStart body) => new Thread(body) { IsBackground = true, Name = name }.Start();

    private void Accept()
    {
        try
        {
            while (true)
            {
                var connection = _listener.Accept();
                lock (_lock)
                {
                    if (!_isDisposed && _connections.Count < ConnectionLimit)
                    {
                        _connections.Add(connection);
                        StartThread("control connection", () => Serve(connection));
                        continue;
                    }
                }
                connection.Dispose();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The system ends.
        }
    }

    private void Serve(Socket connection)
    {
        try
        {
            using var stream = new NetworkStream(connection, ownsSocket: true);
            ControlAnswer? failure = null;
            try
            {
                Answer(ReadRequest(stream), stream, connection);
            }
            catch (SystemStartException exception)
            {
                failure = new ControlAnswer(Error: exception.Message, Code: exception.Code);
            }
            catch (Exception exception) when (exception is JsonException or NotSupportedException)
            {
                failure = new ControlAnswer(Error: $"the request makes no sense: {exception.Message}", Code: ExitCode.Usage);
            }
            if (failure is not null)
                Write(stream, failure);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Whoever asked is gone.
        }
        finally
        {
            lock (_lock)
                _connections.Remove(connection);
        }
    }

    private static ControlRequest ReadRequest(Stream stream)
    {
        byte[] line = new byte[ControlAnswer.LongestRequest];
        int length = 0;
        while (true)
        {
            int read = length == line.Length ? throw new JsonException($"it is longer than {line.Length} bytes") : stream.Read(line, length, line.Length - length);
            int end = Array.IndexOf(line, (byte)'\n', length, read);
            if (read == 0 || end >= 0)
                return JsonSerializer.Deserialize(line.AsSpan(0, end >= 0 ? end : length), ControlJson.Default.ControlRequest) ?? throw new JsonException("it is null");
            length += read;
        }
    }

    private void Answer(ControlRequest request, NetworkStream stream, Socket connection)
    {
        switch (request.Command)
        {
            case ControlRequest.Show:
                Write(stream, new ControlAnswer(new SystemStatus(Environment.ProcessId, _system.Client.Name, _system.Clock.Now, _system.Supervisor.Drivers)));
                break;
            case ControlRequest.Events:
                using (var events = new EventQueue(_system.Events, request.Follow))
                {
                    while (events.Take(() => IsGone(connection)) is { } answer)
                        Write(stream, answer);
                }
                break;
            case ControlRequest.Replace:
                Write(stream, Replace(request));
                break;
            default:
                throw new SystemStartException(ExitCode.Usage, $"'{request.Command}' is no command; there are {ControlRequest.Show}, {ControlRequest.Events}, {ControlRequest.Replace}");
        }
    }

    /// <summary>Whether whoever asked has left: nobody sends anything after a request.</summary>
    private bool IsGone(Socket connection) => _isDisposed || connection.Poll(0, SelectMode.SelectRead);

    private ControlAnswer Replace(ControlRequest request)
    {
        if (request is not { Device: { } device, Port: { } port })
            throw new SystemStartException(ExitCode.Usage, "a device and a port are needed");
        string? failure = null;
        using var done = new ManualResetEventSlim();
        try
        {
            _system.Supervisor.BeginReplace(device, port, request.Kernel, text =>
            {
                failure = text;
                done.Set();
            });
        }
        catch (Exception exception) when (exception is PackException or BadManifestException)
        {
            return new ControlAnswer(Error: exception.Message, Code: ExitCode.Module);
        }
        done.Wait();
        return failure is null ? new ControlAnswer() : new ControlAnswer(Error: failure, Code: ExitCode.DriverGone);
    }

    private static void Write(Stream stream, ControlAnswer answer) =>
        stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(answer, ControlJson.Default.ControlAnswer) + "\n"));
}
