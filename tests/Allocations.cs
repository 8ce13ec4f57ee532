namespace Testing;

/// <summary>Whether a path allocates managed memory once it is warm. In every test project.</summary>
internal static class Allocations
{
    private const int MostBatches = 20;

    /// <summary>
    /// Runs a batch again and again, until one allocates nothing on this thread. The runtime allocates now and then for itself while it compiles
    /// and recompiles what is used much (texts, statics); what the path itself allocates would be in every batch.
    /// </summary>
    /// <param name="batch">Enough rounds that whatever a round does now and then is in each batch.</param>
    public static void ShouldSettleAtNone(Action batch)
    {
        long least = long.MaxValue;
        for (int i = 0; i < MostBatches && least != 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            batch();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        least.ShouldBe(0, $"bytes in the best of {MostBatches} batches");
    }
}
