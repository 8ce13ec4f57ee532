using DSweeper.Terminal;

namespace DSweeper.Screens;

/// <summary>What the person wants the program to do.</summary>
internal enum ScreenRequest
{
    /// <summary>Nothing beyond the screen itself.</summary>
    None,

    /// <summary>Leave.</summary>
    Quit,

    /// <summary>Go on with what was chosen.</summary>
    Start,

    /// <summary>The serial numbers are typed: write.</summary>
    Confirmed,

    /// <summary>Stop the run.</summary>
    Cancel,

    /// <summary>Back to the choice.</summary>
    Back,
}

/// <summary>One screenful below the title. Drawing changes nothing, keys draw nothing, so that tests can look at one without the other.</summary>
internal interface IPage
{
    /// <summary>The keys, for the last row.</summary>
    string Help { get; }

    /// <summary>Draws into the rows from <paramref name="first"/> on.</summary>
    void Draw(Canvas canvas, int first, int rows);

    /// <summary>Takes a key.</summary>
    ScreenRequest Handle(ConsoleKeyInfo key);
}
