using Registers;

namespace CommandGuard;

/// <summary>A channel's command block.</summary>
[RegisterAccess("piix3-ide.rdl", "primary.taskfile")]
internal static partial class TaskfileBlock;

/// <summary>A channel's control block.</summary>
[RegisterAccess("piix3-ide.rdl", "primary.control")]
internal static partial class ControlBlock;

/// <summary>A channel's bus master.</summary>
[RegisterAccess("piix3-ide.rdl", "primary.busMaster")]
internal static partial class BusMasterBlock;
