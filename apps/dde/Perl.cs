using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using SystemRdl;

namespace Dde;

/// <summary>Runs perl for descriptions that embed it, once the user asked for that.</summary>
internal static class Perl
{
    // A description's loops print some kilobytes in milliseconds; one that takes longer never ends.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // More than a hundred times what the largest description of a chip has.
    private const int MaximumCharacters = 1 << 26;

    private static readonly UTF8Encoding s_text = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Never throws: what keeps perl from running is its message.</summary>
    internal static PerlRun Run(string program)
    {
        var start = new ProcessStartInfo("perl", ["-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = s_text,
            StandardOutputEncoding = s_text,
            StandardErrorEncoding = s_text,
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start)!;
            var output = ReadAsync(process, process.StandardOutput);
            var messages = ReadAsync(process, process.StandardError);
            try
            {
                process.StandardInput.Write(program);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended before it read everything; its messages say why.
            }

            if (!process.WaitForExit(s_patience))
            {
                process.Kill(entireProcessTree: true);
                return new(false, "", $"it did not end within {s_patience.TotalSeconds:0} seconds");
            }

            var (printed, said) = (output.GetAwaiter().GetResult(), messages.GetAwaiter().GetResult());
            return printed is null || said is null
                ? new(false, "", $"it prints more than {MaximumCharacters} characters")
                : new(process.ExitCode == 0, printed, said);
        }
        catch (Win32Exception)
        {
            return new(false, "", "perl is not there: install it (apt install perl)");
        }
    }

    /// <summary>Null when there is too much; the process then ends.</summary>
    private static async Task<string?> ReadAsync(Process process, StreamReader reader)
    {
        var text = new StringBuilder();
        var buffer = new char[1 << 14];
        while (await reader.ReadAsync(buffer) is var count and > 0)
        {
            if (text.Append(buffer, 0, count).Length <= MaximumCharacters)
                continue;
            process.Kill(entireProcessTree: true);
            return null;
        }

        return text.ToString();
    }
}
