using DSweeper.Terminal;

namespace DSweeper.Screens;

/// <summary>One line while something takes its time.</summary>
internal sealed class MessagePage(string text) : IPage
{
    /// <inheritdoc />
    public string Help => "";

    /// <inheritdoc />
    public void Draw(Canvas canvas, int first, int rows) => canvas.Put(first + rows / 2, 1, text);

    /// <inheritdoc />
    public ScreenRequest Handle(ConsoleKeyInfo key) => ScreenRequest.None;
}
