namespace Emulator;

/// <summary>The host adapter's end of an ATA cable.</summary>
internal interface IAtaHost
{
    /// <summary>INTRQ changed. Called on changes only.</summary>
    void SetInterruptRequest(bool asserted);

    /// <summary>DMARQ: the selected device waits for its data to be moved (<see cref="AtaDisk.TransferDma"/>).</summary>
    void RequestDma();
}
