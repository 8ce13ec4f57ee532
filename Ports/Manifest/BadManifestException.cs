namespace Ports;

/// <summary>A <c>port.yaml</c> is missing or wrong. The message is one line: the file, the line, what.</summary>
public sealed class BadManifestException : Exception
{
    /// <param name="file">The file.</param>
    /// <param name="line">The line, from 1 on; 0 when it is about the whole file.</param>
    /// <param name="problem">What is wrong.</param>
    /// <param name="inner">What was seen below, if anything.</param>
    public BadManifestException(string file, long line, string problem, Exception? inner = null)
        : base($"{file}{(line == 0 ? "" : $", line {line}")}: {problem.ReplaceLineEndings(" ")}", inner)
    {
    }
}
