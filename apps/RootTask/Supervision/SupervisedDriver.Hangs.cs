using System.Globalization;
using L4;

namespace RootTask;

/// <summary>How the end of a driver is seen, and that one that lives does not do its work.</summary>
internal sealed partial class SupervisedDriver
{
    /// <summary>A service is gone, perhaps that of the driver at work.</summary>
    private const ulong GoneBit = 2;

    private bool _mayBeGone;

    /// <summary>What is wrong with a driver that lives; null when nothing is. On the supervisor's thread.</summary>
    /// <param name="isTime">Whether it is to be looked for hangs.</param>
    private (LossCause Cause, string Text)? FindFault(bool isTime)
    {
        (LossCause, string)? found = null;
        bool isInTime = WithinLimit(_limits.Baton, () =>
        {
            if (_role.Complaint(Name) is { } complaint)
                found = (LossCause.FalseCompletion, complaint);
            if (!isTime || found is not null)
                return;
            if (_mayBeGone && !Serves())
            {
                found = (LossCause.Exit, "it does not serve any more, though it lives");
                return;
            }
            if (_role.OldestRequest(Name) > Nanoseconds(_limits.Request))
                found = (LossCause.Hang, string.Create(CultureInfo.InvariantCulture, $"a request was not done within {_limits.Request.TotalSeconds:0.###} s"));
        });
        return isInTime ? found : (LossCause.Hang, string.Create(CultureInfo.InvariantCulture, $"it lets nobody get on for {_limits.Baton.TotalSeconds:0.###} s"));
    }

    /// <summary>Wakes the thread at the driver's end. The gate of a task with a process of its own is gone a moment before it is known how that ended.</summary>
    private void WatchForEnd(RunningDriver driver)
    {
        _system.Root.NotifyWhenGone(driver.Gate, _capability, GoneBit);
        driver.Task.NotifyWhenStopped(_system.Root, _capability, LookBit);
    }

    /// <summary>Whether the driver can be asked; one that has ended altogether is seen for itself.</summary>
    private bool Serves()
    {
        try
        {
            _role.WaitForProbe(_driver!.Gate);
            _mayBeGone = false;
            return true;
        }
        catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone)
        {
            return _driver!.Task.IsDead;
        }
    }

    /// <summary>Asks the driver, or the framework, which asks it in turn: neither may have to wait for a driver that never answers. Its end is seen for itself.</summary>
    /// <returns>False when the time was over: then the driver was ended.</returns>
    private bool WithinLimit(TimeSpan limit, Action ask)
    {
        var driver = _driver!;
        bool isInTime = true;
        using (new TimeLimit(_system.Root, limit, () =>
        {
            isInTime = false;
            driver.Task.Kill("it answers nothing");
        }))
        {
            try
            {
                ask();
            }
            catch (ServiceException exception) when (exception.Error == ServiceError.ServerGone)
            {
                // It has ended meanwhile.
            }
        }
        return isInTime;
    }
}
