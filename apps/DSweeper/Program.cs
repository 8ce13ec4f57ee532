using DSweeper;
using DSweeper.Terminal;

bool input = !Console.IsInputRedirected;
bool error = !Console.IsErrorRedirected;
bool window = input && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
var console = new SweeperConsole(Console.Out, Console.Error, Console.In, window ? () => new TerminalSession() : null, input && error, error);
return (int)new SweeperApplication(console, RootTaskSystem.StarterFor).Run(args);
