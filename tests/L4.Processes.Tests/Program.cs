using L4;
using L4.Processes.Tests;

return ChildTask.Run(Companion.Programs);
