namespace Fovea.Runs.Graph;

/// <summary>What a run has to do with a stage.</summary>
internal enum StageAction
{
    /// <summary>It is complete.</summary>
    Skip,

    /// <summary>It is not there.</summary>
    Start,

    /// <summary>It was interrupted.</summary>
    Continue,

    /// <summary>It is to be made again, from nothing.</summary>
    Replace,
}

/// <summary>A stage of a run, and what is to be done with it.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Folder">Where its results go.</param>
/// <param name="Record">What it is made from now.</param>
/// <param name="Action">What to do.</param>
internal sealed record StageDecision(IStage Stage, string Folder, StageRecord Record, StageAction Action);
