namespace L4;

/// <summary>Whether a device can be used.</summary>
public enum DeviceState
{
    /// <summary>It has a driver.</summary>
    Running,

    /// <summary>Its driver ended, and another is to come: requests wait.</summary>
    Recovering,

    /// <summary>It cannot be used any more.</summary>
    GivenUp,
}
