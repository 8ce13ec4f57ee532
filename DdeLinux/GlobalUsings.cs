// What every room of the shim uses of the kit.
global using CallTrace = DdeKit.Foreign.CallTrace;
global using DiskOperation = DdeKit.DiskOperation;
global using DiskOutcome = DdeKit.DiskOutcome;
global using DiskStatus = DdeKit.DiskStatus;
global using FormatSpecification = DdeKit.Foreign.FormatSpecification;
global using FormatWriter = DdeKit.Foreign.FormatWriter;
global using KernelFaultException = DdeKit.Foreign.KernelFaultException;
global using KernelFunctionAttribute = DdeKit.Foreign.KernelFunctionAttribute;
global using KernelFunctionEntry = DdeKit.Foreign.KernelFunctionEntry;
global using KernelMemory = DdeKit.Foreign.KernelMemory;
global using KernelString = DdeKit.Foreign.KernelString;
global using LogLevel = DdeKit.LogLevel;
global using SenseTriple = DdeKit.SenseTriple;
