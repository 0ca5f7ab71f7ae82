using System.Text.Json.Serialization;

namespace Fovea.Explorer.Jobs;

/// <summary>Where an order stands.</summary>
public enum JobState
{
    /// <summary>Others are before it.</summary>
    Waiting,

    /// <summary>It is being made.</summary>
    Running,

    /// <summary>It is done: its pictures are in the run folder, its numbers are at hand.</summary>
    Done,

    /// <summary>It could not be made.</summary>
    Failed,

    /// <summary>Somebody did not want it any more.</summary>
    Cancelled,
}

/// <summary>An order and where it stood when it was looked at.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Order">What was asked for.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Done">Steps made, or images judged.</param>
/// <param name="Total">Of them in all; 0: not known yet.</param>
/// <param name="Before">How many stand before it.</param>
/// <param name="Message">Why it failed, or what the command said last; empty: nothing.</param>
public sealed record Job<TOrder>(string Id, TOrder Order, JobState State, long Done, long Total, int Before, string Message)
{
    /// <summary>Whether something is still to come.</summary>
    public bool IsOpen => State is JobState.Waiting or JobState.Running;

    /// <summary>What the command printed.</summary>
    [JsonIgnore]
    public string Output { get; init; } = "";
}
