using DSweeper.Screens;

namespace DSweeper.Tests;

/// <summary>Typing.</summary>
internal static class Keys
{
    internal static ConsoleKeyInfo Of(ConsoleKey key, char character = '\0') => new(character, key, false, false, false);

    internal static readonly ConsoleKeyInfo ControlC = new('\x03', ConsoleKey.C, false, false, true);

    internal static readonly ConsoleKeyInfo BackTab = new('\t', ConsoleKey.Tab, true, false, false);

    /// <summary>Presses keys; the answer is that to the last.</summary>
    internal static ScreenRequest Press(this SweeperScreen screen, params ConsoleKey[] keys)
    {
        var request = ScreenRequest.None;
        foreach (var key in keys)
            request = screen.Handle(Of(key));
        return request;
    }

    /// <summary>Types text and presses Enter.</summary>
    internal static ScreenRequest Type(this SweeperScreen screen, string text)
    {
        foreach (char character in text)
            screen.Handle(Of(char.IsAsciiLetter(character) ? Enum.Parse<ConsoleKey>(char.ToUpperInvariant(character).ToString()) : ConsoleKey.NoName, character));
        return screen.Press(ConsoleKey.Enter);
    }
}
