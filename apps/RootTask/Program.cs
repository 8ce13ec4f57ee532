using L4;
using RootTask;

// The program that each task with a process of its own runs. People start dde or dsweeper.
try
{
    return ChildTask.Run(SystemPrograms.All);
}
catch (ServiceException exception)
{
    Console.Error.WriteLine(exception.Message);
    return (int)ExitCode.Internal;
}
