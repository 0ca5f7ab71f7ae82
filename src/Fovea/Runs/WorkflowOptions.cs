using static TorchSharp.torch;

namespace Fovea.Runs;

/// <summary>How a run is carried out; nothing here changes its results.</summary>
public sealed record WorkflowOptions
{
    /// <summary>A stage to do again with those after it: <c>train</c>, <c>harvest</c>, <c>dictionary</c>, <c>dictionary layer4/topk</c>, <c>features</c>.</summary>
    public string? Redo { get; init; }

    /// <summary>The last stage to do; null for all. Earlier stages are done or skipped as needed.</summary>
    public string? Until { get; init; }

    /// <summary>The command line, for <c>run.json</c>.</summary>
    public string Command { get; init; } = "";

    /// <summary>The process's exit code after an interruption, for <c>run.json</c>; asked once it has come.</summary>
    public Func<int> ExitCodeOfInterruption { get; init; } = () => 130;

    /// <summary>Where tensors live.</summary>
    public Device? Device { get; init; }

    /// <summary>Told what is going on.</summary>
    public IProgress<WorkflowProgress>? Progress { get; init; }

    /// <summary>Told in words: one line a finished or skipped stage.</summary>
    public Action<string>? Log { get; init; }
}
