namespace DdeLinux;

/// <summary>
/// Byte limits of transmit queues (include/linux/dynamic_queue_limits.h): a queue takes as many bytes as its device needs to stay busy between two
/// completions, and no more. Drivers count what they queue inline and have completions judged here.
/// </summary>
internal sealed partial class DynamicQueueLimits(LinuxKernel kernel)
{
    /// <summary>The limit's upper bound: what the distance of two counters can be, with room for a large packet (DQL_MAX_LIMIT).</summary>
    private const uint LargestLimit = (uint.MaxValue / 2) - (uint.MaxValue / 16);

    /// <summary>Prepares a queue's limit; it starts at nothing and grows when the queue runs empty.</summary>
    internal void Initialize(DynamicQueueLimit limit)
    {
        limit.max_limit = LargestLimit;
        limit.min_limit = 0;
        limit.slack_hold_time = Timekeeping.TicksPerSecond;
        dql_reset(limit);
    }

    [KernelFunction]
    public void dql_reset(DynamicQueueLimit limit)
    {
        limit.limit = limit.min_limit;
        limit.num_queued = 0;
        limit.num_completed = 0;
        limit.last_obj_cnt = 0;
        limit.prev_num_queued = 0;
        limit.prev_last_obj_cnt = 0;
        limit.prev_ovlimit = 0;
        StartSlack(limit);
    }

    /// <summary>Bytes have left the queue. Judges the interval since the last call: a queue that ran empty while it was held back gets a higher limit,
    /// one that was busy throughout and never needed part of its limit loses that part after a while.</summary>
    [KernelFunction]
    public void dql_completed(DynamicQueueLimit limit, uint count) => Complete(limit, count, kernel.Timekeeping.JiffiesVariable);

    internal static void Complete(DynamicQueueLimit limit, uint count, long now)
    {
        unchecked
        {
            uint queued = limit.num_queued;
            uint before = limit.num_completed;
            if (count > queued - before)
                throw new KernelFaultException($"queue limit 0x{limit.Address:x}: {count} bytes are completed, but {queued - before} are in the queue");
            uint completed = before + count;
            uint bound = limit.limit;
            uint over = Excess(queued - before, bound);
            uint left = queued - completed;
            // What was queued before the last completion is through: the device may have waited since.
            bool isDrained = (int)(completed - limit.prev_num_queued) >= 0;

            if ((over != 0 && left == 0) || (limit.prev_ovlimit != 0 && isDrained))
            {
                bound += Excess(completed, limit.prev_num_queued) + limit.prev_ovlimit;
                StartSlack(limit, now);
            }
            else if (left != 0 && limit.prev_num_queued != before && !isDrained)
            {
                uint slack = Excess(bound + limit.prev_ovlimit, 2 * (completed - before));
                if (limit.prev_ovlimit != 0)
                    slack = Math.Max(slack, Excess(limit.prev_last_obj_cnt, limit.prev_ovlimit));
                limit.lowest_slack = Math.Min(limit.lowest_slack, slack);
                if (now - (long)limit.slack_start_time > limit.slack_hold_time)
                {
                    bound = Excess(bound, limit.lowest_slack);
                    StartSlack(limit, now);
                }
            }

            bound = Math.Clamp(bound, limit.min_limit, limit.max_limit);
            if (bound != limit.limit)
            {
                limit.limit = bound;
                over = 0;
            }
            limit.adj_limit = bound + completed;
            limit.prev_ovlimit = over;
            limit.prev_last_obj_cnt = limit.last_obj_cnt;
            limit.num_completed = completed;
            limit.prev_num_queued = queued;
        }
    }

    /// <summary>How far one running counter is ahead of another; 0 when it is behind.</summary>
    private static uint Excess(uint ahead, uint behind) => unchecked((int)(ahead - behind) > 0 ? ahead - behind : 0);

    private void StartSlack(DynamicQueueLimit limit) => StartSlack(limit, kernel.Timekeeping.JiffiesVariable);

    private static void StartSlack(DynamicQueueLimit limit, long now)
    {
        limit.slack_start_time = unchecked((ulong)now);
        limit.lowest_slack = uint.MaxValue;
    }
}

/// <summary>A queue's limit (include/linux/dynamic_queue_limits.h). Counters run and wrap.</summary>
[KernelStruct("dql")]
internal readonly partial struct DynamicQueueLimit
{
    /// <summary>Bytes ever queued; inlined code adds to it.</summary>
    [Field]
    public partial uint num_queued { get; set; }

    /// <summary>Up to where <see cref="num_queued"/> may go; inlined code reads it.</summary>
    [Field]
    public partial uint adj_limit { get; set; }

    [Field]
    public partial uint last_obj_cnt { get; set; }

    [Field]
    public partial uint limit { get; set; }

    [Field]
    public partial uint num_completed { get; set; }

    [Field]
    public partial uint prev_ovlimit { get; set; }

    [Field]
    public partial uint prev_num_queued { get; set; }

    [Field]
    public partial uint prev_last_obj_cnt { get; set; }

    [Field]
    public partial uint lowest_slack { get; set; }

    [Field]
    public partial ulong slack_start_time { get; set; }

    [Field]
    public partial uint max_limit { get; set; }

    [Field]
    public partial uint min_limit { get; set; }

    [Field]
    public partial uint slack_hold_time { get; set; }
}

public sealed partial class LinuxKernel
{
    internal DynamicQueueLimits DynamicQueueLimits => field ??= new DynamicQueueLimits(this);
}
