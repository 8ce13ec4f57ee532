using RootTask;

namespace Dde;

/// <summary>Shows what happens to links and drivers while a command stays with a system.</summary>
internal static class LinkEvents
{
    /// <summary>Writes a line for each link, wire or driver that ends, for as long as the system runs.</summary>
    internal static void ShowOn(DdeSystem system, TextWriter writer) => system.Events.Reported += entry =>
    {
        // The others end at the system's end, of that.
        if (entry.Kind == "link-ended" || entry.Kind == "task-ended" && entry.Text != "disposed")
            writer.WriteLine($"dde: {entry.Source}: {entry.Text}");
    };
}
