using System.CommandLine;
using Bench;
using DdeKit.Foreign;
using DdeKit.Foreign.Btf;
using DdeLinux.Packs;
using L4;
using Ports;
using RootTask;

namespace Dde;

/// <summary>The command line tool <c>dde</c>.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is [StartProbe.Command, ..])
            return StartProbe.Run(arguments.AsSpan(1));
        // Started by a bench, for its other process.
        if (arguments is [IpcBench.TaskArgument])
            return ChildTask.Run(IpcBench.Programs);
        var root = new RootCommand("Runs foreign kernel drivers as ordinary processes: kernel packs, ports, register descriptions, benches.")
        {
            KernelCommand.Create(),
            PortCommand.Create(),
            RunCommand.Create(),
            TraceCommand.Create(),
            PsCommand.Create(),
            EventsCommand.Create(),
            ReplaceCommand.Create(),
            RegistersCommand.Create(),
            NicCommand.Create(),
            DemoCommand.Create(),
            FaultsCommand.Create(),
            BenchCommand.Create(),
        };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count != 0)
        {
            // A word that is no command is the mistake; that a command is missing then follows from it.
            string problem = parsed.UnmatchedTokens is [var word, ..] ? $"'{word}' is no command or option here" : parsed.Errors[0].Message;
            return Fail(ExitCode.Usage, $"{problem} (see dde --help)");
        }
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (SystemStartException exception)
        {
            return Fail(exception.Code, exception.Message);
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone)
        {
            return Fail(ExitCode.DriverGone, exception.Message);
        }
        catch (PackException exception)
        {
            return Fail(exception.Error == PackError.MissingPrerequisite ? ExitCode.MissingPrerequisite : ExitCode.Module, exception.Message);
        }
        catch (Exception exception) when (exception is BadBtfException or BadModuleException or BadManifestException)
        {
            return Fail(ExitCode.Module, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Fail(ExitCode.InputOutput, $"reading or writing failed: {(exception.InnerException ?? exception).Message}");
        }
        catch (Exception exception)
        {
            // A mistake of this program: the trace is for who mends it.
            return Fail(ExitCode.Internal, $"internal error: {exception}");
        }
    }

    private static int Fail(ExitCode code, string message)
    {
        Console.Error.WriteLine($"dde: {message}");
        return (int)code;
    }
}
