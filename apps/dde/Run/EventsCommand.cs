using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using RootTask;

namespace Dde;

/// <summary><c>dde events</c>: what happened in a running system that must not pass in silence.</summary>
internal static class EventsCommand
{
    internal static Command Create()
    {
        var system = new RunningSystem();
        var follow = new Option<bool>("--follow") { Description = "Go on with what comes, until the system ends or Ctrl-C." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var command = new Command("events", "Shows what a running system has reported: drivers lost and recovered, refused accesses, bad completions. Example: dde events --follow")
        {
            follow, json,
        };
        system.AddTo(command);
        command.SetAction(parsed =>
        {
            using var end = new CancellationTokenSource();
            using var signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
            {
                context.Cancel = true;
                end.Cancel();
            });
            foreach (var answer in ControlClient.Ask(system.Find(parsed), new ControlRequest(ControlRequest.Events, Follow: parsed.GetValue(follow)), end.Token))
            {
                var entry = answer.Event!.Value;
                double seconds = entry.TimeNanoseconds / 1e9;
                Console.WriteLine(parsed.GetValue(json)
                    ? JsonSerializer.Serialize(new EventJson(seconds, entry.Source, entry.Kind, entry.Text, answer.Missed), EventLines.Default.EventJson)
                    : string.Create(CultureInfo.InvariantCulture, $"{seconds,12:0.000000}  {entry.Source}  {entry.Kind}  {entry.Text}{(answer.Missed == 0 ? "" : $"  ({answer.Missed} events before it were not read in time)")}"));
            }
            return (int)ExitCode.Ok;
        });
        return command;
    }
}

/// <summary>A line of <c>dde events --json</c>.</summary>
/// <param name="Seconds">Time of the system's clock.</param>
/// <param name="Source">Who reported it.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Text">The whole of it.</param>
/// <param name="Missed">Events before this one that were not read in time.</param>
internal sealed record EventJson(double Seconds, string Source, string Kind, string Text, long Missed);
