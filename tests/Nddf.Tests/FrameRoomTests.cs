using L4;

namespace Nddf.Tests;

/// <summary>What a driver knows of the slots that it was handed.</summary>
public sealed class FrameRoomTests : IDisposable
{
    private const uint Slots = 16;

    private readonly L4System _system = new(new RealClock());
    private readonly IDisposable _attached;
    private readonly Mapping _mapping;
    private readonly FrameSubmitter _framework;
    private readonly FrameChannelEnd _driver;

    public FrameRoomTests()
    {
        var task = _system.CreateTask("driver");
        _attached = task.Enter();
        var ring = task.CreateDataspace("ring", FrameRing.BytesFor(Slots));
        _mapping = task.Map(ring);
        _framework = new FrameSubmitter(_mapping, Slots);
        _driver = new FrameChannelEnd(task, Slots, ring, task.CreatePortal(new Nobody()));
    }

    public void Dispose()
    {
        _driver.Dispose();
        _mapping.Dispose();
        _attached.Dispose();
        _system.Dispose();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(64, 8)]
    public void Room_is_what_was_asked_for_or_half_of_the_queue(int frames, int needed)
    {
        // Several laps, so that the phase turns at every place.
        for (uint slot = 0; slot < 5 * Slots;)
        {
            for (int handedOver = 0; handedOver < needed; handedOver++)
            {
                _driver.HasRoomFor(frames).ShouldBeFalse();
                _framework.Submissions.Write(new FrameDescriptor(slot++ % Slots, 0));
            }
            _driver.HasRoomFor(frames).ShouldBeTrue();
            for (int taken = 0; taken < needed; taken++)
                _driver.TryTake(out _).ShouldBeTrue();
        }
    }

    [Fact]
    public void Driver_that_must_wait_says_so_in_the_ring_until_it_stops()
    {
        _framework.State.ShouldBe(NicState.None);
        _driver.MustWaitForRoom(2).ShouldBeTrue();
        _framework.State.ShouldBe(NicState.WantsSlots);
        _driver.StopWaitingForRoom();
        _framework.State.ShouldBe(NicState.None);

        _framework.Submissions.Write(new FrameDescriptor(0, 0));
        _framework.Submissions.Write(new FrameDescriptor(1, 0));
        _driver.MustWaitForRoom(2).ShouldBeFalse();
        _framework.State.ShouldBe(NicState.None);
    }

    private sealed class Nobody : IPortalHandler
    {
        public ulong Enter(ulong word) => 0;
    }
}
