namespace SystemRdl;

/// <summary>
/// Runs the program that embedded Perl (clause 16.3) was turned into. The compiler starts no process; a host that has its user's consent to
/// run what a description holds gives it one of these.
/// </summary>
/// <param name="program">For perl's standard input, in UTF-8.</param>
public delegate PerlRun PerlInterpreter(string program);

/// <summary>What a run of perl gave.</summary>
/// <param name="Succeeded">Whether perl ended with the exit code 0.</param>
/// <param name="Output">Its standard output, read as UTF-8; of no use when it failed.</param>
/// <param name="Messages">Its standard error, or why it could not be run; empty when there is nothing to say.</param>
public sealed record PerlRun(bool Succeeded, string Output, string Messages);
